/** mitata's benches; with `--short` each job runs a thousand times, which tells whether it runs and not how fast. */
import { bench as benchWell, do_not_optimize, run as runWell } from "mitata";

const SHORT_CALLS = 1_000;
const isShort = Bun.argv.includes("--short");

export function bench(name: string, job: () => unknown): void {
  if (!isShort) benchWell(name, job);
  else for (let i = 0; i < SHORT_CALLS; i++) do_not_optimize(job());
}

/** Rejects with what a bench throws. */
export async function run(): Promise<void> {
  if (!isShort) await runWell({ throw: true });
}
