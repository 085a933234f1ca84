/**
 * Calls the functions that a program has given, in the order in which it gave them. An error that one of them
 * throws is the program's, and it is reported like any error that nothing catches. It neither keeps the other
 * functions from being called nor ends anything in the client.
 */
export function callAll<A extends readonly unknown[]>(
  handlers: ReadonlySet<(...args: A) => void>,
  ...args: A
): void {
  for (const handler of [...handlers]) {
    // An earlier one may have removed it.
    if (!handlers.has(handler)) continue;
    try {
      handler(...args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
