/**
 * Makes a value on the first call and keeps it, so that the start takes no time for it. When that fails, the next call tries
 * again.
 */
export function lazy<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    if (made !== undefined) return made;
    made = make();
    made.catch(() => {
      made = undefined;
    });
    return made;
  };
}
