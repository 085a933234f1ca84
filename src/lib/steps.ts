/** Long work in steps: all at once, or with other work between them. */

/** Resolves in the next turn of the event loop, so that ticks, timers and requests have their turn. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs all steps now. Returns what the generator returns. */
export function runSteps<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * Runs the steps one by one; signals, timers and requests have their turn in between. Rejects with the reason of
 * `signal` when that is aborted: no further step is run, and the generator's `finally` blocks are.
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
    // Runs the `finally` blocks of a generator that has not come to its end. For one that has, this does nothing.
    steps.return(undefined as T);
  }
}
