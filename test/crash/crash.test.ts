import { expect, test } from "bun:test";
import { CrashTotals } from "./crash-totals.ts";
import { runCrashTest } from "./run.ts";

const ROUNDS = 20;
/** Ends one that hangs, on however slow a machine. */
const TIMEOUT_MS = 900_000;
const SEED = Number(Bun.env.WAIVER_CRASH_SEED ?? Date.now() % 2 ** 31);

test(
  `what was acknowledged survives kill -9, ${ROUNDS} times (WAIVER_CRASH_SEED=${SEED})`,
  async () => {
    process.stdout.write(`crash: seed ${SEED}\n`);
    const totals = new CrashTotals();
    await runCrashTest(ROUNDS, SEED, totals);
    process.stdout.write(`${totals.lines().join("\n")}\n`);
    expect(totals.rounds).toBe(ROUNDS);
    expect(totals.acknowledgements).toBeGreaterThan(0);
    expect(totals.startsFromSnapshot).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
