import { describe, expect, test } from "bun:test";
import type { FileWriter, OpenMode } from "../../../src/persistence/wal/file-system.ts";
import type { Segment } from "../../../src/persistence/wal/segment.ts";
import { type LeftSegment, SegmentSupply } from "../../../src/persistence/wal/segment-supply.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";

const SEGMENT_BYTES = 1024;
/** The segment before was full. */
const FULL = { bytes: SEGMENT_BYTES, isFull: true };

/** A disk with so many bytes of room, which it tells as `told` says. */
class SmallDisk extends MemoryFileSystem {
  roomBytes = Number.POSITIVE_INFINITY;
  /** Says that there is room when there is none, as with quotas. */
  conceals = false;
  directoryFault: Error | null = null;
  removeFault: Error | null = null;
  openFault: Error | null = null;
  writerFault: Error | null = null;
  largestFlushBytes = 0;
  #unflushedBytes = 0;

  override fdatasyncAndWait(file: number): void {
    this.largestFlushBytes = Math.max(this.largestFlushBytes, this.#unflushedBytes);
    this.#unflushedBytes = 0;
    super.fdatasyncAndWait(file);
  }

  override open(path: string, mode: OpenMode): number {
    if (this.openFault !== null) throw this.openFault;
    return super.open(path, mode);
  }

  override writer(file: number): FileWriter {
    if (this.writerFault !== null) throw this.writerFault;
    return super.writer(file);
  }

  get usedBytes(): number {
    return this.list("wal").reduce((sum, name) => sum + this.contents(`wal/${name}`).length, 0);
  }

  override async freeBytes(): Promise<number> {
    return this.conceals ? Number.POSITIVE_INFINITY : this.roomBytes - this.usedBytes;
  }

  override writeAtAndWait(file: number, bytes: Uint8Array, position: number): void {
    const growth = Math.max(0, position + bytes.length - this.size(file));
    if (this.usedBytes + growth > this.roomBytes)
      throw new Error("ENOSPC: no space left on device");
    this.#unflushedBytes += bytes.length;
    super.writeAtAndWait(file, bytes, position);
  }

  override async syncDirectory(): Promise<void> {
    if (this.directoryFault !== null) throw this.directoryFault;
    await super.syncDirectory();
  }

  override remove(path: string): void {
    if (this.removeFault !== null) throw this.removeFault;
    super.remove(path);
  }
}

class Rig {
  readonly disk = new SmallDisk();
  readonly counters = { segmentsLate: 0, preparationsFailed: 0 };
  now = 0;
  readonly supply: SegmentSupply;

  constructor(bytesMax = SEGMENT_BYTES) {
    this.supply = new SegmentSupply(this.disk, "wal", bytesMax, this.counters, () => this.now);
  }

