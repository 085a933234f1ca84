/**
 * `bun run bench:guard`: fails if the exchange has lost a factor of two against its baselines since `recorded.json` was
 * written. `bun run bench:guard -- --record` writes that file from the same runs. The runs are short, so the bounds are
 * wide. A result out of bounds is measured again, each time for longer. The guard fails only if every measurement is
 * out of bounds. Latency and fan-out are left out: in a short run on a busy machine they are mostly noise.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchEndToEnd } from "../e2e/end-to-end.ts";
import { describeMachine } from "../report/machine.ts";
import type { Comparison } from "../report/report.ts";
import { comparisonsOf, currentCommit, type Results } from "../report/results.ts";
import { lastingLosses } from "./loss.ts";

const BOUNDS = { lossMax: 2, triesMax: 4 };
const RUN = { parentDir: tmpdir(), rounds: 3, warmupSeconds: 0.3, seconds: 0.4 };

const RECORD = Bun.file(join(import.meta.dir, "recorded.json"));

const { values } = parseArgs({
  args: Bun.argv.slice(2),
  options: { record: { type: "boolean", default: false } },
});
if (values.record) {
  await record();
  process.exit(0);
}
if (!(await RECORD.exists())) {
  console.log("There is no recorded.json to compare with");
  process.exit(0);
}
const results = (await RECORD.json()) as Results;
const lost = await lastingLosses(measure, comparisonsOf(results), BOUNDS);
for (const { comparison, loss } of lost) {
  const { name, against } = comparison;
  console.log(`${name}: ${loss.toFixed(1)} times worse against ${against} than recorded`);
}
process.exit(lost.length > 0 ? 1 : 0);

async function measure(attempt: number): Promise<readonly Comparison[]> {
  const longer = 2 ** attempt;
  const { warmupSeconds, seconds } = RUN;
  const { comparisons } = await benchEndToEnd({
    ...RUN,
    warmupSeconds: warmupSeconds * longer,
    seconds: seconds * longer,
  });
  return comparisons;
}

async function record(): Promise<void> {
  const reports = [await benchEndToEnd(RUN)];
  const [machine, commit] = [describeMachine(RUN.parentDir), await currentCommit()];
  const results: Results = { taken_at: new Date().toISOString(), commit, machine, reports };
  await RECORD.write(`${JSON.stringify(results, null, 2)}\n`);
}
