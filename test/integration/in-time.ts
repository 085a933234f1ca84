/**
 * Does something that must be done before a deadline. The first deadline is `firstMs` away; each attempt that
 * was too slow doubles the time for the next one, so it works on a busy machine. An attempt that fails before
 * its deadline is a failure.
 */
export async function beforeEnd<Result>(
  firstMs: number,
  act: (endsAt: number) => Promise<Result>,
): Promise<Result> {
  for (let ms = firstMs; ; ms *= 2) {
    const endsAt = Date.now() + ms;
    try {
      return await act(endsAt);
    } catch (error) {
      if (Date.now() < endsAt) throw error;
    }
  }
}

/** Does something that must be done within a time limit, and tries again if it failed and had taken longer. */
export async function within<Result>(
  milliseconds: number,
  act: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    const begun = performance.now();
    try {
      return await act();
    } catch (error) {
      if (performance.now() - begun < milliseconds) throw error;
    }
  }
}
