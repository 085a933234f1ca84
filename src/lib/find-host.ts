/**
 * Looks up the names of other hosts, before anything connects to them.
 *
 * Bun's own connections ask the system's resolver, in a small pool of threads that the journal's flushes use as well.
 * Two names that nobody answers for would keep all orders waiting, for seconds each time. c-ares waits in the event
 * loop instead. So a connection is made only when c-ares has found the name.
 */
import { type IpAddress, parseIpAddress } from "./ip-address.ts";

/** The host of a URL, an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** The addresses of a host's name, or the address itself if `host` is one. Rejects with the resolver's error. */
export async function addressesOf(host: string): Promise<IpAddress[]> {
  const literal = parseIpAddress(host);
  if (literal !== null) return [literal];
  const found = await Bun.dns.lookup(host, { backend: "c-ares" });
  return found.flatMap(({ address }) => parseIpAddress(address) ?? []);
}

/**
 * Resolves when the host of `url` has been found. Rejects with the resolver's error, or with the reason of `signal`
 * when that is aborted.
 */
export async function findHost(url: string | URL, signal?: AbortSignal | null): Promise<void> {
  const ended = Promise.withResolvers<never>();
  const onAbort = (): void => ended.reject(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  try {
    await Promise.race([addressesOf(hostOf(new URL(url))), ended.promise]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
