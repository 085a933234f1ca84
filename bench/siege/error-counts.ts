/** Reads the server's own count of the errors that it answered. */
import { fetchFrom } from "./connect.ts";

const METRIC = /^waiver_errors_total\{code="(\d+)"\} (\d+)/gm;
const TIMEOUT_MS = 2_000;

export type ErrorCounts = Readonly<Record<string, number>>;

/** The counts by error code, from `/metrics`; undefined if it does not answer in time. */
export async function errorCounts(port: number): Promise<ErrorCounts | undefined> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const reply = await fetchFrom(port, "/metrics", { signal });
    return readErrorCounts(await reply.text());
  } catch {
    return undefined;
  }
}

export function readErrorCounts(text: string): ErrorCounts {
  return Object.fromEntries(
    [...text.matchAll(METRIC)].map(([, code, count]) => [code, Number(count)]),
  );
}

/** The difference of two counts. */
export function errorsSince(before: ErrorCounts, after: ErrorCounts): ErrorCounts {
  const added = Object.entries(after).map(([code, count]) => [code, count - (before[code] ?? 0)]);
  return Object.fromEntries(added.filter(([, count]) => count !== 0));
}
