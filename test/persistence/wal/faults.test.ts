import { describe, expect, test } from "bun:test";
import { openSync } from "node:fs";
import { StorageFailedError } from "../../../src/persistence/backend.ts";
import type { FileWriter, OpenMode } from "../../../src/persistence/wal/file-system.ts";
import { diskFileSystem } from "../../../src/persistence/wal/file-system.ts";
import type { JournalOptions } from "../../../src/persistence/wal/journal.ts";
import { until } from "../../lib/until.ts";
import type { ReadBatch } from "../journals.ts";
import { asRead, copyOf, flush, makeBatches, write } from "../journals.ts";
import { MemoryPersistence } from "../memory-persistence.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";

const EIO = new Error("EIO: i/o error");

/** Fails the operations named in `failing`. */
class FaultyFileSystem extends MemoryFileSystem {
  readonly failing = new Set<"fdatasync" | "writeAt" | "truncate" | "syncDirectory">();

  override fdatasync(file: number, done: (error: Error | null) => void): void {
    if (this.failing.has("fdatasync")) queueMicrotask(() => done(EIO));
    else super.fdatasync(file, done);
  }

  override fdatasyncAndWait(file: number): void {
    if (this.failing.has("fdatasync")) throw EIO;
    super.fdatasyncAndWait(file);
  }

  override async writeAt(file: number, bytes: Uint8Array, position: number): Promise<void> {
    if (this.failing.has("writeAt")) throw EIO;
    await super.writeAt(file, bytes, position);
  }

  override async truncate(file: number, bytes: number): Promise<void> {
    if (this.failing.has("truncate")) throw EIO;
    await super.truncate(file, bytes);
  }

  override async syncDirectory(): Promise<void> {
    if (this.failing.has("syncDirectory")) throw EIO;
    await super.syncDirectory();
  }
}

/** Hands out `broken` as the writer of every file. */
class BrokenWriterFileSystem extends MemoryFileSystem {
  constructor(readonly broken: FileWriter) {
    super();
  }

  override writer(): FileWriter {
    return this.broken;
  }
}

function opened(disk: MemoryFileSystem, options: Partial<JournalOptions> = {}): MemoryPersistence {
  const backend = new MemoryPersistence(disk, { segmentBytes: 1024, ...options });
  backend.recover({ apply: () => {} });
  backend.open();
  return backend;
}

function survivors(disk: MemoryFileSystem): ReadBatch[] {
  const read: ReadBatch[] = [];
  new MemoryPersistence(disk).recover({ apply: (batch) => read.push(copyOf(batch)) });
  return read;
}

/** Lets everything that was started beside the ticks come to its end. */
describe("a failed flush", () => {
  for (const flushing of ["overlapped", "blocking"] as const) {
    test(`is told once and is final: ${flushing}`, async () => {
      const disk = new FaultyFileSystem();
      const backend = opened(disk, { flush: flushing });
      const batches = makeBatches([1, 1, 1]);
      await write(backend, batches.slice(0, 1));
      const [, second, third] = batches as [never, (typeof batches)[0], (typeof batches)[0]];
      disk.failing.add("fdatasync");
      backend.append(second.batch, second.info);
      const error = await flush(backend);
      expect(error).toBeInstanceOf(StorageFailedError);
      expect(error?.message).toBe("the journal in wal failed: EIO: i/o error");
      expect(error?.cause).toBe(EIO);

      disk.failing.clear();
      expect(await flush(backend)).toBe(error);
      expect(() => backend.append(third.batch, third.info)).toThrow(error as Error);
      expect(backend.failure).toBe(error);
      await expect(backend.close()).rejects.toBe(error);
      disk.crash();
      expect(survivors(disk)).toEqual(asRead(batches.slice(0, 1)));
    });
  }

  test("between two calls is told by the next flush: interval", async () => {
    const disk = new FaultyFileSystem();
    const backend = opened(disk, { durability: "interval", flushIntervalMs: 1 });
    disk.failing.add("fdatasync");
    await write(backend, makeBatches([1]));
    await until(() => backend.failure !== null);
    expect(await flush(backend)).toBe(backend.failure);
    await expect(backend.close()).rejects.toThrow("EIO");
  });

  test("at the end of a segment fails the append that needed the next one", async () => {
    const disk = new FaultyFileSystem();
    const backend = opened(disk, { durability: "none" });
    const batches = makeBatches([6, 1]);
    await write(backend, batches.slice(0, 1));
    disk.failing.add("fdatasync");
    await expect(write(backend, batches.slice(1))).rejects.toThrow(StorageFailedError);
    await expect(backend.close()).rejects.toThrow("EIO");
  });
});

