import { spyOn } from "bun:test";
import fs from "node:fs";

/** Decides the result of each flush of a file until it is disposed of. */
export function flushes(flush: () => Promise<void>): Disposable {
  const spy = spyOn(fs, "fdatasync");
  spy.mockImplementation(((_: number, done: (error: Error | null) => void) => {
    flush().then(() => done(null), done);
  }) as typeof fs.fdatasync);
  return { [Symbol.dispose]: () => spy.mockRestore() };
}
