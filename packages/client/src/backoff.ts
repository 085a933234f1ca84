/** Waits between attempts, in milliseconds. */
export interface Backoff {
  delayMinMs: number;
  delayMaxMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { delayMinMs: 250, delayMaxMs: 30_000 };

/**
 * The wait before attempt `attempt` (from 0). It doubles from `delayMinMs` to `delayMaxMs`, and half of it is
 * random, so that the clients of a restarted exchange do not all come back at once.
 *
 * `random` is from 0 to 1.
 */
export function backoffDelayMs(backoff: Backoff, attempt: number, random: number): number {
  const ceiling = Math.min(backoff.delayMaxMs, backoff.delayMinMs * 2 ** attempt);
  return ceiling / 2 + (ceiling / 2) * random;
}
