/**
 * `bun run bench [--short] [--dir DIR] [--twin PROGRAM FILE…]`: every bench that compares the exchange, each in a process
 * of its own so that none inherits another's heap or compiled code. Writes `bench/results/<date>-<commit>.json` and the
 * table of `bench/README.md`. `--twin` adds the core against another engine (see `bench/core/against-twin.ts`). `--short`
 * tells in a few seconds each whether the benches run, those of single rooms too (`*.bench.ts`), not how fast the
 * exchange is, and writes nothing.
 */
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { describeMachine } from "../bench/report/machine.ts";
import type { BenchReport } from "../bench/report/report.ts";
import { currentCommit, writeResults } from "../bench/report/results.ts";

const { values, positionals } = parseArgs({
  args: Bun.argv.slice(2),
  options: {
    short: { type: "boolean", default: false },
    dir: { type: "string", default: tmpdir() },
    twin: { type: "string" },
  },
  allowPositionals: true,
});
const own = ["--dir", values.dir, ...(values.short ? ["--short"] : [])];
const commands = [
  ["bench/e2e/end-to-end.ts", ...own],
  ["bench/rest/rest.ts", ...own],
  ["bench/latency/latency.ts", ...own],
  ["bench/fanout/fan-out.ts", ...own],
  ["bench/memory/memory.ts", ...own],
  ["bench/recovery/recovery.ts", ...own],
  ...(values.twin === undefined
    ? []
    : [["bench/core/against-twin.ts", values.twin, ...positionals]]),
];

/** Benches of single rooms, for people to read. */
const parts = await Array.fromAsync(new Bun.Glob("bench/**/*.bench.ts").scan());

const reports: BenchReport[] = [];
const failed: string[] = [];
for (const command of commands) {
  const report = await runBench(command);
  if (report === undefined) failed.push(command.join(" "));
  else reports.push(report);
}
for (const path of values.short ? [...parts.sort(), "scripts/load.ts"] : []) {
  const command = [path, "--short"];
  const child = Bun.spawn([process.execPath, "--no-orphans", ...command], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if ((await child.exited) !== 0) failed.push(path);
}
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(", ")}`);
  process.exit(1);
}
if (!values.short) {
  const commit = await currentCommit();
  const machine = describeMachine(values.dir);
  console.log(writeResults({ taken_at: new Date().toISOString(), commit, machine, reports }));
  await import("../bench/report/write-table.ts");
}

/** Undefined when the bench failed. Its line is passed on. */
async function runBench(command: readonly string[]): Promise<BenchReport | undefined> {
  const child = Bun.spawn([process.execPath, "--no-orphans", ...command], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = await new Response(child.stdout).text();
  process.stdout.write(output);
  return (await child.exited) === 0 ? (JSON.parse(output) as BenchReport) : undefined;
}
