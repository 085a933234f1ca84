/**
 * Does what has to be done before a moment, which comes `firstMs` after the first try and twice as late after each that was
 * too slow: no machine is too busy. What fails before the moment has failed.
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

/** Does what has to be done within so long, again while it failed and had taken longer. */
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
