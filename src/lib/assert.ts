/**
 * Throws when there is a bug: `condition` holds whatever clients send. `what` says what should have been
 * true.
 */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