  /** Asks for segment `number` to be prepared and waits until nothing more happens. */
  async prepare(number: number): Promise<void> {
    this.supply.prepare(() => number);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  names(): string[] {
    return this.disk.list("wal").sort();
  }
}

function fill({ disk }: Rig, segment: Segment): void {
  disk.writeAtAndWait(segment.file, new Uint8Array(SEGMENT_BYTES), 0);
}

const NO_ROOM =
  "the next segment cannot be prepared: 1023 bytes are free in wal, and 1024 are needed";

describe("a segment that does not fit", () => {
  test("is trouble at once, and writes nothing", async () => {
    const rig = new Rig();
    rig.supply.first(1);
    rig.disk.roomBytes = 2 * SEGMENT_BYTES - 1;
    expect(rig.supply.trouble).toBeNull();
    await rig.prepare(2);
    expect(rig.supply.trouble?.message).toBe(NO_ROOM);
    expect(rig.supply.trouble?.cause).toMatchObject({ code: "ENOSPC" });
    expect(rig.counters).toEqual({ segmentsLate: 0, preparationsFailed: 1 });
    expect(rig.names()).toEqual(["wal_000001.log"]);
  });

  test("is tried again a second later, and is as good as any when there is room again", async () => {
    const rig = new Rig();
    rig.supply.first(1);
    rig.disk.roomBytes = 2 * SEGMENT_BYTES - 1;
    await rig.prepare(2);
    rig.disk.roomBytes = 2 * SEGMENT_BYTES;
    rig.now = 999;
    await rig.prepare(2);
    expect([rig.supply.trouble?.message, rig.names()]).toEqual([NO_ROOM, ["wal_000001.log"]]);
    rig.now = 1000;
    await rig.prepare(2);
    expect([rig.supply.trouble, rig.names()]).toEqual([null, ["wal_000001.log", "wal_000002.log"]]);
    expect(rig.supply.next(2, FULL).number).toBe(2);
    expect(rig.counters).toEqual({ segmentsLate: 0, preparationsFailed: 1 });
  });

  test("that the disk does not tell of takes no room either when it has failed", async () => {
    const rig = new Rig();
    rig.disk.conceals = true;
    rig.supply.first(1);
    rig.disk.roomBytes = 2 * SEGMENT_BYTES - 1;
    await rig.prepare(2);
    expect(rig.supply.trouble?.message).toBe(
      "the next segment cannot be prepared: ENOSPC: no space left on device",
    );
    expect(rig.names()).toEqual(["wal_000001.log"]);
  });

  test("and whose file cannot be removed does not stand in the way of the next attempt", async () => {
    const rig = new Rig();
    rig.disk.conceals = true;
    rig.supply.first(1);
    rig.disk.roomBytes = SEGMENT_BYTES;
    rig.disk.removeFault = new Error("EROFS: read-only file system");
    await rig.prepare(2);
    expect(rig.names()).toEqual(["wal_000001.log", "wal_next.tmp"]);
    rig.disk.roomBytes = 2 * SEGMENT_BYTES;
    rig.disk.removeFault = null;
    rig.now = 1000;
    await rig.prepare(2);
    expect([rig.supply.trouble, rig.names()]).toEqual([null, ["wal_000001.log", "wal_000002.log"]]);
  });
});

describe("a segment made late, as there was no room for zeros", () => {
  test("takes what room there is", async () => {
    const rig = new Rig();
    rig.supply.first(1);
    rig.disk.roomBytes = SEGMENT_BYTES + 100;
    await rig.prepare(2);
    const late = rig.supply.next(2, FULL);
    late.write(new Uint8Array(100));
    expect(() => late.write(new Uint8Array(1))).toThrow("ENOSPC");
    expect(rig.counters).toEqual({ segmentsLate: 1, preparationsFailed: 1 });
  });

  test("is never robbed of its own room by the zeros of the one after it", async () => {
    const rig = new Rig();
    rig.supply.first(1);
    rig.disk.roomBytes = SEGMENT_BYTES;
    await rig.prepare(2);
    const late = rig.supply.next(2, FULL);
    // Room for one segment, which the late one is going to fill itself.
    rig.disk.roomBytes = 3 * SEGMENT_BYTES - 1;
    rig.now = 1000;
    await rig.prepare(3);
    expect(rig.names()).toEqual(["wal_000001.log", "wal_000002.log"]);
    rig.disk.roomBytes = 3 * SEGMENT_BYTES;
    rig.now = 2000;
    await rig.prepare(3);
    expect(rig.supply.trouble).toBeNull();
    fill(rig, late);
    expect(rig.supply.next(3, FULL).number).toBe(3);
    expect(rig.counters).toEqual({ segmentsLate: 1, preparationsFailed: 2 });
    // A prepared one has its room already.
    rig.disk.roomBytes = 4 * SEGMENT_BYTES;
    await rig.prepare(4);
    expect([rig.supply.trouble, rig.names().length]).toEqual([null, 4]);
  });
});

test("a directory that could not be flushed is not trusted again", async () => {
  const rig = new Rig();
  rig.supply.first(1);
  rig.disk.directoryFault = new Error("EIO: i/o error");
  await rig.prepare(2);
  expect(rig.supply.trouble?.message).toBe("the next segment cannot be prepared: EIO: i/o error");
  rig.disk.directoryFault = null;
  rig.now = 1000;
  await rig.prepare(2);
  expect(() => rig.supply.next(2, FULL)).toThrow("EIO");
});

test("a first segment that does not fit is removed again", () => {
  const rig = new Rig();
  rig.disk.roomBytes = SEGMENT_BYTES - 1;
  expect(() => rig.supply.first(1)).toThrow("ENOSPC");
  expect(rig.names()).toEqual([]);
});

test("a supply that ends removes what was not used", async () => {
  const rig = new Rig();
  rig.supply.first(1);
  await rig.prepare(2);
  await rig.supply.stop();
  expect(rig.names()).toEqual(["wal_000001.log"]);
});

describe("when all descriptors are used up", () => {
  const EMFILE = Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });

