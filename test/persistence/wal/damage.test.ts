import { describe, expect, test } from "bun:test";
import type { DamageKind } from "../../../src/persistence/backend.ts";
import { JournalDamagedError } from "../../../src/persistence/backend.ts";
import { JOURNAL_VERSION, segmentName } from "../../../src/persistence/wal/layout.ts";
import { readJournal } from "../../../src/persistence/wal/recovery.ts";
import type { ReadBatch } from "../journals.ts";
import { asRead, copyOf, makeBatch, makeBatches, write } from "../journals.ts";
import { MemoryPersistence } from "../memory-persistence.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";

type Files = Map<string, Uint8Array>;

const SEGMENT_BYTES = 1024;
/** Three segments: batches at 128, 384, 768 · 128, 640 · 128, 384. */
const BATCHES = makeBatches([1, 2, 1, 3, 2, 1, 2]);
const LAST = `wal/${segmentName(3)}`;
/** Only a crash leaves it: prepared, never used. */
const UNUSED = `wal/${segmentName(4)}`;

/** The files of a journal of these batches, as a clean stop or a crash leaves them. */
async function journal(
  stop: "closed" | "crashed",
  batches: readonly ReturnType<typeof makeBatch>[] = BATCHES,
): Promise<Files> {
  const backend = new MemoryPersistence(undefined, { segmentBytes: SEGMENT_BYTES });
  backend.recover({ apply: () => {} });
  backend.open();
  await write(backend, batches);
  if (stop === "closed") {
    await backend.close();
    return filesOf(backend.disk);
  }
  backend.disk.crash();
  const files = filesOf(backend.disk);
  const last = new Uint8Array(SEGMENT_BYTES);
  last.set(get(files, 3));
  return files.set(LAST, last).set(UNUSED, new Uint8Array(SEGMENT_BYTES));
}

function filesOf(disk: MemoryFileSystem): Files {
  const names = disk.list("wal").sort();
  return new Map(names.map((name) => [`wal/${name}`, disk.contents(`wal/${name}`).slice()]));
}

function diskOf(files: Files): MemoryFileSystem {
  const disk = new MemoryFileSystem();
  disk.makeDirectory("wal");
  for (const [path, bytes] of files) disk.place(path, bytes);
  return disk;
}

function withFile(files: Files, path: string, bytes: Uint8Array): Files {
  return new Map(files).set(path, bytes);
}

function flipped(bytes: Uint8Array, offset: number, mask: number): Uint8Array {
  const copy = bytes.slice();
  copy[offset] = (copy[offset] as number) ^ mask;
  return copy;
}

function get(files: Files, number: number): Uint8Array {
  return files.get(`wal/${segmentName(number)}`) as Uint8Array;
}

/** Recovers; returns what was read, or the damage that it was refused for. */
function recover(
  files: Files,
): { read: ReadBatch[]; torn: object | null; disk: MemoryFileSystem } | JournalDamagedError {
  const disk = diskOf(files);
  const backend = new MemoryPersistence(disk, { segmentBytes: SEGMENT_BYTES });
  const read: ReadBatch[] = [];
  try {
    const { torn } = backend.recover({ apply: (batch) => read.push(copyOf(batch)) });
    return { read, torn, disk };
  } catch (error) {
    if (!(error instanceof JournalDamagedError)) throw error;
    expect(filesOf(disk)).toEqual(files);
    return error;
  }
}

function refusal(files: Files): { file: string; offset: number; kind: DamageKind } {
  const result = recover(files);
  if (!(result instanceof JournalDamagedError)) throw new Error("it was accepted");
  return { file: result.file, offset: result.offset, kind: result.kind };
}

/** Every byte's case: which batches it must leave, or null where it must be refused. */
async function expectOutcome(label: string, files: Files, batches: number | null): Promise<void> {
  const result = recover(files);
  if (result instanceof JournalDamagedError) {
    if (batches !== null) throw new Error(`${label}: refused: ${result.message}`);
    return;
  }
  if (batches === null) throw new Error(`${label}: accepted ${result.read.length} batches`);
  expect([label, result.read]).toEqual([label, asRead(BATCHES.slice(0, batches))]);
  // What recovery left must be a journal that goes on and reads back whole.
  const backend = new MemoryPersistence(result.disk, { segmentBytes: SEGMENT_BYTES });
  expect(backend.recover({ apply: () => {} }).torn).toBeNull();
  backend.open();
  const sequence = result.read.reduce((sum, { count }) => sum + count, 1);
  const next = makeBatch(result.read.length + 1, sequence, 1);
  await write(backend, [next]);
  await backend.close();
  const read: ReadBatch[] = [];
  readJournal("wal", (batch) => read.push(copyOf(batch)), result.disk);
  expect([label, read]).toEqual([label, [...result.read, ...asRead([next])]]);
}

