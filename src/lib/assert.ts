/** Stops on a bug: a condition that holds whatever anybody sends. `what` says what should have held. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
