/**
 * Names of other hosts, found before anything connects to them.
 *
 * Bun's own connections ask the system's resolver, on the few threads of the pool that the journal's flushes go
 * through: two names that nobody answers for would keep all orders waiting, for seconds each time. c-ares waits on the
 * event loop; only a name that it has found is left to a connection.
 */
import { type IpAddress, parseIpAddress } from "./ip-address.ts";

/** The host of a URL, an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** The addresses of a host, which may be one itself. Rejects with what the resolver says. */
export async function addressesOf(host: string): Promise<IpAddress[]> {
  const literal = parseIpAddress(host);
  if (literal !== null) return [literal];
  const found = await Bun.dns.lookup(host, { backend: "c-ares" });
  return found.flatMap(({ address }) => parseIpAddress(address) ?? []);
}

/** Resolves when the host of `url` has been found. Rejects with what the resolver says, or with the reason of `signal`. */
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