/** What is left of a journal whose file at `path` is cut to `length`; null where it is refused. */
function leftOfCut(path: string, length: number): number | null {
  if (path === UNUSED) return 7;
  if (path !== LAST) return null;
  if (length < 384) return 5;
  return length < 768 ? 6 : 7;
}

/** The same with the byte at `offset` altered: only the last batch and the zeros can be torn. */
function leftOfFlip(path: string, offset: number): number | null {
  if (path === UNUSED) return offset < 128 ? null : 7;
  if (path !== LAST || offset < 384) return null;
  return offset < 768 ? 6 : 7;
}

for (const stop of ["closed", "crashed"] as const) {
  describe(`a journal ${stop}`, () => {
    test("every cut", async () => {
      const files = await journal(stop);
      for (const [path, bytes] of files) {
        for (let length = 0; length < bytes.length; length++) {
          const cut = withFile(files, path, bytes.slice(0, length));
          await expectOutcome(`${path} cut to ${length}`, cut, leftOfCut(path, length));
        }
      }
    });

    test("every byte flipped", async () => {
      const files = await journal(stop);
      for (const [path, bytes] of files) {
        for (let offset = 0; offset < bytes.length; offset++) {
          for (const mask of [0xff, 1 << (offset % 8)]) {
            const altered = withFile(files, path, flipped(bytes, offset, mask));
            const label = `${path} byte ${offset} ^ ${mask}`;
            await expectOutcome(label, altered, leftOfFlip(path, offset));
          }
        }
      }
    });
  });
}

