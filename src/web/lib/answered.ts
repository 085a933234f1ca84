import { ConnectionError, isPassing } from "@waiver/client";

const DELAY_MIN_MS = 500;
const DELAY_MAX_MS = 15_000;

/**
 * Asks until there is an answer, each time after a longer wait, and not before the exchange said. Rejects with a refusal
 * that stays, and with any where nobody wants the answer any more.
 */
export async function answered<T>(
  question: () => Promise<T>,
  isWanted: () => boolean = () => true,
): Promise<T> {
  for (let delay = DELAY_MIN_MS; ; delay = Math.min(delay * 2, DELAY_MAX_MS)) {
    try {
      return await question();
    } catch (error) {
      if (!isWanted() || !(error instanceof ConnectionError || isPassing(error))) throw error;
      const asked = isPassing(error) ? (error.retryAfterMs ?? 0) : 0;
      // Not all pages of a restarted exchange at once.
      await wait(Math.max(asked, delay * (0.5 + Math.random() / 2)));
    }
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
