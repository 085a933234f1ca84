/**
 * `bun run bench:guard`: fails when the exchange has lost a factor of two against its baselines since `recorded.json`,
 * which `bun run bench:guard -- --record` writes, with the same runs. They are short, so the bounds are wide, and what
 * is out of bounds is measured once more. Latency and fan-out are left out: in a short run on a machine with other work they
 * cannot be told from noise.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchEndToEnd } from "../e2e/end-to-end.ts";
import { describeMachine } from "../report/machine.ts";
import { comparisonsOf, currentCommit, type Results } from "../report/results.ts";
import { lossOf } from "./loss.ts";

const LOSS_MAX = 2;
const RUN = { parentDir: tmpdir(), rounds: 3, warmupSeconds: 0.4, seconds: 0.6 };

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
  console.log("Nothing is recorded to compare with");
  process.exit(0);
}
const results = (await RECORD.json()) as Results;
const recorded = comparisonsOf(results);
const faults = await faultsNow();
// Other work on the machine can be to blame once.
const isSlow = faults.length > 0 && (await faultsNow()).length > 0;
if (isSlow) for (const fault of faults) console.log(fault);
process.exit(isSlow ? 1 : 0);

async function faultsNow(): Promise<string[]> {
  const { comparisons } = await benchEndToEnd(RUN);
  return comparisons.flatMap((now) => {
    const before = recorded.get(now.name);
    const loss = before === undefined ? null : lossOf(now, before);
    if (loss === null || loss <= LOSS_MAX) return [];
    return [`${now.name}: ${loss.toFixed(1)} times worse against ${now.against} than recorded`];
  });
}

async function record(): Promise<void> {
  const reports = [await benchEndToEnd(RUN)];
  const [machine, commit] = [describeMachine(RUN.parentDir), await currentCommit()];
  const results: Results = { taken_at: new Date().toISOString(), commit, machine, reports };
  await RECORD.write(`${JSON.stringify(results, null, 2)}\n`);
}
