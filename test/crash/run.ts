/** Runs many crashes, on as many exchanges as that takes. */
import { type ArchiveServer, CrashTest } from "./crash-test.ts";
import type { CrashTotals } from "./crash-totals.ts";

/** After this many rounds the next exchange starts, with an empty directory. */
const ROUNDS_PER_EXCHANGE = 10;

/** A promise was broken. The message says where, how to repeat it, and where the files are. */
class CrashTestFailure extends Error {
  override readonly name = "CrashTestFailure";
}

/** Runs `rounds`; each exchange has the next seed. Throws `CrashTestFailure` at the first fault. */
export async function runCrashTest(
  rounds: number,
  seed: number,
  totals: CrashTotals,
  onRound: (milliseconds: number) => void = () => {},
  archive: ArchiveServer | null = null,
): Promise<void> {
  for (let left = rounds, next = seed; left > 0; left -= ROUNDS_PER_EXCHANGE, next++) {
    const test = await CrashTest.open(next, totals, archive);
    let round = 0;
    try {
      while (round < Math.min(left, ROUNDS_PER_EXCHANGE)) {
        round++;
        const start = performance.now();
        await test.round();
        onRound(performance.now() - start);
      }
      await test.finish();
    } catch (error) {
      await test.stop();
      const where = `round ${round} of seed ${next}; its files are in ${test.dataDir}`;
      const again = `again: bun run crash-test --seed ${next} --rounds ${round}`;
      const what = error instanceof Error ? error.stack : error;
      throw new CrashTestFailure(`${where}\n${what}\n${again}`, { cause: error });
    }
    await test[Symbol.asyncDispose]();
  }
}
