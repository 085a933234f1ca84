/** The figures of one run, and the table of the medians of all runs. */
import Table from "cli-table3";
import type { Durability } from "../../src/persistence/wal/journal.ts";
import type { Encoding } from "../../src/protocol/encoding.ts";
import { median } from "../figures.ts";

export interface RunFigures {
  run: number;
  encoding: Encoding;
  durability: Durability;
  connections: number;
  in_flight: number;
  symbols: number;
  /** Orders a second that were answered with a result. */
  acked_per_s: number;
  p50_ms: number;
  p99_ms: number;
  p99_9_ms: number;
  max_ms: number;
  acked: number;
  rejected: number;
  reject_codes: Record<string, number>;
  /** Answers that were decoded and checked against the contract. A wrong one ends the run. */
  checked: number;
  /** Answers in an unusual layout, which the client had to decode: errors, and results in another order. */
  unusual: number;
  ticks_per_s: number | null;
  /** Share of one core, over all threads of the process. */
  server_cpu: number | null;
  server_rss_mib: number | null;
  client_cpu: number;
  /** Orders that still rested after the run. */
  left_open: number;
}

const COLUMNS = [
  "acked_per_s",
  "p50_ms",
  "p99_ms",
  "p99_9_ms",
  "rejected",
  "ticks_per_s",
  "server_cpu",
  "server_rss_mib",
  "client_cpu",
] as const;

/** One row for each encoding, in the order of the runs. */
export function medianTable(runs: readonly RunFigures[]): string {
  const table = new Table({
    head: ["median of", ...COLUMNS],
    style: { head: [], border: [] },
    colAligns: ["left", ...COLUMNS.map(() => "right" as const)],
  });
  for (const encoding of new Set(runs.map((run) => run.encoding))) {
    const own = runs.filter((run) => run.encoding === encoding);
    const medians = COLUMNS.map((column) => {
      const values = own.map((run) => run[column]).filter((value) => value !== null);
      return values.length === 0 ? "–" : median(values).toLocaleString("en-US");
    });
    table.push([`${own.length} × ${encoding}`, ...medians]);
  }
  return table.toString();
}
