/**
 * The journal against the disk it stands on: `bun bench/persistence/journal.bench.ts [DIRECTORY]`.
 *
 * Group commit of ticks of several sizes, in rounds, each round with the bare write and fdatasync of
 * as many bytes into a preallocated file right beside it, so that both meet the same disk. Then
 * recovery with an `apply` that does next to nothing. The directory (default: the system's for
 * temporary files) must be on the disk in question.
 */

import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMMAND_BYTES } from "../../src/core/command.ts";
import { BATCH_HEADER_BYTES } from "../../src/persistence/backend.ts";
import { LocalPersistence } from "../../src/persistence/local.ts";
import { readJournal } from "../../src/persistence/wal/recovery.ts";

const ROUNDS = 7;
const TICKS_PER_ROUND = 200;
const PREALLOCATED_BYTES = 32 * 1024 * 1024;
const RECOVERY_RECORDS = 1_000_000;

const directory = fs.mkdtempSync(join(process.argv[2] ?? tmpdir(), "waiver-journal-bench-"));

/** One way to make a tick durable. */
interface Contender {
  name: string;
  commit(batch: Uint8Array, count: number): Promise<void>;
  close(): Promise<void>;
}

function journalOf(flush: "overlapped" | "blocking", name: string): Contender {
  const backend = new LocalPersistence({ directory: join(directory, name), flush });
  backend.recover(() => undefined);
  backend.open();
  let tick = 1;
  let firstSequence = 1;
  return {
    name: `journal, ${flush}`,
    commit(batch, count) {
      backend.append(batch, { tick: tick++, firstSequence, timestamp: 1_700_000_000_000, count });
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

/** Microseconds of every commit of one round. */
async function round(contender: Contender, count: number): Promise<number[]> {
  const batch = new Uint8Array(BATCH_HEADER_BYTES + count * COMMAND_BYTES).fill(1);
  const times: number[] = [];
  for (let i = 0; i < TICKS_PER_ROUND; i++) {
    const start = Bun.nanoseconds();
    await contender.commit(batch, count);
    times.push((Bun.nanoseconds() - start) / 1000);
  }
  return times;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number;
}

async function benchGroupCommit(count: number): Promise<void> {
  const contenders = [
    bareDisk("blocking"),
    journalOf("blocking", `blocking-${count}`),
    bareDisk("overlapped"),
    journalOf("overlapped", `overlapped-${count}`),
  ];
  const rounds = new Map<Contender, number[][]>(contenders.map((each) => [each, []]));
  for (let i = 0; i < ROUNDS; i++) {
    for (const each of contenders) rounds.get(each)?.push(await round(each, count));
  }
  for (const [contender, times] of rounds) {
    const median = quantile(
      times.map((each) => quantile(each, 0.5)),
      0.5,
    );
    const tail = quantile(
      times.map((each) => quantile(each, 0.99)),
      0.5,
    );
    console.log(
      `${String(count).padStart(5)} records  ${contender.name.padEnd(20)}` +
        `  median ${median.toFixed(0).padStart(5)} µs  p99 ${tail.toFixed(0).padStart(5)} µs` +
        `  ${Math.round((count * 1e6) / median).toLocaleString("en")} records/s`,
    );
    await contender.close();
  }
}

async function benchRecovery(count: number): Promise<void> {
  const wal = join(directory, `recovery-${count}`);
  const backend = new LocalPersistence({ directory: wal, durability: "none" });
  backend.recover(() => undefined);
  backend.open();
  const batch = new Uint8Array(BATCH_HEADER_BYTES + count * COMMAND_BYTES).fill(1);
  const ticks = Math.floor(RECOVERY_RECORDS / count);
  for (let i = 0; i < ticks; i++) {
    const info = { tick: i + 1, firstSequence: i * count + 1, timestamp: 1_700_000_000_000, count };
    backend.append(batch, info);
  }
  await backend.close();
  const rates: number[] = [];
  let sum = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const start = Bun.nanoseconds();
    readJournal(wal, ({ ints }) => {
      sum += ints[0] as number;
    });
    rates.push((ticks * count * 1e9) / (Bun.nanoseconds() - start));
  }
  if (sum === 0) throw new Error("nothing was read");
  const rate = Math.round(quantile(rates, 0.5)).toLocaleString("en");
  console.log(`recovery, batches of ${String(count).padStart(4)}: ${rate.padStart(11)} records/s`);
  fs.rmSync(wal, { recursive: true });
}

try {
  for (const count of [1, 64, 1024]) await benchGroupCommit(count);
  for (const count of [1, 64, 1024]) await benchRecovery(count);
} finally {
  fs.rmSync(directory, { recursive: true });
}
