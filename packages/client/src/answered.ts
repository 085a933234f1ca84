import { type Backoff, backoffDelayMs } from "./backoff.ts";
import { ConnectionError, isPassing } from "./errors.ts";
import { wait } from "./wait.ts";

const BACKOFF: Backoff = { delayMinMs: 500, delayMaxMs: 15_000 };

/**
 * Asks a question until there is an answer. It waits longer each time, and at least as long as the exchange
 * asked for. Rejects with a refusal that will not pass, and with any error when `isWanted` returns false.
 */
export async function answered<T>(
  question: () => Promise<T>,
  isWanted: () => boolean = () => true,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await question();
    } catch (error) {
      if (!isWanted() || !(error instanceof ConnectionError || isPassing(error))) throw error;
      const askedMs = isPassing(error) ? (error.retryAfterMs ?? 0) : 0;
      await wait(Math.max(askedMs, backoffDelayMs(BACKOFF, attempt, Math.random())));
    }
  }
}
