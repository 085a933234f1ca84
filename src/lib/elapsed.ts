/** Milliseconds from some beginning, for durations: nobody can set this clock, and it never goes back. */
export const elapsed = (): number => performance.now();

/**
 * `clock`, looked at once a turn of the event loop: all frames that a turn hands over came at the same time. Asking
 * for each of them takes 70 ns an order.
 */
export function oncePerTurn(clock: () => number): () => number {
  let now = 0;
  let isOfThisTurn = false;
  const onTurn = (): void => {
    isOfThisTurn = false;
  };
  return () => {
    if (!isOfThisTurn) {
      isOfThisTurn = true;
      now = clock();
      setImmediate(onTurn);
    }
    return now;
  };
}
