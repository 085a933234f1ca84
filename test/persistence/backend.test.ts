import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PersistenceBackend } from "../../src/persistence/backend.ts";
import { LocalPersistence } from "../../src/persistence/local.ts";
import { MemoryPersistence } from "../../src/persistence/memory.ts";
import type { JournalOptions } from "../../src/persistence/wal/journal.ts";
import type { ReadBatch } from "./journals.ts";
import { asRead, copyOf, flush, makeBatch, makeBatches, write } from "./journals.ts";

type Options = Omit<JournalOptions, "directory">;

/** Gives a fresh journal's opener: each call is a start of the same journal. */
const BACKENDS: Record<string, () => (options: Options) => PersistenceBackend> = {
  local: () => {
    const directory = mkdtempSync(join(root, "wal-"));
    return (options) => new LocalPersistence({ directory, ...options });
  },
  memory: () => {
    const { disk } = new MemoryPersistence();
    return (options) => new MemoryPersistence(disk, options);
  },
};

const root = mkdtempSync(join(tmpdir(), "waiver-backend-"));
afterAll(() => rmSync(root, { recursive: true }));

const EMPTY = {
  segments: 0,
  batches: 0,
  commands: 0,
  lastTick: 0,
  lastSequence: 0,
  lastTimestamp: 0,
  torn: null,
};

function start(backend: PersistenceBackend): { read: ReadBatch[]; report: object } {
  const read: ReadBatch[] = [];
  const report = backend.recover((batch) => read.push(copyOf(batch)));
  backend.open();
  return { read, report };
}

for (const [name, make] of Object.entries(BACKENDS)) {
  describe(`${name} persistence`, () => {
    test("starts empty", async () => {
      const backend = make()({ segmentBytes: 4096 });
      expect(start(backend)).toEqual({ read: [], report: EMPTY });
      await backend.close();
    });

    for (const durability of ["fsync", "interval", "none"] as const) {
      for (const flushing of ["overlapped", "blocking"] as const) {
        test(`gives back what was written: ${durability}, ${flushing}`, async () => {
          const options = { segmentBytes: 4096, durability, flush: flushing };
          const open = make();
          const batches = makeBatches([1, 3, 30, 2, 7, 7, 7, 1, 1, 25]);
          const first = open(options);
          start(first);
          await write(first, batches);
          await first.close();

          const second = open(options);
          const { read, report } = start(second);
          expect(read).toEqual(asRead(batches));
          expect(report).toEqual({
            segments: 4,
            batches: 10,
            commands: 84,
            lastTick: 10,
            lastSequence: 84,
            lastTimestamp: 1_700_000_000_010,
            torn: null,
          });
          await second.close();
        });
      }
    }

    test("continues over many starts, also those that write nothing", async () => {
      const open = make();
      const batches = makeBatches([2, 1, 4, 1, 1]);
      for (const batch of batches) {
        const idle = open({ segmentBytes: 4096 });
        start(idle);
        await idle.close();
        const backend = open({ segmentBytes: 4096 });
        start(backend);
        await write(backend, [batch]);
        await backend.close();
      }
      const last = open({ segmentBytes: 4096 });
      const { read, report } = start(last);
      expect(read).toEqual(asRead(batches));
      expect(report).toMatchObject({ segments: 5, lastTick: 5, lastSequence: 9 });
      await last.close();
    });

    test("an append between two flushes is durable after the second", async () => {
      const open = make();
      const backend = open({ segmentBytes: 1024, flush: "overlapped" });
      start(backend);
      const batches = makeBatches([1, 2, 3, 1, 4, 1]);
      let flushed = flush(backend);
      for (const { batch, info } of batches) {
        backend.append(batch, info);
        await flushed;
        flushed = flush(backend);
      }
      expect(await flushed).toBeNull();
      await backend.close();
      const again = open({ segmentBytes: 1024 });
      expect(start(again).read).toEqual(asRead(batches));
      await again.close();
    });

    test("refuses what does not come next or has the wrong size", async () => {
      const backend = make()({ segmentBytes: 4096 });
      start(backend);
      const append = (tick: number, sequence: number, count: number, cut = 0): (() => void) => {
        const { batch, info } = makeBatch(tick, sequence, count);
        return () => backend.append(batch.subarray(cut), info);
      };
      expect(append(2, 1, 1)).toThrow("tick 2, sequence 1 instead of 1, 1");
      expect(append(1, 2, 1)).toThrow("tick 1, sequence 2 instead of 1, 1");
      expect(append(1, 1, 0)).toThrow("a batch of 0 records in 128 bytes");
      expect(append(1, 1, 2, 128)).toThrow("a batch of 2 records in 256 bytes");
      expect(append(1, 1, 31)).toThrow("a batch of 4096 bytes fits into no segment");
      append(1, 1, 30)();
      expect(await flush(backend)).toBeNull();
      await backend.close();
    });

    test("wants recover, then open, then append", async () => {
      const backend = make()({ segmentBytes: 4096 });
      const { batch, info } = makeBatch(1, 1, 1);
      expect(() => backend.open()).toThrow("open follows recover");
      backend.recover(() => {});
      expect(() => backend.recover(() => {})).toThrow();
      expect(() => backend.append(batch, info)).toThrow("the journal is not open");
      backend.open();
      await backend.close();
      expect(() => backend.append(batch, info)).toThrow("the journal is not open");
      expect(() => backend.open()).toThrow("open follows recover, once");
    });
  });
}

test("power failure takes back what was not flushed, and only that", async () => {
  const { disk } = new MemoryPersistence();
  const options = { segmentBytes: 4096, durability: "fsync" } as const;
  const backend = new MemoryPersistence(disk, options);
  start(backend);
  const kept = makeBatches([2, 3]);
  await write(backend, kept);
  const lost = makeBatch(3, 6, 4);
  backend.append(lost.batch, lost.info);
  disk.crash();

  const after = new MemoryPersistence(disk, options);
  const { read, report } = start(after);
  expect(read).toEqual(asRead(kept));
  expect(report).toMatchObject({ lastTick: 2, torn: null });
  const instead = makeBatch(3, 6, 1);
  await write(after, [instead]);
  disk.crash();
  expect(start(new MemoryPersistence(disk)).read).toEqual(asRead([...kept, instead]));
});
