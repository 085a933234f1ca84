/** The command line of the benches that need a disk. */
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";

export interface BenchOptions {
  /** Only tell whether the bench runs, in a few seconds. */
  short: boolean;
  /** On the disk in question; what is written goes into a directory of its own that is removed. */
  parentDir: string;
}

/** Reads `[--short] [--dir DIR]` from the process's arguments; throws on any other. */
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
