/** The files of `bench/results/`. Each has all reports of one `bun run bench`. */
import fs from "node:fs";
import { join } from "node:path";
import type { Machine } from "./machine.ts";
import type { BenchReport, Comparison } from "./report.ts";

const RESULTS_DIR = join(import.meta.dir, "..", "results");

export interface Results {
  /** When the last bench ended, ISO 8601 in UTC. */
  taken_at: string;
  /** The short hash of the measured commit, with "-dirty" if the tree had uncommitted changes. */
  commit: string;
  machine: Machine;
  reports: BenchReport[];
}

/** Writes `<date>-<commit>.json` and returns its path. */
export function writeResults(results: Results): string {
  const path = join(RESULTS_DIR, `${results.taken_at.slice(0, 10)}-${results.commit}.json`);
  fs.mkdirSync(RESULTS_DIR, { recursive: true });
  fs.writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
  return path;
}

/** The newest results; undefined if there are none. */
export function newestResults(): Results | undefined {
  if (!fs.existsSync(RESULTS_DIR)) return undefined;
  return fs
    .readdirSync(RESULTS_DIR)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(fs.readFileSync(join(RESULTS_DIR, name), "utf8")) as Results)
    .toSorted((left, right) => left.taken_at.localeCompare(right.taken_at))
    .at(-1);
}

/** Every comparison of the results, by its name. */
export function comparisonsOf(results: Results): Map<string, Comparison> {
  const all = results.reports.flatMap(({ comparisons }) => comparisons);
  return new Map(all.map((comparison) => [comparison.name, comparison]));
}

/** The commit of the measured tree: this one, or that of `WAIVER_BENCH_TREE`. */
export async function currentCommit(): Promise<string> {
  const cwd = Bun.env.WAIVER_BENCH_TREE ?? ".";
  const describe = ["git", "describe", "--always", "--dirty", "--exclude=*"];
  const child = Bun.spawn(describe, { cwd, stdio: ["ignore", "pipe", "ignore"] });
  const name = (await new Response(child.stdout).text()).trim();
  return name === "" ? "unknown" : name;
}
