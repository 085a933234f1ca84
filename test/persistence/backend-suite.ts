/** The tests that every persistence backend must pass. */

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { PersistenceBackend, RecoveryReport } from "../../src/persistence/backend.ts";
import type { FileSystem } from "../../src/persistence/wal/file-system.ts";
import type { JournalOptions } from "../../src/persistence/wal/journal.ts";
import { segmentName } from "../../src/persistence/wal/layout.ts";
import { until } from "../lib/until.ts";
import type { ReadBatch } from "./journals.ts";
import { asRead, copyOf, flush, makeBatch, makeBatches, write } from "./journals.ts";
import type { Place } from "./tally.ts";
import { replayAll, Tally, takeSnapshot } from "./tally.ts";

/** The directories of one exchange. Each `open` is a start on them. */
export interface Home extends Place {
  open(options: Omit<JournalOptions, "directory" | "snapshotDirectory">): PersistenceBackend;
}

const EMPTY = {
  segments: 0,
  batches: 0,
  commands: 0,
  lastTick: 0,
  lastSequence: 0,
  lastTimestamp: 0,
  torn: null,
  snapshot: null,
  unusable: [],
};

function start(backend: PersistenceBackend): { read: ReadBatch[]; report: object } {
  const read: ReadBatch[] = [];
  const report = backend.recover({ apply: (batch) => read.push(copyOf(batch)) });
  backend.open();
  return { read, report: withoutTimes(report) };
}

function withoutTimes({ milliseconds, ...report }: RecoveryReport): object {
  expect(Math.min(milliseconds.snapshot, milliseconds.journal)).toBeGreaterThanOrEqual(0);
  return report;
}

function sizeOf(fileSystem: FileSystem, path: string): number {
  const file = fileSystem.open(path, "read");
  const size = fileSystem.size(file);
  fileSystem.close(file);
  return size;
}

function flipLastByte(fileSystem: FileSystem, path: string): void {
  const file = fileSystem.open(path, "write");
  const last = new Uint8Array(1);
  const position = fileSystem.size(file) - 1;
  fileSystem.read(file, last, position);
  fileSystem.writeAtAndWait(
    file,
    last.map((byte) => byte ^ 1),
    position,
  );
  fileSystem.close(file);
}

