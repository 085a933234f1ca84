/** Between two looks at another process or a disk: who looks all the time takes a processor from what he waits for. */
const LOOK_EVERY_MS = 5;

/** Resolves when `condition` holds; the test's own time limit is the only one. */
export function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = async (): Promise<void> => {
    if (await condition()) resolve();
    else setTimeout(() => look().catch(reject), LOOK_EVERY_MS);
  };
  look().catch(reject);
  return promise;
}
