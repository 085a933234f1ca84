/**
 * Logins to the demo's accounts without a password, for whoever sits at the machine that the demo runs on. A page of
 * another site that is open in a browser there must not log in: its requests have the site's name in `Origin`, and in
 * `Host` even where that name was made to lead to this machine (DNS rebinding). Nor must anybody who comes through a proxy
 * on this machine.
 */
import { isOwnOrigin } from "../gateway/http/origin.ts";
import type { HttpServer } from "../gateway/http/route.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import type { User } from "../identity/user.ts";
import { isInNetwork, type Network, parseIpAddress, parseNetwork } from "../lib/ip-address.ts";

const LOOPBACK = ["127.0.0.0/8", "::1"].map((text) => parseNetwork(text) as Network);
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
/** What proxies add. A client that adds one itself is taken for one behind a proxy. */
const PROXY_HEADERS = [
  ...["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"],
];

export class DemoLogins {
  readonly #identity: Pick<IdentityStore, "userOfAccount">;
  /** By name, the account. */
  #accounts: ReadonlyMap<string, number> = new Map();

  constructor(identity: Pick<IdentityStore, "userOfAccount">) {
    this.#identity = identity;
  }

  /** From now on these accounts, each by its name, can be logged in to. */
  open(accounts: ReadonlyMap<string, number>): void {
    this.#accounts = accounts;
  }

  /** Whether there is a demo at all. */
  get isOpen(): boolean {
    return this.#accounts.size > 0;
  }

  names(): string[] {
    return [...this.#accounts.keys()];
  }

  /** The user who owns the account of that name; null when it is not the demo's. */
  user(name: string): User | null {
    const account = this.#accounts.get(name);
    return account === undefined ? null : this.#identity.userOfAccount(account);
  }
}

/** Whether a request comes from this machine, and from no page but the exchange's own. */
export function isLocal(request: Request, server: Pick<HttpServer, "requestIP">): boolean {
  const { headers } = request;
  const peer = parseIpAddress(server.requestIP(request)?.address ?? "");
  if (peer === null || !LOOPBACK.some((network) => isInNetwork(peer, network))) return false;
  if (!LOCAL_HOST.test(headers.get("host") ?? "")) return false;
  if (PROXY_HEADERS.some((name) => headers.has(name))) return false;
  if (headers.has("origin") && !isOwnOrigin(request, false)) return false;
  return ["same-origin", "none"].includes(headers.get("sec-fetch-site") ?? "none");
}
