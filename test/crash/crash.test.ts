import { expect, test } from "bun:test";
import { CrashTotals } from "./crash-totals.ts";
import { runCrashTest } from "./run.ts";

/** One exchange keeps its whole journal and one what it needs; each is killed at all the moments that there are. */
const EXCHANGES = 2;
const ROUNDS_EACH = 5;
const ROUNDS = EXCHANGES * ROUNDS_EACH;
/** Ends one that hangs, on however slow a machine. */
const TIMEOUT_MS = 900_000;
const SEED = Number(Bun.env.WAIVER_CRASH_SEED ?? Date.now() % 2 ** 31);

test(
  `what was acknowledged survives kill -9, ${ROUNDS} times (WAIVER_CRASH_SEED=${SEED})`,
  async () => {
    process.stdout.write(`crash: seed ${SEED}\n`);
    const totals = new CrashTotals();
    for (let i = 0; i < EXCHANGES; i++) await runCrashTest(ROUNDS_EACH, SEED + i, totals);
    process.stdout.write(`${totals.lines().join("\n")}\n`);
    expect(totals.rounds).toBe(ROUNDS);
    expect(totals.acknowledgements).toBeGreaterThan(0);
    expect(totals.startsFromSnapshot).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
