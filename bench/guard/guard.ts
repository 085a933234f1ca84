/**
 * `bun run bench:guard`: fails when the exchange has lost a factor of two against its baselines since the newest
 * results in `bench/results/`. Short runs, so the bounds are wide, and what is out of bounds is measured once more.
 * Latency is left out: in a short run on a machine with other work it cannot be told from noise.
 */
import { tmpdir } from "node:os";
import { benchEndToEnd } from "../e2e/end-to-end.ts";
import { benchFanOut } from "../fanout/fan-out.ts";
import type { BenchReport } from "../report/report.ts";
import { comparisonsOf, newestResults } from "../report/results.ts";
import { lossOf } from "./loss.ts";

const LOSS_MAX = 2;
const RUN = { parentDir: tmpdir(), rounds: 3, warmupSeconds: 0.4, seconds: 0.6 };

const BENCHES: readonly (() => Promise<BenchReport>)[] = [
  () => benchEndToEnd(RUN),
  () => benchFanOut({ ...RUN, subscribers: 500 }),
];

const results = newestResults();
if (results === undefined) {
  console.log("There are no results to compare with");
  process.exit(0);
}
const recorded = comparisonsOf(results);
let isSlow = false;
for (const bench of BENCHES) {
  const faults = await faultsOf(bench);
  // Other work on the machine can be to blame once.
  if (faults.length === 0 || (await faultsOf(bench)).length === 0) continue;
  isSlow = true;
  for (const fault of faults) console.log(fault);
}
process.exit(isSlow ? 1 : 0);

async function faultsOf(bench: () => Promise<BenchReport>): Promise<string[]> {
  const { comparisons } = await bench();
  return comparisons.flatMap((now) => {
    const before = recorded.get(now.name);
    const loss = before === undefined ? null : lossOf(now, before);
    if (loss === null || loss <= LOSS_MAX) return [];
    return [`${now.name}: ${loss.toFixed(1)} times worse against ${now.against} than recorded`];
  });
}
