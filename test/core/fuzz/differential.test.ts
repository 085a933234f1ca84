import { expect, test } from "bun:test";
import { Fuzzer } from "./fuzz.ts";

const fuzzer = new Fuzzer();
const FIXED_SEEDS = 93;
const CHECKED_SEEDS = 20;
const COMMANDS = 2_000;
/** It takes seconds; a failure takes the time to find its shortest list as well. */
const TIMEOUT_MS = 600_000;

/** Every failure of the seeds from `first` on; each is printed with the commands that show it. */
function fuzz(first: number, seeds: number, checkEvery: number): string[] {
  const failures = Array.from({ length: seeds }, (_, i) =>
    fuzzer.run(first + i, COMMANDS, checkEvery),
  );
  return failures.filter((failure) => failure !== undefined);
}

test(
  `the core does what the reference does, seeds 1 to ${FIXED_SEEDS}`,
  () => {
    expect(fuzz(1, FIXED_SEEDS, 50)).toEqual([]);
    // Among them are cascades of more stops than one command lets in, and more orders that expire than one ends.
    expect(fuzzer.cascadesCut).toBeGreaterThan(0);
    expect(fuzzer.expiriesCut).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

test(
  `the whole state is right after every command, seeds 1001 to ${1_000 + CHECKED_SEEDS}`,
  () => {
    expect(fuzz(1_001, CHECKED_SEEDS, 1)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "the core does what the reference does, a new seed each time",
  () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    process.stdout.write(
      `differential fuzz: seed ${seed}, also: bun scripts/fuzz.ts --seed ${seed}\n`,
    );
    expect(fuzz(seed, 4, 50)).toEqual([]);
  },
  TIMEOUT_MS,
);
