/**
 * `bun bench/persistence/journal.bench.ts [--short] [--dir DIR]`: the journal against its disk.
 *
 * Measures group commits of ticks of several sizes. The baseline is a bare write and fdatasync of as many bytes into a
 * preallocated file. Both take turns, so that they find the disk in the same state.
 */
import fs from "node:fs";
import { join } from "node:path";
import { COMMAND_BYTES } from "../../src/core/command.ts";
import { NO_STATE_CHECK, type TickHeader } from "../../src/persistence/backend.ts";
import { LocalPersistence } from "../../src/persistence/local.ts";
import { readBenchOptions } from "../bench-options.ts";
import { median, quantile } from "../figures.ts";

const PREALLOCATED_BYTES = 32 * 1024 * 1024;

const { short, parentDir } = readBenchOptions();
const rounds = short ? 1 : 7;
const ticksPerRound = short ? 20 : 200;
const directory = fs.mkdtempSync(join(parentDir, "waiver-journal-bench-"));

/** One way to make a tick durable. */
interface Contender {
  name: string;
  commit(batch: Uint8Array, count: number): Promise<void>;
  close(): Promise<void>;
}

function headerOf(tick: number, firstSequence: number, count: number): TickHeader {
  return { tick, firstSequence, timestamp: 1_700_000_000_000, count, ...NO_STATE_CHECK };
}

function journalOf(flush: "overlapped" | "blocking", name: string): Contender {
  const backend = new LocalPersistence({ directory: join(directory, name), flush });
  backend.recover({ apply: () => undefined });
  backend.open();
  let tick = 1;
  let firstSequence = 1;
  return {
    name: `journal, ${flush}`,
    commit(batch, count) {
      backend.append(batch, headerOf(tick++, firstSequence, count));
      firstSequence += count;
      return new Promise((resolve, reject) => {
        backend.flush((error) => (error === null ? resolve() : reject(error)));
      });
    },
    close: () => backend.close(),
  };
}

function bareDisk(flush: "overlapped" | "blocking"): Contender {
  const file = fs.openSync(join(directory, `bare-${flush}`), "w+");
  fs.writeSync(file, new Uint8Array(PREALLOCATED_BYTES), 0, PREALLOCATED_BYTES, 0);
  fs.fsyncSync(file);
  let position = 0;
  return {
    name: `bare, ${flush}`,
    async commit(batch) {
      if (position + batch.length > PREALLOCATED_BYTES) position = 0;
      fs.writeSync(file, batch, 0, batch.length, position);
      position += batch.length;
      if (flush === "blocking") return fs.fdatasyncSync(file);
      await new Promise<void>((resolve, reject) => {
        fs.fdatasync(file, (error) => (error ? reject(error) : resolve()));
      });
    },
    async close() {
      fs.closeSync(file);
    },
  };
}

/** Makes one round, and returns the microseconds of every commit. */
async function round(contender: Contender, count: number): Promise<number[]> {
  const batch = new Uint8Array(count * COMMAND_BYTES).fill(1);
  const times: number[] = [];
  for (let i = 0; i < ticksPerRound; i++) {
    const start = Bun.nanoseconds();
    await contender.commit(batch, count);
    times.push((Bun.nanoseconds() - start) / 1000);
  }
  return times;
}

async function benchGroupCommit(count: number): Promise<void> {
  for (const flush of ["blocking", "overlapped"] as const) {
    const bare = bareDisk(flush);
    const journal = journalOf(flush, `${flush}-${count}`);
    const bareTimes: number[][] = [];
    const journalTimes: number[][] = [];
    for (let i = 0; i < rounds; i++) {
      bareTimes.push(await round(bare, count));
      journalTimes.push(await round(journal, count));
    }
    report(count, bare, bareTimes);
    report(count, journal, journalTimes);
    const ratios = journalTimes.map(
      (times, i) => quantile(times, 0.5) / quantile(bareTimes[i], 0.5),
    );
    console.log(`${" ".repeat(15)}journal : bare  ${median(ratios).toFixed(2)}`);
    await bare.close();
    await journal.close();
  }
}

function report(count: number, { name }: Contender, times: readonly number[][]): void {
  const middle = median(times.map((each) => quantile(each, 0.5)));
  const tail = median(times.map((each) => quantile(each, 0.99)));
  console.log(
    `${String(count).padStart(5)} records  ${name.padEnd(20)}` +
      `  median ${middle.toFixed(0).padStart(5)} µs  p99 ${tail.toFixed(0).padStart(5)} µs` +
      `  ${Math.round((count * 1e6) / middle).toLocaleString("en")} records/s`,
  );
}

try {
  for (const count of [1, 64, 1024]) await benchGroupCommit(count);
} finally {
  fs.rmSync(directory, { recursive: true });
}
