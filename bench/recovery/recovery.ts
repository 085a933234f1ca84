/**
 * `bun run bench:recovery [--short] [--dir DIR]`: commands a second that a start replays from its journal. Each start
 * is a new process. The files are in the page cache, so the program is measured and not the disk.
 * `bench/persistence/recovery.bench.ts` measures the parts of a recovery.
 */
import fs from "node:fs";
import { join } from "node:path";
import { readBenchOptions } from "../bench-options.ts";
import { type PlainJournalOptions, writePlainJournal } from "../persistence/plain-journal.ts";
import { type RecoveryFigures, recoverApart } from "../persistence/recovery-run.ts";
import { compare, type Round } from "../report/compare.ts";
import { type BenchReport, printReport } from "../report/report.ts";

type Journal = Pick<PlainJournalOptions, "batch" | "clientIds"> & { name: string };

const JOURNALS: readonly Journal[] = [
  { name: "recovery, plain orders", batch: 1024, clientIds: false },
  { name: "recovery, with client order ids", batch: 1024, clientIds: true },
  { name: "recovery, ticks of one", batch: 1, clientIds: false },
];

interface RecoveryOptions {
  parentDir: string;
  rounds: number;
  /** Orders and cancels in each journal, including the `resting` orders at its beginning. */
  commands: number;
  resting: number;
}

async function benchRecovery(options: RecoveryOptions): Promise<BenchReport> {
  const { parentDir, rounds: count, commands, resting } = options;
  const directory = fs.mkdtempSync(join(parentDir, "waiver-recovery-bench-"));
  using _removed = { [Symbol.dispose]: () => fs.rmSync(directory, { recursive: true }) };
  const rounds: Round[][] = JOURNALS.map(() => []);
  for (const [index, { name: _, ...journal }] of JOURNALS.entries()) {
    const walDir = join(directory, String(index));
    await writePlainJournal({ ...journal, directory: walDir, commands, prefill: resting });
  }
  for (let i = 0; i < count; i++) {
    for (const [index, ofJournal] of rounds.entries()) {
      const walDir = join(directory, String(index));
      ofJournal.push(roundOf(await recoverApart({ walDir, snapshotDir: null, part: "all" })));
    }
  }
  return {
    bench: "recovery",
    settings: { commands, resting, rounds: count },
    comparisons: JOURNALS.map(({ name }, index) =>
      compare({ name, unit: "commands/s", against: null, better: "more" }, rounds[index]),
    ),
  };
}

function roundOf({ commands, journalMs, cpuMs, readyMs }: RecoveryFigures): Round {
  return {
    figure: (commands * 1000) / journalMs,
    baseline: null,
    details: { cpu: cpuMs / journalMs, ready_ms: readyMs },
  };
}

const { short, parentDir } = readBenchOptions();
const size = short
  ? { rounds: 1, commands: 5_000, resting: 1_000 }
  : { rounds: 5, commands: 2_000_000, resting: 20_000 };
printReport(await benchRecovery({ parentDir, ...size }));
