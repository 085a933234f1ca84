/** The command line of the benches that need a disk. */
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";

export interface BenchOptions {
  /** A run of a few seconds that only shows whether the bench works. */
  short: boolean;
  /** A directory on the disk to measure. The bench writes into a new directory in it, and removes that at the end. */
  parentDir: string;
}

/** Reads `[--short] [--dir DIR]` from the process's arguments; throws on any other argument. */
export function readBenchOptions(): BenchOptions {
  const { values } = parseArgs({
    args: Bun.argv.slice(2),
    options: {
      short: { type: "boolean", default: false },
      dir: { type: "string", default: tmpdir() },
    },
  });
  return { short: values.short, parentDir: values.dir };
}
