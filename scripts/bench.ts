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
/** Benches that run at once when nobody looks at their figures. */
const SHORT_LANES = 3;

/**
 * Half of a start is the warm-up, which makes the exchange faster; a short run does not measure how fast it is.
 */
const env = { ...process.env, ...(values.short && { WAIVER_MARKET__WARM_UP: "false" }) };
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
const others = values.short ? [...parts.sort(), "scripts/load.ts"] : [];
const runs = [
  ...commands.map((command) => () => report(command)),
  ...others.map((path) => () => runOther(path)),
];
await inLanes(values.short ? SHORT_LANES : 1, runs);
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

async function inLanes(count: number, all: readonly (() => Promise<void>)[]): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let run = all[next++]; run !== undefined; run = all[next++]) await run();
  };
  await Promise.all(Array.from({ length: count }, lane));
}

async function report(command: readonly string[]): Promise<void> {
  const told = await runBench(command);
  if (told === undefined) failed.push(command.join(" "));
  else reports.push(told);
}

async function runOther(path: string): Promise<void> {
  const child = Bun.spawn([process.execPath, "--no-orphans", path, "--short"], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if ((await child.exited) !== 0) failed.push(path);
}

/** Undefined when the bench failed. The line that the bench prints is printed here, too. */
async function runBench(command: readonly string[]): Promise<BenchReport | undefined> {
  const child = Bun.spawn([process.execPath, "--no-orphans", ...command], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = await new Response(child.stdout).text();
  process.stdout.write(output);
  return (await child.exited) === 0 ? (JSON.parse(output) as BenchReport) : undefined;
}
