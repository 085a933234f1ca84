/**
 * `bun run bench:twin -- PROGRAM FILE…`: the core with its ledger against another engine. Both run the same workload
 * files in turns. PROGRAM takes one FILE and prints a JSON line: `med` is the median of its operations a second, `hash`
 * the hash of its trades. The hash must equal ours.
 */
import { basename, join } from "node:path";
import { compare, type Round } from "../report/compare.ts";
import { type BenchReport, type Comparison, printReport } from "../report/report.ts";

const ROUNDS = 5;
const OURS = [process.execPath, join(import.meta.dir, "workload.ts")];

async function benchTwin(program: string, files: readonly string[]): Promise<BenchReport> {
  const comparisons: Comparison[] = [];
  for (const file of files) comparisons.push(await compareOn(program, file));
  return { bench: "core", settings: { rounds: ROUNDS }, comparisons };
}

async function compareOn(program: string, file: string): Promise<Comparison> {
  const rounds: Round[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const ours = await lastLine([...OURS, file]);
    const theirs = await lastLine([program, file]);
    if (ours.hash !== theirs.hash) {
      throw new Error(`${file}: the trades differ: hash ${ours.hash}, of the twin ${theirs.hash}`);
    }
    rounds.push({ figure: Number(ours.ops_per_s), baseline: Number(theirs.med) });
  }
  const name = `core with ledger, ${basename(file, ".bin")}`;
  return compare(
    { name, unit: "operations/s", against: basename(program), better: "more" },
    rounds,
  );
}

async function lastLine(command: string[]): Promise<Record<string, unknown>> {
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "inherit"] });
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed`);
  return JSON.parse(output.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

const [program, ...files] = Bun.argv.slice(2);
if (program === undefined || files.length === 0) {
  console.error("usage: bun run bench:twin -- PROGRAM FILE…");
  process.exit(2);
}
printReport(await benchTwin(program, files));