describe("damage is named", () => {
  test("a torn tail, and only what was torn off", async () => {
    const files = await journal("crashed");
    const bytes = get(files, 3).slice();
    bytes.fill(0, 640, 700);
    expect(recover(withFile(files, LAST, bytes))).toMatchObject({
      torn: {
        file: LAST,
        offset: 384,
        bytes: 384,
        reason: "tick 7 was not completely written: the batch does not match its hash",
      },
    });
  });

  test("a flipped bit", async () => {
    const files = await journal("closed");
    const at = (number: number, offset: number): object =>
      refusal(
        withFile(files, `wal/${segmentName(number)}`, flipped(get(files, number), offset, 4)),
      );
    const in1 = { file: "wal/wal_000001.log", kind: "flipped-bit" };
    expect(at(1, 50)).toEqual({ ...in1, offset: 0 });
    expect(at(1, 400)).toEqual({ ...in1, offset: 384 });
    expect(at(3, 200)).toEqual({ file: LAST, offset: 128, kind: "flipped-bit" });
  });

  test("zeros in the place of a batch that others follow", async () => {
    const files = await journal("closed");
    const bytes = get(files, 3).slice();
    bytes.fill(0, 128, 384);
    expect(refusal(withFile(files, LAST, bytes))).toEqual({
      file: LAST,
      offset: 128,
      kind: "flipped-bit",
    });
  });

  test("a missing segment, at the start and in between", async () => {
    const files = await journal("closed");
    for (const missing of ["wal/wal_000001.log", "wal/wal_000002.log"]) {
      const fewer = new Map(files);
      fewer.delete(missing);
      expect(refusal(fewer)).toEqual({ file: missing, offset: 0, kind: "missing-segment" });
    }
  });

  test("swapped segments", async () => {
    const files = await journal("closed");
    const swapped = new Map(files)
      .set("wal/wal_000001.log", get(files, 2))
      .set("wal/wal_000002.log", get(files, 1));
    expect(refusal(swapped)).toEqual({
      file: "wal/wal_000001.log",
      offset: 44,
      kind: "swapped-segment",
    });
  });

  test("batches missing at the end of a segment that another follows", async () => {
    const files = await journal("closed");
    const file = "wal/wal_000001.log";
    const cut = (length: number): object =>
      refusal(withFile(files, file, get(files, 1).slice(0, length)));
    expect(cut(768)).toEqual({ file, offset: 768, kind: "cut-short" });
    expect(cut(900)).toEqual({ file, offset: 768, kind: "cut-short" });
    expect(cut(128)).toEqual({ file, offset: 128, kind: "cut-short" });
  });

  test("bytes after the end of a segment", async () => {
    const files = await journal("closed");
    const bytes = new Uint8Array(2048);
    bytes.set(get(files, 1));
    const file = "wal/wal_000001.log";
    expect(recover(withFile(files, file, bytes))).toMatchObject({ torn: null });
    bytes[1500] = 1;
    expect(refusal(withFile(files, file, bytes))).toEqual({
      file,
      offset: 1024,
      kind: "trailing-bytes",
    });
  });

  test("a segment of another exchange, of another copy, and a file that is no segment", async () => {
    const files = await journal("closed");
    const foreign = await journal("closed");
    expect(refusal(withFile(files, LAST, get(foreign, 3)))).toEqual({
      file: LAST,
      offset: 72,
      kind: "foreign-journal",
    });

    // The same exchange went two ways from the same two segments.
    const disk = diskOf(new Map([...files].slice(0, 2)));
    const backend = new MemoryPersistence(disk, { segmentBytes: SEGMENT_BYTES });
    backend.recover({ apply: () => {} });
    backend.open();
    await write(backend, makeBatches([3, 3, 3], 6, 10));
    await backend.close();
    const copy = filesOf(disk);
    expect(refusal(withFile(copy, LAST, get(files, 3)))).toEqual({
      file: "wal/wal_000004.log",
      offset: 0,
      kind: "broken-chain",
    });

    const text = new TextEncoder().encode("not a journal\n".repeat(20));
    expect(refusal(withFile(files, UNUSED, text))).toEqual({
      file: UNUSED,
      offset: 0,
      kind: "foreign-file",
    });
  });

  test("a newer format version, but not a flipped version number", async () => {
    const files = await journal("closed");
    const bytes = get(files, 3).slice();
    bytes[40] = JOURNAL_VERSION + 1;
    expect(refusal(withFile(files, LAST, bytes))).toMatchObject({ kind: "flipped-bit" });
    const hash = new Bun.CryptoHasher("sha256").update(bytes.subarray(40, 128)).digest();
    bytes.set(hash, 8);
    expect(refusal(withFile(files, LAST, bytes))).toEqual({
      file: LAST,
      offset: 0,
      kind: "newer-version",
    });
  });

  test("the message says what to do", async () => {
    const files = await journal("closed");
    files.delete("wal/wal_000002.log");
    expect((recover(files) as JournalDamagedError).message).toBe(
      "wal/wal_000002.log: damaged at byte 0: the file is missing; the next one there is " +
        "wal_000003.log. Nothing was changed. Put the missing file back from a copy or an archive.",
    );
  });
});

describe("what a crash may leave", () => {
  test("segments that were prepared and never used", async () => {
    const files = await journal("crashed");
    const header = get(files, 3).slice(0, 128);
    const cases: Uint8Array[] = [
      new Uint8Array(0),
      new Uint8Array(60),
      new Uint8Array(SEGMENT_BYTES),
      header.slice(0, 3),
      header.slice(0, 77),
    ];
    for (const bytes of cases) {
      const result = recover(withFile(files, UNUSED, bytes));
      expect(result).toMatchObject({ read: asRead(BATCHES) });
    }
  });

  test("a segment with a header and no batch", async () => {
    const files = await journal("crashed", BATCHES.slice(0, 6));
    const bytes = get(files, 3).slice();
    bytes.fill(0, 128);
    const result = recover(withFile(files, LAST, bytes));
    expect(result).toMatchObject({ read: asRead(BATCHES.slice(0, 5)), torn: null });
  });

  test("unflushed batches that reached the disk out of order", async () => {
    const backend = new MemoryPersistence(undefined, {
      segmentBytes: 4096,
      durability: "interval",
      flushIntervalMs: 1_000_000,
    });
    backend.recover({ apply: () => {} });
    backend.open();
    await write(backend, BATCHES.slice(0, 3));
    const path = "wal/wal_000001.log";
    const files = filesOf(backend.disk);
    const bytes = (files.get(path) as Uint8Array).slice();
    bytes.fill(0, 128, 384);
    // The first batch is lost, the second and third are there; none had been flushed.
    expect(recover(withFile(files, path, bytes))).toMatchObject({
      read: [],
      torn: { file: path, offset: 128, bytes: 896 },
    });
    await backend.close();
  });
});
