/**
 * Throws when `condition` is false, which only a bug can cause, not a client. `what` says what should have been true.
 */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
