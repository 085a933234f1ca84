/**
 * Throws when `condition` is false. It holds whatever clients send, so only a bug can make it false. `what` says what
 * should have been true.
 */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
