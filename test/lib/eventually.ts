/**
 * The time between two checks of another process or a disk. Checking without a pause would take the processor
 * from them.
 */
const LOOK_EVERY_MS = 5;

/** Resolves when `condition` holds. Only the test's own time limit ends the wait. */
export function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = async (): Promise<void> => {
    if (await condition()) resolve();
    else setTimeout(() => look().catch(reject), LOOK_EVERY_MS);
  };
  look().catch(reject);
  return promise;
}
