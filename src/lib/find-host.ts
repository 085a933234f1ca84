/** Names of other hosts, found before anything connects to them. */
import { parseIpAddress } from "./ip-address.ts";

/**
 * Resolves when the host of `url` has an address. Rejects with what the resolver says, or with the reason of `signal`.
 *
 * Bun's own connections ask the system's resolver, on the few threads of the pool that the journal's flushes go
 * through: two names that nobody answers for would keep all orders waiting, for seconds each time. c-ares waits on the
 * event loop; only a name that it has found is left to a connection.
 */
export async function findHost(url: string | URL, signal?: AbortSignal | null): Promise<void> {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
  if (parseIpAddress(host) !== null) return;
  const ended = Promise.withResolvers<never>();
  const onAbort = (): void => ended.reject(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  try {
    await Promise.race([Bun.dns.lookup(host, { backend: "c-ares" }), ended.promise]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
