/**
 * One recovery in its own process, which is cold like every start: `bun recovery-run.ts RUN`. RUN is a `RecoveryRun` as
 * JSON. Prints a `RecoveryFigures` as JSON. The difference between two runs is the time of the parts that one leaves
 * out.
 */
import { createReplay, recover as recoverExchange } from "../../src/execution/replay.ts";
import { warmUp } from "../../src/execution/warm-up.ts";
import type { CommandBatch } from "../../src/persistence/backend.ts";
import { LocalPersistence } from "../../src/persistence/local.ts";
import { diskFileSystem } from "../../src/persistence/wal/file-system.ts";
import { readJournal } from "../../src/persistence/wal/recovery.ts";
import { SegmentFiles } from "../../src/persistence/wal/segment-files.ts";
import { ExchangeState } from "../../src/records/exchange-state.ts";
import { Sequencer } from "../../src/router/sequencer.ts";
import { freshState } from "../../src/stages/fresh-state.ts";
import { SYMBOLS_MAX } from "./plain-journal.ts";

/**
 * How much of a recovery is done. Each part includes those before it: "read" loads the segments, "hash" checks them,
 * "core" applies the commands, "check" compares the state, "records" keeps done orders, fills and the accounts'
 * streams, and "all" does everything that a start does.
 */
export const RECOVERY_PARTS = ["read", "hash", "core", "check", "records", "all"] as const;
export type RecoveryPart = (typeof RECOVERY_PARTS)[number];

export interface RecoveryRun {
  walDir: string;
  /** Only "all" uses it; null = there are no snapshots. */
  snapshotDir: string | null;
  part: RecoveryPart;
}

export interface RecoveryFigures {
  commands: number;
  /** Time for the journal. */
  journalMs: number;
  /** Processor time of the recovery, including compiler and garbage collector. For "all" it includes the snapshot. */
  cpuMs: number;
  /** Time for the snapshot ("all" only). */
  snapshotMs: number;
  /** From the start of the process to a state that takes orders ("all" only). */
  readyMs: number;
}

/** Recovers in a new process. */
export async function recoverApart(run: RecoveryRun): Promise<RecoveryFigures> {
  const command = [process.execPath, "--no-orphans", import.meta.path, JSON.stringify(run)];
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "inherit"] });
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`The recovery (${run.part}) failed`);
  return JSON.parse(output) as RecoveryFigures;
}

/** Recovers in this process. */
async function recover({ walDir, snapshotDir, part }: RecoveryRun): Promise<RecoveryFigures> {
  if (part === "all") return recoverAll(walDir, snapshotDir);
  if (part === "read") {
    const files = new SegmentFiles(walDir, diskFileSystem);
    const start = performance.now();
    const cpu = process.cpuUsage();
    for (const number of files.numbers()) files.load(number);
    return figures(0, performance.now() - start, cpu);
  }
  const apply = applyUpTo(part);
  const start = performance.now();
  const cpu = process.cpuUsage();
  const { report } = readJournal(walDir, apply);
  return figures(report.commands, performance.now() - start, cpu);
}

function applyUpTo(part: "hash" | "core" | "check" | "records"): (batch: CommandBatch) => void {
  const state = new ExchangeState(SYMBOLS_MAX);
  const { core, check, records } = state;
  warmUp(core);
  switch (part) {
    case "hash":
      return () => undefined;
    case "core":
      return (batch) => {
        core.beginTick(batch.tick);
        core.applyAll(batch.ints, batch.doubles, batch.first, batch.first + batch.count);
        core.endTick();
      };
    case "check":
      return createReplay({ core, check, records: [] });
    case "records":
      return createReplay({ core, check, records });
  }
}

/** Recovers as `openState` does. */
async function recoverAll(walDir: string, snapshotDir: string | null): Promise<RecoveryFigures> {
  const state = freshState(SYMBOLS_MAX, true);
  const backend = new LocalPersistence({
    directory: walDir,
    ...(snapshotDir !== null && { snapshotDirectory: snapshotDir }),
  });
  const cpu = process.cpuUsage();
  const report = recoverExchange({
    ...state,
    backend,
    sequencer: new Sequencer(Date.now),
    snapshots: state,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const cpuMs = cpuSince(cpu);
  const readyMs = performance.now();
  await backend.close();
  const { journal, snapshot } = report.milliseconds;
  return { commands: report.commands, journalMs: journal, cpuMs, snapshotMs: snapshot, readyMs };
}

function figures(commands: number, journalMs: number, cpu: NodeJS.CpuUsage): RecoveryFigures {
  return { commands, journalMs, cpuMs: cpuSince(cpu), snapshotMs: 0, readyMs: 0 };
}

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

if (import.meta.main) {
  const run = JSON.parse(process.argv[2] ?? "") as RecoveryRun;
  console.log(JSON.stringify(await recover(run)));
}
