/** mitata's benches. With `--short` each job only runs a thousand times, to show that it works; nothing is timed. */
import { do_not_optimize, bench as timedBench, run as timedRun } from "mitata";

const SHORT_CALLS = 1_000;
const isShort = Bun.argv.includes("--short");

export function bench(name: string, job: () => unknown): void {
  if (!isShort) timedBench(name, job);
  else for (let i = 0; i < SHORT_CALLS; i++) do_not_optimize(job());
}

/** Rejects with the error that a bench throws. */
export async function run(): Promise<void> {
  if (!isShort) await timedRun({ throw: true });
}