/** Every backend runs these tests, whatever else it can do. */
export function describeBackend(name: string, make: () => Home): void {
  describe(`${name} persistence`, () => {
    test("starts empty", async () => {
      const backend = make().open({ segmentBytes: 4096 });
      expect(start(backend)).toEqual({ read: [], report: EMPTY });
      expect(backend.sealedThrough()).toBe(0);
      await backend.close();
    });

    for (const durability of ["fsync", "interval", "none"] as const) {
      for (const flushing of ["overlapped", "blocking"] as const) {
        test(`gives back what was written: ${durability}, ${flushing}`, async () => {
          const options = { segmentBytes: 4096, durability, flush: flushing };
          const { open } = make();
          const batches = makeBatches([1, 3, 30, 2, 7, 7, 7, 1, 1, 25]);
          const first = open(options);
          start(first);
          await write(first, batches);
          await first.close();

          const second = open(options);
          const { read, report } = start(second);
          expect(read).toEqual(asRead(batches));
          expect(report).toEqual({
            ...EMPTY,
            segments: 4,
            batches: 10,
            commands: 84,
            lastTick: 10,
            lastSequence: 84,
            lastTimestamp: 1_700_000_000_010,
          });
          await second.close();
        });
      }
    }

    test("continues over many starts, also those that write nothing", async () => {
      const { open } = make();
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

    test("ends a segment early, once it has batches, and says when it is sealed", async () => {
      const { open, walDirectory, fileSystem } = make();
      const backend = open({ segmentBytes: 4096 });
      const told: number[] = [];
      backend.onSealed((through) => told.push(through));
      start(backend);
      expect(backend.rotate()).toBe(0);
      const batches = makeBatches([1, 2, 3]);
      await write(backend, batches.slice(0, 2));
      expect([backend.rotate(), backend.rotate()]).toEqual([1, 1]);
      await until(() => backend.sealedThrough() === 1);
      expect(sizeOf(fileSystem, join(walDirectory, segmentName(1)))).toBe(768);
      await write(backend, batches.slice(2));
      expect(backend.rotate()).toBe(2);
      await backend.close();
      expect([backend.sealedThrough(), told]).toEqual([2, [1, 2]]);

      const again = open({ segmentBytes: 4096 });
      expect(start(again).read).toEqual(asRead(batches));
      expect([again.sealedThrough(), again.rotate()]).toEqual([2, 2]);
      await again.close();
    });

    test("seals by size and at the end, in order", async () => {
      const backend = make().open({ segmentBytes: 1024 });
      const told: number[] = [];
      start(backend);
      backend.onSealed((through) => told.push(through));
      await write(backend, makeBatches([6, 6, 6, 1]));
      await backend.close();
      expect([backend.sealedThrough(), told]).toEqual([4, [1, 2, 3, 4]]);
    });

    test("goes on from a snapshot and reads only what came after it", async () => {
      const home = make();
      const backend = home.open({ segmentBytes: 1024 });
      start(backend);
      await write(backend, makeBatches([6, 6, 2]));
      await until(() => backend.sealedThrough() === 2);
      const { file, tick } = takeSnapshot(home, 2);
      await write(backend, makeBatches([6, 1, 3], 4, 15));
      await backend.close();
      const whole = replayAll(home);

      const tally = new Tally();
      const again = home.open({ segmentBytes: 1024 });
      const report = withoutTimes(again.recover(tally));
      expect(tally.state()).toEqual(whole);
      expect([tally.loaded, tally.applied, tally.warnings]).toEqual([[2], [3, 4, 5, 6], []]);
      expect(report).toEqual({
        segments: 3,
        batches: 4,
        commands: 12,
        lastTick: 6,
        lastSequence: 24,
        lastTimestamp: 1_700_000_000_006,
        torn: null,
        snapshot: { file, tick },
        unusable: [],
      });
      expect(tally.progress).toEqual([
        { segment: 1, segments: 3, bytesRead: 512, bytesTotal: 2432, commands: 2 },
        { segment: 2, segments: 3, bytesRead: 1536, bytesTotal: 2432, commands: 8 },
        { segment: 3, segments: 3, bytesRead: 2432, bytesTotal: 2432, commands: 12 },
      ]);
      again.open();
      await write(again, makeBatches([1], 7, 25));
      await again.close();
      expect(replayAll(home)).toMatchObject({ tick: 7, commands: 25 });
    });

    test("goes on from a snapshot that nothing came after", async () => {
      const home = make();
      const backend = home.open({ segmentBytes: 1024 });
      start(backend);
      await write(backend, makeBatches([2, 3]));
      await backend.close();
      takeSnapshot(home, 1);
      for (const turn of [0, 1]) {
        const tally = new Tally();
        const again = home.open({ segmentBytes: 1024 });
        const report = again.recover(tally);
        expect(report).toMatchObject({ segments: 0, lastTick: 2, lastSequence: 5, commands: 0 });
        expect(report.lastTimestamp).toBe(1_700_000_000_002);
        expect(tally.state()).toEqual(replayAll(home));
        again.open();
        expect(again.sealedThrough()).toBe(1);
        if (turn === 1) await write(again, makeBatches([1], 3, 6));
        await again.close();
      }
      const last = home.open({ segmentBytes: 1024 });
      expect(last.recover(new Tally())).toMatchObject({ segments: 1, batches: 1, lastTick: 3 });
      await last.close();
    });

    test("passes over snapshots where nobody takes them", async () => {
      const home = make();
      const backend = home.open({ segmentBytes: 1024 });
      start(backend);
      const batches = makeBatches([6, 6, 1]);
      await write(backend, batches);
      await backend.close();
      takeSnapshot(home, 2);
      const again = home.open({ segmentBytes: 1024 });
      expect(start(again)).toMatchObject({ read: asRead(batches), report: { snapshot: null } });
      await again.close();
    });

    test("takes the snapshot before one that is damaged, and moves that one out of the way", async () => {
      const home = make();
      const backend = home.open({ segmentBytes: 1024 });
      start(backend);
      await write(backend, makeBatches([6, 6, 6, 1]));
      await backend.close();
      const first = takeSnapshot(home, 1);
      const second = takeSnapshot(home, 2);
      flipLastByte(home.fileSystem, second.file);
      const whole = replayAll(home);

      const tally = new Tally();
      const again = home.open({ segmentBytes: 1024 });
      const report = withoutTimes(again.recover(tally));
      expect(tally.state()).toEqual(whole);
      const reason = expect.stringContaining("section spare (5 bytes) does not match its hash");
      const movedTo = `${second.file}.unusable`;
      expect(report).toMatchObject({
        snapshot: first,
        unusable: [{ file: second.file, reason, movedTo }],
      });
      expect(tally.warnings).toEqual([
        [{ file: second.file, reason }, "snapshot cannot be used; the one before is tried"],
      ]);
      const there = [second.file, movedTo].map((file) => home.fileSystem.exists(file));
      expect(there).toEqual([false, true]);
      again.open();
      await again.close();
    });

    test("an append between two flushes is durable after the second", async () => {
      const { open } = make();
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
      const backend = make().open({ segmentBytes: 4096 });
      start(backend);
      const append = (tick: number, sequence: number, count: number, cut = 0): (() => void) => {
        const { batch, info } = makeBatch(tick, sequence, count);
        return () => backend.append(batch.subarray(cut), info);
      };
      expect(append(2, 1, 1)).toThrow("tick 2, sequence 1 instead of 1, 1");
      expect(append(1, 2, 1)).toThrow("tick 1, sequence 2 instead of 1, 1");
      expect(append(1, 1, 0)).toThrow("0 records in 0 bytes");
      expect(append(1, 1, 2, 128)).toThrow("2 records in 128 bytes");
      expect(append(1, 1, 31)).toThrow("a batch of 4096 bytes fits into no segment");
      append(1, 1, 30)();
      expect(await flush(backend)).toBeNull();
      await backend.close();
    });

    test("wants recover, then open, then append", async () => {
      const backend = make().open({ segmentBytes: 4096 });
      const { batch, info } = makeBatch(1, 1, 1);
      expect(() => backend.open()).toThrow("open follows recover");
      backend.recover({ apply: () => {} });
      expect(() => backend.recover({ apply: () => {} })).toThrow();
      expect(() => backend.append(batch, info)).toThrow("the journal is not open");
      backend.open();
      await backend.close();
      expect(() => backend.append(batch, info)).toThrow("the journal is not open");
      expect(() => backend.open()).toThrow("open follows recover, once");
    });
  });
}
