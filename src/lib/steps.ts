/** Long work that is done in steps: all at once, or with room for others between them. */

/** Lets the event loop turn: a tick, a timer, a request of somebody else. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Does all of it now. */
export function runSteps<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * Does it step by step; signals, timers and requests get their turn in between. Rejects with the reason of `signal`
 * when that is aborted: the work is left after the step it is at, and cleans up after itself.
 */
export async function runStepsBeside<T>(
  steps: Generator<void, T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      await breathe();
      signal?.throwIfAborted();
    }
  } finally {
    // Runs its `finally` blocks when it was left; at its end there is nothing to do.
    steps.return(undefined as T);
  }
}