  test("a directory that could not be opened is flushed later: nothing failed", async () => {
    const rig = new Rig();
    rig.supply.first(1);
    rig.disk.directoryFault = EMFILE;
    await rig.prepare(2);
    expect(rig.supply.trouble?.message).toBe(
      "the next segment cannot be prepared: EMFILE: too many open files",
    );
    expect(rig.names()).toEqual(["wal_000001.log", "wal_000002.log"]);
    rig.disk.directoryFault = null;
    rig.now = 1000;
    await rig.prepare(2);
    expect(rig.supply.trouble).toBeNull();
    expect(rig.supply.next(2, FULL).number).toBe(2);
    expect(rig.counters).toEqual({ segmentsLate: 0, preparationsFailed: 1 });
  });

  test("a prepared segment is there, and one that cannot be made leaves nothing behind", async () => {
    const rig = new Rig();
    rig.supply.first(1);
    await rig.prepare(2);
    rig.disk.openFault = EMFILE;
    const second = rig.supply.next(2, FULL);
    second.write(new Uint8Array(100));
    await rig.prepare(3);
    expect(() => rig.supply.next(3, FULL)).toThrow(EMFILE);
    rig.disk.openFault = null;
    rig.disk.writerFault = EMFILE;
    expect(() => rig.supply.next(3, FULL)).toThrow(EMFILE);
    rig.disk.writerFault = null;
    expect(rig.names()).toEqual(["wal_000001.log", "wal_000002.log"]);
    expect(rig.supply.next(3, FULL).number).toBe(3);
    expect(rig.counters).toEqual({ segmentsLate: 1, preparationsFailed: 1 });
  });
});

describe("a segment's length", () => {
  const MIB = 1024 * 1024;

  /** Those prepared after segments like these, in MiB. */
  async function lengthsAfter(...left: LeftSegment[]): Promise<number[]> {
    const rig = new Rig(64 * MIB);
    const lengths = [rig.supply.first(1).room / MIB];
    for (const [at, each] of left.entries()) {
      rig.supply.next(at + 2, each);
      await rig.prepare(at + 3);
      lengths.push(rig.disk.contents(`wal/${rig.names().at(-1)}`).length / MIB);
    }
    return lengths;
  }

  test("grows with the flow up to the limit", async () => {
    const full = (mib: number): LeftSegment => ({ bytes: mib * MIB, isFull: true });
    expect(await lengthsAfter(full(8), full(8), full(32), full(64))).toEqual([8, 32, 32, 64, 64]);
  });

  test("is filled in pieces that a tick's flush need not wait for", async () => {
    const rig = new Rig(64 * MIB);
    rig.supply.first(1);
    const before = rig.disk.largestFlushBytes;
    rig.supply.next(2, { bytes: 8 * MIB, isFull: true });
    rig.disk.largestFlushBytes = 0;
    await rig.prepare(3);
    expect(rig.disk.contents("wal/wal_000003.log").length).toBe(32 * MIB);
    expect(rig.disk.largestFlushBytes).toBe(256 * 1024);
    // Nothing runs beside the first one.
    expect(before).toBe(8 * MIB);
  });

  test("shrinks to what was in one that ended early, in whole MiB, and to 8 MiB at least", async () => {
    const early = (bytes: number): LeftSegment => ({ bytes, isFull: false });
    expect(await lengthsAfter(early(20 * MIB - 5), early(64), early(99 * MIB))).toEqual([
      8, 20, 8, 64,
    ]);
  });
});
