/**
 * `bun run crash-test [--rounds N] [--seed S] [--verbose] [--s3 ENDPOINT --bucket NAME]`: kills a real exchange
 * under load again and again, and checks that it keeps every promise that it gave. Prints totals, and with
 * `--verbose` a line a round. At the first broken promise it prints the seed and the round, keeps the data
 * directory and exits with 1. With `--s3` it archives there, with the keys in AWS_ACCESS_KEY_ID and
 * AWS_SECRET_ACCESS_KEY, and is also killed while it uploads; the bucket has to be there.
 */
import { parseArgs } from "node:util";
import { CrashTotals } from "../test/crash/crash-totals.ts";
import { runCrashTest } from "../test/crash/run.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    verbose: { type: "boolean", default: false },
    s3: { type: "string" },
    bucket: { type: "string", default: "waiver-crash-test" },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
if (!Number.isSafeInteger(rounds) || rounds < 1 || !Number.isSafeInteger(seed)) {
  console.error("usage: bun run crash-test [--rounds N] [--seed S], whole numbers");
  process.exit(2);
}

const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = Bun.env;
const archive =
  values.s3 === undefined
    ? null
    : {
        endpoint: values.s3,
        bucket: values.bucket,
        env: { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY },
      };
const totals = new CrashTotals();
const start = performance.now();
const onRound = (milliseconds: number): void => {
  if (values.verbose) console.log(`round ${totals.rounds}: ${Math.round(milliseconds)} ms`);
};
try {
  await runCrashTest(rounds, seed, totals, onRound, archive);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
for (const line of totals.lines()) console.log(line);
const seconds = (performance.now() - start) / 1000;
console.log(`${(seconds / rounds).toFixed(2)} s a round: every promise was kept`);
