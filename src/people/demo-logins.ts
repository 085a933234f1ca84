/**
 * Logins to the demo's accounts without a password, for a person at the machine that the demo runs on. Two others must not
 * log in. A page of another site in a browser on this machine: its requests have the site's name in `Origin`, and also in
 * `Host`, even when that name was made to lead to this machine (DNS rebinding). And anybody who comes through a proxy on
 * this machine.
 */
import { isOwnOrigin } from "../gateway/http/origin.ts";
import type { HttpServer } from "../gateway/http/route.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import type { User } from "../identity/user.ts";
import { isInNetwork, type Network, parseIpAddress, parseNetwork } from "../lib/ip-address.ts";

const LOOPBACK = ["127.0.0.0/8", "::1"].map((text) => parseNetwork(text) as Network);
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
/** Headers that proxies add. A client that sends one itself counts as one behind a proxy. */
const PROXY_HEADERS = [
  ...["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"],
];

export class DemoLogins {
  readonly #identity: Pick<IdentityStore, "userOfAccount" | "key">;
  /** Account numbers by name. */
  #accounts: ReadonlyMap<string, number> = new Map();

  constructor(identity: Pick<IdentityStore, "userOfAccount" | "key">) {
    this.#identity = identity;
  }

  /** Whether the user who owns the account, by its number, has or had this key. Keys are random, numbers are given anew. */
  owns(apiKey: string, account: number): boolean {
    const owner = this.#identity.userOfAccount(account);
    return owner !== null && this.#identity.key(apiKey)?.userNumber === owner.number;
  }

  /** Opens logins to these accounts, given as numbers by name. */
  open(accounts: ReadonlyMap<string, number>): void {
    this.#accounts = accounts;
  }

  /** Whether this exchange has demo accounts. */
  get isOpen(): boolean {
    return this.#accounts.size > 0;
  }

  names(): string[] {
    return [...this.#accounts.keys()];
  }

  /** The user who owns the demo account `name`; null when there is no such demo account. */
  user(name: string): User | null {
    const account = this.#accounts.get(name);
    return account === undefined ? null : this.#identity.userOfAccount(account);
  }
}

/** Whether a request comes from this machine, and if from a page, then from the exchange's own. */
export function isLocal(request: Request, server: Pick<HttpServer, "requestIP">): boolean {
  const { headers } = request;
  const peer = parseIpAddress(server.requestIP(request)?.address ?? "");
  if (peer === null || !LOOPBACK.some((network) => isInNetwork(peer, network))) return false;
  if (!LOCAL_HOST.test(headers.get("host") ?? "")) return false;
  if (PROXY_HEADERS.some((name) => headers.has(name))) return false;
  if (headers.has("origin") && !isOwnOrigin(request, false)) return false;
  return ["same-origin", "none"].includes(headers.get("sec-fetch-site") ?? "none");
}
