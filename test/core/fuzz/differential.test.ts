import { expect, test } from "bun:test";
import { Fuzzer } from "./fuzz.ts";

const fuzzer = new Fuzzer();
const FIXED_SEEDS = 32;
/** One of them has a pile of stops, and some have little room. */
const CHECKED_FROM = 1_009;
const CHECKED_SEEDS = 8;
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
  "of two orders that an auction fills with each other, who bought leaves first: his client order id is the older one",
  () => {
    expect([312_332_907, 436_216_245, 684_420_543].flatMap((seed) => fuzz(seed, 1, 50))).toEqual(
      [],
    );
  },
  TIMEOUT_MS,
);

test(
  "an auction that is due ends by the rules before those that a command sets",
  () => {
    expect(fuzz(2_852_111_158, 1, 50)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  `the whole state is right after every command, ${CHECKED_SEEDS} seeds from ${CHECKED_FROM} on`,
  () => {
    expect(fuzz(CHECKED_FROM, CHECKED_SEEDS, 1)).toEqual([]);
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
