/** Where a webhook leads: its URL, and the addresses that the URL's name has at the moment. */
import { addressesOf, hostOf } from "../lib/find-host.ts";
import { type IpAddress, ipAddressText, isInNetwork, type Network } from "../lib/ip-address.ts";
import { isPrivate } from "./private-networks.ts";

export interface Target {
  /** The checked addresses. A connection goes to one of these; the name is not looked up again for it. */
  readonly addresses: readonly [string, ...string[]];
  readonly port: number;
  readonly url: URL;
}

/** Why a webhook may not lead there. */
export class TargetRefused extends Error {
  override readonly name = "TargetRefused";
  /** `message` is for the webhook's user; `detail` is for the log, because the user must not know it. */
  constructor(
    message: string,
    readonly detail?: string,
  ) {
    super(message);
  }
}

/** Parses the URL of a webhook. Throws `TargetRefused` for a text that cannot be one, whatever its name's addresses are. */
export function parseTarget(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new TargetRefused("Must be an address such as https://example.com/hook");
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new TargetRefused("Must begin with https://");
  }
  if (url.username !== "" || url.password !== "") throw new TargetRefused("Must hold no login");
  return url;
}

/** How long a lookup may take. The resolver alone would wait for 28 s, and hold up a post or a user's request meanwhile. */
const LOOKUP_MS = 5000;

export interface Lookup {
  find?: (host: string) => Promise<IpAddress[]>;
  lookupMs?: number;
}

/**
 * Looks up the URL's name. With https every address of it must be public or in `allowed`; with http every one must be in
 * `allowed`. Rejects with `TargetRefused`, or as the resolver does.
 */
export async function resolveTarget(
  url: URL,
  allowed: readonly Network[],
  lookup: Lookup = {},
): Promise<Target> {
  const host = hostOf(url);
  const addresses = await lookUp(host, lookup);
  for (const address of addresses) {
    if (allowed.some((network) => isInNetwork(address, network))) continue;
    if (isPrivate(address)) {
      const detail = `${host} is ${ipAddressText(address)}`;
      throw new TargetRefused("Its host has no public address", detail);
    }
    if (url.protocol === "http:") throw new TargetRefused("Must begin with https://");
  }
  const [first, ...others] = addresses.map(ipAddressText);
  if (first === undefined) throw new TargetRefused(`${host} has no address`);
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  return { addresses: [first, ...others], port, url };
}

async function lookUp(
  host: string,
  { find = addressesOf, lookupMs = LOOKUP_MS }: Lookup,
): Promise<IpAddress[]> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new TargetRefused("The servers of its host's name did not answer"));
  }, lookupMs);
  try {
    return await Promise.race([find(host), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
