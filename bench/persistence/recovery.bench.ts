/**
 * `bun bench/persistence/recovery.bench.ts [--short] [--dir DIR]`: how fast an exchange recovers. It recovers journals
 * of plain orders in batches of several sizes, and a snapshot of a million resting orders. Every recovery has its own
 * process. Journals are also recovered in part, to measure each part. The files are in the page cache, so the program
 * is measured and not the disk. Prints wall time, and processor time, which other work on the machine disturbs less.
 */
import fs from "node:fs";
import { join } from "node:path";
import { ownProgram } from "../../src/host/own-program.ts";
import { runSnapshotProcess } from "../../src/housekeeping/snapshot-process.ts";
import type { SnapshotTaken } from "../../src/housekeeping/snapshot-request.ts";
import { readBenchOptions } from "../bench-options.ts";
import { median } from "../figures.ts";
import { type PlainJournalOptions, SYMBOLS_MAX, writePlainJournal } from "./plain-journal.ts";
import {
  RECOVERY_PARTS,
  type RecoveryFigures,
  type RecoveryRun,
  recoverApart,
} from "./recovery-run.ts";

const SNAPSHOT_WORKER = ownProgram("snapshot-worker");

const { short, parentDir } = readBenchOptions();
const RESTING = short ? 1_000 : 20_000;
const rounds = short ? 1 : 5;
const commands = short ? 5_000 : 2_000_000;
const restingForSnapshot = short ? 5_000 : 1_000_000;
const directory = fs.mkdtempSync(join(parentDir, "waiver-recovery-bench-"));

type Journal = Pick<PlainJournalOptions, "commands" | "batch" | "clientIds">;

const JOURNALS: readonly Journal[] = [
  { commands: commands / 2, batch: 1, clientIds: false },
  { commands, batch: 64, clientIds: false },
  { commands, batch: 1024, clientIds: false },
  { commands, batch: 1024, clientIds: true },
];

async function benchJournal(journal: Journal): Promise<void> {
  const walDir = join(directory, "wal");
  await writePlainJournal({ ...journal, directory: walDir, prefill: RESTING });
  const runs = RECOVERY_PARTS.map((part): RecoveryRun => ({ walDir, snapshotDir: null, part }));
  const figures: RecoveryFigures[][] = runs.map(() => []);
  for (let i = 0; i < rounds; i++) {
    for (const [index, run] of runs.entries()) figures[index].push(await recoverApart(run));
  }
  fs.rmSync(walDir, { recursive: true });

  const all = figures.at(-1) ?? [];
  const count = all[0].commands;
  const wall = median(all.map(({ journalMs }) => journalMs));
  const cpu = median(all.map(({ cpuMs }) => cpuMs));
  const ready = median(all.map(({ readyMs }) => readyMs));
  console.log(
    `\n${count.toLocaleString("en")} commands, batches of ${journal.batch}` +
      `${journal.clientIds ? ", with client order ids" : ""}: ${perSecond(count, wall)} commands/s ` +
      `(by processor time ${perSecond(count, cpu)}), ready after ${ready.toFixed(0)} ms`,
  );
  let before = 0;
  for (const [index, part] of RECOVERY_PARTS.entries()) {
    const upTo = median(figures[index].map(({ cpuMs }) => cpuMs));
    const nanoseconds = (((upTo - before) * 1e6) / count).toFixed(0);
    console.log(`  + ${part.padEnd(8)} ${nanoseconds.padStart(5)} ns of processor time a command`);
    before = upTo;
  }
}

async function benchSnapshot(): Promise<void> {
  const walDir = join(directory, "wal");
  const snapshotDir = join(directory, "snapshots");
  const count = restingForSnapshot;
  const written = await writePlainJournal({
    directory: walDir,
    commands: count,
    prefill: count,
    batch: 1024,
    clientIds: false,
  });
  const taken = await takeSnapshot(walDir, snapshotDir);
  const figures: RecoveryFigures[] = [];
  for (let i = 0; i < rounds; i++) {
    figures.push(await recoverApart({ walDir, snapshotDir, part: "all" }));
  }
  const load = median(figures.map(({ snapshotMs }) => snapshotMs));
  const ready = median(figures.map(({ readyMs }) => readyMs));
  console.log(
    `\nsnapshot of ${written.resting.toLocaleString("en")} resting orders: ` +
      `${(taken.bytes / 2 ** 20).toFixed(0)} MiB, loaded in ${load.toFixed(0)} ms, ` +
      `ready after ${ready.toFixed(0)} ms`,
  );
}

function takeSnapshot(walDir: string, snapshotDir: string): Promise<SnapshotTaken> {
  const through = fs.readdirSync(walDir).filter((name) => name.endsWith(".log")).length;
  const request = { walDir, snapshotDir, symbolsMax: SYMBOLS_MAX, through, pauseMs: 0 };
  return runSnapshotProcess(SNAPSHOT_WORKER, request, new AbortController().signal);
}

function perSecond(count: number, milliseconds: number): string {
  return Math.round((count * 1000) / milliseconds).toLocaleString("en");
}

try {
  for (const journal of short ? JOURNALS.slice(-1) : JOURNALS) await benchJournal(journal);
  await benchSnapshot();
} finally {
  fs.rmSync(directory, { recursive: true });
}
