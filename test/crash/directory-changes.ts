import { type FSWatcher, watch } from "node:fs";

/** Waits for files to appear, change their names or vanish. */
export class DirectoryChanges implements Disposable {
  /** Resolves at the change that the caller waits for. */
  readonly reached: Promise<void>;
  readonly #watcher: FSWatcher;

  /** Watches `directory` for changed names that match `matches`, until `count` changes have come. */
  constructor(directory: string, matches: RegExp, count: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.reached = promise;
    let left = count;
    this.#watcher = watch(directory, (event, name) => {
      if (event !== "rename" || name === null || !matches.test(name)) return;
      left--;
      if (left === 0) resolve();
    });
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
  }
}