test("the seal of the last segment waits for the disk beside the event loop", async () => {
  class SlowDisk extends MemoryFileSystem {
    #isBeside = false;
    readonly waits = { beside: 0, inThread: 0 };
    override fdatasync(file: number, done: (error: Error | null) => void): void {
      this.waits.beside++;
      this.#isBeside = true;
      super.fdatasync(file, (error) => {
        this.#isBeside = false;
        done(error);
      });
    }
    override fdatasyncAndWait(file: number): void {
      if (!this.#isBeside) this.waits.inThread++;
      super.fdatasyncAndWait(file);
    }
  }
  const disk = new SlowDisk();
  const backend = opened(disk, { durability: "none" });
  await write(backend, makeBatches([1]));
  const before = { ...disk.waits };
  await backend.close();
  expect(disk.waits.inThread).toBe(before.inThread);
  expect(disk.waits.beside).toBeGreaterThan(before.beside);
  disk.crash();
  expect(survivors(disk)).toEqual(asRead(makeBatches([1])));
});

describe("a failed write", () => {
  const held = { write: (bytes: Uint8Array) => bytes.length, flush: () => 0, end: () => 0 };
  const cases: Record<string, [FileWriter, reason: string]> = {
    "that took too little": [
      { ...held, write: (bytes) => bytes.length - 1 },
      "a write of 128 bytes was not taken whole",
    ],
    "that was refused": [{ ...held, write: () => Promise.reject(EIO) }, EIO.message],
    "that is still pending": [
      { ...held, write: async (bytes) => bytes.length },
      "a write of 128 bytes was not taken whole",
    ],
    "that flushing took too little of": [
      { ...held, flush: () => 1 },
      "a write of 128 bytes was not taken whole",
    ],
    "that flushing refused": [{ ...held, flush: () => Promise.reject(EIO) }, EIO.message],
    "that flushing threw at": [
      {
        ...held,
        flush: () => {
          throw EIO;
        },
      },
      EIO.message,
    ],
  };
  for (const [name, [writer, reason]] of Object.entries(cases)) {
    test(name, async () => {
      const backend = opened(new BrokenWriterFileSystem(writer));
      const batches = makeBatches([1]);
      await expect(write(backend, batches)).rejects.toThrow(reason);
      expect(backend.failure).toBeInstanceOf(StorageFailedError);
      await expect(write(backend, batches)).rejects.toBe(backend.failure as Error);
      await expect(backend.close()).rejects.toBe(backend.failure as Error);
    });
  }

  const withFullDevice = test.skipIf(!diskFileSystem.exists("/dev/full"));
  for (const count of [1, 1000]) {
    withFullDevice(`to a full device, ${count} records (skipped without /dev/full)`, async () => {
      const writer = diskFileSystem.writer(openSync("/dev/full", "w"));
      const backend = opened(new BrokenWriterFileSystem(writer), { segmentBytes: 1024 * 1024 });
      await expect(write(backend, makeBatches([count]))).rejects.toThrow("ENOSPC");
    });
  }
});

describe("trouble beside the ticks", () => {
  test("a segment that cannot be prepared is trouble, and made when it is needed", async () => {
    const disk = new FaultyFileSystem();
    disk.failing.add("writeAt");
    const backend = opened(disk);
    const batches = makeBatches([1, 1, 1, 1]);
    expect(backend.trouble).toBeNull();
    await write(backend, batches.slice(0, 3));
    await until(() => backend.trouble !== null);
    const trouble = "the next segment cannot be prepared: EIO: i/o error";
    expect([backend.trouble?.message, backend.failure]).toEqual([trouble, null]);
    await write(backend, batches.slice(3));
    expect(backend.counters).toMatchObject({ segments: 2, segmentsLate: 1, preparationsFailed: 1 });
    await backend.close();
    expect(survivors(disk)).toEqual(asRead(batches));
  });

  test("with room again the next segment is prepared though no batch comes", async () => {
    const disk = new FaultyFileSystem();
    disk.failing.add("writeAt");
    const backend = opened(disk);
    await write(backend, makeBatches([1, 1, 1]));
    await until(() => backend.trouble !== null);
    disk.failing.clear();
    await until(() => {
      backend.prepareAgain();
      return backend.trouble === null;
    });
    await backend.close();
    backend.prepareAgain();
    expect(backend.counters).toMatchObject({ segments: 1, segmentsLate: 0 });
  });

  test("a segment whose name may be lost stops nothing until it is needed, and then all", async () => {
    const disk = new FaultyFileSystem();
    disk.failing.add("syncDirectory");
    const backend = opened(disk);
    const batches = makeBatches([1, 1, 1, 1]);
    await write(backend, batches.slice(0, 3));
    await until(() => backend.trouble !== null);
    expect(backend.failure).toBeNull();
    disk.failing.clear();
    await expect(write(backend, batches.slice(3))).rejects.toThrow("EIO");
    await expect(backend.close()).rejects.toThrow("EIO");
    disk.crash();
    expect(survivors(disk)).toEqual(asRead(batches.slice(0, 3)));
  });

  test("a segment that cannot be sealed is a failed disk", async () => {
    const disk = new FaultyFileSystem();
    const backend = opened(disk);
    const batches = makeBatches([3, 3]);
    disk.failing.add("truncate");
    await write(backend, batches);
    await until(() => backend.failure !== null);
    expect(await flush(backend)).toBe(backend.failure);
    await expect(backend.close()).rejects.toThrow("EIO");
    expect(backend.sealedThrough()).toBe(0);
    disk.crash();
    expect(survivors(disk)).toEqual(asRead(batches));
  });
});

describe("segments", () => {
  test("are taken as prepared when there was time, and made at once when there was none", async () => {
    const disk = new MemoryFileSystem();
    const backend = opened(disk, { flush: "blocking" });
    const batches = makeBatches([6, 6, 6]);
    const [first, second, third] = batches as [
      (typeof batches)[0],
      (typeof batches)[0],
      (typeof batches)[0],
    ];
    backend.append(first.batch, first.info);
    await until(() => disk.exists("wal/wal_000002.log"));
    await until(() => !disk.exists("wal/wal_next.tmp"));
    backend.append(second.batch, second.info);
    expect(backend.counters).toMatchObject({ segments: 2, segmentsLate: 0 });
    backend.append(third.batch, third.info);
    expect(backend.counters).toMatchObject({ segments: 3, segmentsLate: 1 });
    await backend.close();
    expect(disk.list("wal").sort()).toEqual(["wal_000001.log", "wal_000002.log", "wal_000003.log"]);
    expect(survivors(disk)).toEqual(asRead(batches));
  });

  test("are trimmed to what they hold, and the unused one is removed", async () => {
    const disk = new MemoryFileSystem();
    const backend = opened(disk);
    await write(backend, makeBatches([2, 3, 1]));
    await until(() => disk.exists("wal/wal_000003.log"));
    await backend.close();
    const sizes = disk.list("wal").map((name) => [name, disk.contents(`wal/${name}`).length]);
    expect(sizes.sort()).toEqual([
      ["wal_000001.log", 1024],
      ["wal_000002.log", 384],
    ]);
  });

  test("refuse sizes that hold no batch or that no reader takes", () => {
    const make = (segmentBytes: number) => () => new MemoryPersistence(undefined, { segmentBytes });
    expect(make(383)).toThrow(RangeError);
    expect(make(2 ** 31)).toThrow(RangeError);
  });
});

test("without a descriptor for the next segment the one in hand grows on, and a rotation is refused", async () => {
  const EMFILE = Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
  class FullTable extends MemoryFileSystem {
    isFull = false;
    override open(path: string, mode: OpenMode): number {
      if (this.isFull) throw EMFILE;
      return super.open(path, mode);
    }
  }
  const disk = new FullTable();
  const backend = opened(disk);
  disk.isFull = true;
  const batches = makeBatches(Array(12).fill(1));
  await write(backend, batches.slice(0, 10));
  expect(() => backend.rotate()).toThrow(EMFILE);
  expect(backend.failure).toBeNull();
  expect(backend.trouble?.cause).toBe(EMFILE);
  expect(disk.list("wal")).toEqual(["wal_000001.log"]);

  disk.isFull = false;
  expect(backend.rotate()).toBe(1);
  await write(backend, batches.slice(10));
  await backend.close();
  expect(disk.list("wal").sort()).toEqual(["wal_000001.log", "wal_000002.log"]);
  expect(survivors(disk)).toEqual(asRead(batches));
});

describe("a rotation on a full disk is refused, and the segment in hand goes on", () => {
  const ENOSPC = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });

  test("without room for a prepared one: a new one would grow, and the first write fail", async () => {
    class FullDisk extends MemoryFileSystem {
      isFull = false;
      override async freeBytes(): Promise<number> {
        return this.isFull ? 0 : Number.POSITIVE_INFINITY;
      }
    }
    const disk = new FullDisk();
    const backend = opened(disk);
    disk.isFull = true;
    const batches = makeBatches(Array(4).fill(1));
    await write(backend, batches.slice(0, 2));
    await until(() => backend.trouble !== null);
    expect(() => backend.rotate()).toThrow("the next segment cannot be prepared: 0 bytes are free");
    expect(backend.failure).toBeNull();
    await write(backend, batches.slice(2, 3));
    expect(disk.list("wal")).toEqual(["wal_000001.log"]);

    disk.isFull = false;
    await until(() => {
      try {
        return backend.rotate() === 1;
      } catch {
        return false;
      }
    });
    await write(backend, batches.slice(3));
    await backend.close();
    expect(disk.list("wal").sort()).toEqual(["wal_000001.log", "wal_000002.log"]);
    expect(survivors(disk)).toEqual(asRead(batches));
  });

  test("without room for one more file, also before that was noticed", async () => {
    class NoMoreFiles extends MemoryFileSystem {
      isFull = false;
      override open(path: string, mode: OpenMode): number {
        if (this.isFull && mode === "create") throw ENOSPC;
        return super.open(path, mode);
      }
    }
    const disk = new NoMoreFiles();
    const backend = opened(disk, { flush: "blocking" });
    disk.isFull = true;
    const batches = makeBatches(Array(12).fill(1));
    const [first] = batches as [(typeof batches)[0]];
    backend.append(first.batch, first.info);
    await flush(backend);
    expect(() => backend.rotate()).toThrow(ENOSPC.message);
    await write(backend, batches.slice(1));
    expect(backend.failure).toBeNull();
    expect(disk.list("wal")).toEqual(["wal_000001.log"]);
    await backend.close();
    expect(survivors(disk)).toEqual(asRead(batches));
  });
});
