import { expect, test } from "bun:test";
import { JournalDamagedError } from "../../../src/persistence/backend.ts";
import type { OpenMode } from "../../../src/persistence/wal/file-system.ts";
import { JournalMovedOnError, readLiveJournal } from "../../../src/persistence/wal/live-reader.ts";
import { verifyJournal } from "../../../src/persistence/wal/verify.ts";
import type { ReadBatch } from "../journals.ts";
import { asRead, copyOf } from "../journals.ts";
import { BATCHES, flip, pathOf, writeJournal } from "./closed-journal.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";

const LAST = pathOf(3);
/** In the first batch of the last segment, which a second one follows. */
const DURABLE_BYTE = 300;

/** A disk on which something happens whenever a file is opened. */
class LivelyDisk extends MemoryFileSystem {
  /** By path, how often it was opened. */
  readonly opened = new Map<string, number>();
  onOpen: (path: string, times: number) => void = () => {};

  override open(path: string, mode: OpenMode): number {
    const times = (this.opened.get(path) ?? 0) + 1;
    this.opened.set(path, times);
    this.onOpen(path, times);
    return super.open(path, mode);
  }

  static async withJournal(): Promise<LivelyDisk> {
    const journal = await writeJournal();
    const disk = new LivelyDisk();
    disk.makeDirectory("wal");
    for (const name of journal.list("wal")) {
      disk.place(`wal/${name}`, journal.contents(`wal/${name}`));
    }
    return disk;
  }
}

/** All that it gives, and how it ends. */
function read(disk: LivelyDisk): { batches: ReadBatch[]; error: unknown } {
  const batches: ReadBatch[] = [];
  try {
    readLiveJournal("wal", (batch) => batches.push(copyOf(batch)) > 0, disk);
    return { batches, error: null };
  } catch (error) {
    return { batches, error };
  }
}

test("a moment that looks like damage is read again, and no batch is given twice", async () => {
  const disk = await LivelyDisk.withJournal();
  // The first opening only asks whether the last segment is in use.
  disk.onOpen = (path, times) => {
    if (path === LAST && (times === 2 || times === 3)) flip(disk, LAST, DURABLE_BYTE);
  };
  expect(read(disk)).toEqual({ batches: asRead(BATCHES), error: null });
  expect(disk.opened.get(LAST)).toBeGreaterThan(2);
});

test("what stays is damage, after the sound batches have been given once", async () => {
  const disk = await LivelyDisk.withJournal();
  flip(disk, LAST, DURABLE_BYTE);
  const { batches, error } = read(disk);
  expect(batches).toEqual(asRead(BATCHES.slice(0, 5)));
  expect(error).toBeInstanceOf(JournalDamagedError);
  expect(error).toMatchObject({ file: LAST, offset: 128, kind: "flipped-bit" });
});

test("a segment that is removed before it is read is not missed, one that was due is", async () => {
  const early = await LivelyDisk.withJournal();
  early.onOpen = (path, times) => {
    if (path === LAST && times === 1) early.remove(pathOf(1));
  };
  expect(read(early)).toEqual({ batches: asRead(BATCHES).slice(3), error: null });

  const { batches, error } = read(await overtaken());
  expect(batches).toEqual(asRead(BATCHES).slice(0, 3));
  expect(error).toBeInstanceOf(JournalMovedOnError);
  expect(String(error)).toContain("wal: the exchange removed tick 4 before it was read");
});

test("who verifies a journal begins anew when the exchange removes what he has not come to", async () => {
  const disk = await overtaken();
  const found = verifyJournal("wal", "snapshots", { fileSystem: disk });
  const left = BATCHES.length - 5;
  expect(found).toMatchObject({ sound: true, first_segment: 3, segments: 1, batches: left });
  expect(found.first?.tick).toBe(6);
});

/** Its first two segments are removed when the second is to be read. */
async function overtaken(): Promise<LivelyDisk> {
  const disk = await LivelyDisk.withJournal();
  disk.makeDirectory("snapshots");
  disk.onOpen = (path, times) => {
    if (path !== pathOf(2) || times !== 1) return;
    disk.remove(pathOf(1));
    disk.remove(pathOf(2));
  };
  return disk;
}

test("it ends when no more is wanted, and with what the receiver throws", async () => {
  const disk = await LivelyDisk.withJournal();
  const ticks: number[] = [];
  const reading = readLiveJournal("wal", ({ tick }) => ticks.push(tick) < 4, disk);
  expect({ ticks, reading }).toEqual({ ticks: [1, 2, 3, 4], reading: null });

  const bug = new Error("a bug of the receiver");
  let calls = 0;
  const failing = (): boolean => {
    calls++;
    throw bug;
  };
  expect(() => readLiveJournal("wal", failing, disk)).toThrow(bug);
  expect(calls).toBe(1);
});
