import { spyOn } from "bun:test";
import fs from "node:fs";

/** What each flush of a file comes to from now on, until it is disposed of. */
export function flushes(flush: () => Promise<void>): Disposable {
  const spy = spyOn(fs, "fdatasync");
  spy.mockImplementation(((_: number, done: (error: Error | null) => void) => {
    flush().then(() => done(null), done);
  }) as typeof fs.fdatasync);
  return { [Symbol.dispose]: () => spy.mockRestore() };
}
