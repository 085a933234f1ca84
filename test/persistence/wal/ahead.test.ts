import { afterAll, describe, expect, test } from "bun:test";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalDamagedError } from "../../../src/persistence/backend.ts";
import { LocalPersistence } from "../../../src/persistence/local.ts";
import { SegmentsAhead } from "../../../src/persistence/wal/ahead/segments-ahead.ts";
import { diskFileSystem } from "../../../src/persistence/wal/file-system.ts";
import { segmentName } from "../../../src/persistence/wal/layout.ts";
import {
  type ReadingOptions,
  readJournal,
  readJournalInSteps,
} from "../../../src/persistence/wal/recovery.ts";
import type { SegmentFiles } from "../../../src/persistence/wal/segment-files.ts";
import { asRead, copyOf, makeBatches, type ReadBatch } from "../journals.ts";

const directory = fs.mkdtempSync(join(tmpdir(), "waiver-ahead-"));
afterAll(() => fs.rmSync(directory, { recursive: true }));

const SMALL = makeBatches(Array.from({ length: 400 }, (_, i) => 1 + ((i * 7) % 23)));
/** Batches that are larger than a piece, than what is read ahead, and many small ones behind them. */
const LARGE = makeBatches([3000, 1, 40_000, ...Array.from({ length: 5000 }, () => 8), 2500]);

async function write(
  name: string,
  batches: ReturnType<typeof makeBatches>,
  segmentBytes: number,
): Promise<string> {
  const path = join(directory, name);
  const backend = new LocalPersistence({ directory: path, segmentBytes, durability: "none" });
  backend.recover({ apply: () => undefined });
  backend.open();
  for (const { batch, info } of batches) backend.append(batch.slice(), info);
  await backend.close();
  return path;
}

const small = await write("small", SMALL, 64 * 1024);
const large = await write("large", LARGE, 32 << 20);

let lastAhead: SegmentsAhead | null = null;

/** Reads ahead however little there is, from the first segment on. */
function ahead(files: SegmentFiles, numbers: readonly number[]): SegmentsAhead | null {
  lastAhead = SegmentsAhead.start(files, numbers, [], 0);
  const { control } = lastAhead as SegmentsAhead;
  for (let { found } = control; !control.isListening; { found } = control) {
    control.waitUntilFound(found);
  }
  return lastAhead;
}

/** The same, whether the thread is there or not. */
function aheadAtOnce(files: SegmentFiles, numbers: readonly number[]): SegmentsAhead | null {
  lastAhead = SegmentsAhead.start(files, numbers, [], 0);
  return lastAhead;
}

interface Outcome {
  read: ReadBatch[];
  /** What is reported, or why it is refused. */
  result: unknown;
}

function read(path: string, options: ReadingOptions): Outcome {
  const read: ReadBatch[] = [];
  try {
    const reading = readJournal(path, (batch) => read.push(copyOf(batch)), diskFileSystem, options);
    return { read, result: reading };
  } catch (error) {
    const { kind, offset, file } = error as JournalDamagedError;
    return { read, result: { message: String(error), kind, offset, file } };
  }
}

function expectSame(path: string): Outcome {
  const alone = read(path, {});
  const beside = read(path, { ahead });
  expect(beside.result).toEqual(alone.result);
  expect(beside.read.length).toBe(alone.read.length);
  for (const [i, batch] of beside.read.entries()) {
    const other = alone.read[i] as ReadBatch;
    if (Buffer.compare(batch.bytes, other.bytes) !== 0) throw new Error(`batch ${i} differs`);
    expect({ ...batch, bytes: 0 }).toEqual({ ...other, bytes: 0 });
  }
  return alone;
}

test("every batch is given once and in order, and its hash is looked at ahead", () => {
  const { read: batches } = expectSame(small);
  expect(batches).toEqual(asRead(SMALL));
  const names = fs.readdirSync(small).filter((name) => name.endsWith(".log"));
  const sizes = names.sort().map((name) => fs.statSync(join(small, name)).size);
  expect(sizes.length).toBeGreaterThan(9);
  expect(sizes.map((_, i) => lastAhead?.control.checked.get(i))).toEqual(sizes);
});

test("batches that are larger than what is read ahead", () => {
  expect(expectSame(large).read.length).toBe(LARGE.length);
  expect(lastAhead?.control.checked.get(0)).toBe(fs.statSync(join(large, segmentName(1))).size);
});

test("a replay does not wait for a thread that is not there yet", () => {
  expect(read(small, { ahead: aheadAtOnce })).toEqual(read(small, {}));
});

test("a replay does not wait for a thread that never starts", () => {
  const without = (files: SegmentFiles, numbers: readonly number[]): SegmentsAhead | null => {
    const started = aheadAtOnce(files, numbers);
    started?.control.stop();
    return started;
  };
  expect(read(small, { ahead: without })).toEqual(read(small, {}));
});

test("reading ahead stops when the reading is left half-way", () => {
  const steps = readJournalInSteps(small, () => undefined, diskFileSystem, { ahead });
  steps.next();
  steps.next();
  expect(lastAhead?.control.isStopped).toBe(false);
  steps.return(undefined as never);
  expect(lastAhead?.control.isStopped).toBe(true);
});

test("a small journal is read without reading ahead", () => {
  let started: SegmentsAhead | null | undefined;
  read(small, {
    ahead(files, numbers) {
      started = SegmentsAhead.start(files, numbers, []);
      return started;
    },
  });
  expect(started).toBeNull();
});

describe("the same is made of", () => {
  let copies = 0;

  function copyJournal(source: string): string {
    const path = join(directory, `copy-${++copies}`);
    fs.cpSync(source, path, { recursive: true });
    return path;
  }

  function change(path: string, number: number, edit: (bytes: Buffer) => Uint8Array): void {
    const file = join(path, segmentName(number));
    fs.writeFileSync(file, edit(fs.readFileSync(file)));
  }

  const flip =
    (offset: number) =>
    (bytes: Buffer): Uint8Array => {
      bytes[offset] ^= 4;
      return bytes;
    };

  const last = fs.readdirSync(small).filter((name) => name.endsWith(".log")).length;
  const cases: [what: string, damage: (path: string) => void][] = [
    ["a header", (path) => change(path, 3, flip(60))],
    ["the first batch of a segment", (path) => change(path, 3, flip(128 + 50))],
    ["a hash", (path) => change(path, 1, flip(128 + 9))],
    ["a record", (path) => change(path, 4, flip(20_000))],
    ["the last batch of all", (path) => change(path, last, (b) => flip(b.length - 3)(b))],
    ["a count", (path) => change(path, 2, flip(128 + 44))],
    ["a file that is cut", (path) => change(path, 5, (bytes) => bytes.subarray(0, 30_001))],
    ["a last file that is cut", (path) => change(path, last, (b) => b.subarray(0, b.length - 99))],
    ["an empty last file", (path) => change(path, last, () => Buffer.alloc(0))],
    ["an empty file", (path) => change(path, 2, () => Buffer.alloc(0))],
    ["a last file of zeros", (path) => change(path, last, (bytes) => bytes.fill(0))],
    [
      "zeros at the end",
      (path) => change(path, last, (b) => Buffer.concat([b, Buffer.alloc(9999)])),
    ],
    ["other bytes at the end", (path) => change(path, 6, (b) => Buffer.concat([b, b]))],
    ["a missing file", (path) => fs.rmSync(join(path, segmentName(4)))],
    [
      "files that have changed places",
      (path) => {
        const names = [2, 3].map((number) => join(path, segmentName(number)));
        fs.renameSync(names[0] as string, join(path, "kept"));
        fs.renameSync(names[1] as string, names[0] as string);
        fs.renameSync(join(path, "kept"), names[1] as string);
      },
    ],
    [
      "a directory in place of a file",
      (path) => {
        fs.rmSync(join(path, segmentName(4)));
        fs.mkdirSync(join(path, segmentName(4)));
      },
    ],
  ];
  test.each(cases)("%s", (_, damage) => {
    const path = copyJournal(small);
    damage(path);
    expectSame(path);
  });

  test("one bit anywhere, of large batches too", () => {
    const path = copyJournal(large);
    const { size } = fs.statSync(join(path, segmentName(1)));
    for (const part of [0.001, 0.03, 0.2, 0.45, 0.7, 0.999]) {
      const offset = Math.floor(part * size);
      change(path, 1, flip(offset));
      const { result } = expectSame(path);
      expect(JSON.stringify(result)).toContain("does not match its hash");
      change(path, 1, flip(offset));
    }
  });

  test("a file that grows while it is read", () => {
    const path = copyJournal(small);
    const grow = (files: SegmentFiles, numbers: readonly number[]): SegmentsAhead | null => {
      const started = aheadAtOnce(files, numbers);
      change(path, 5, (bytes) => Buffer.concat([bytes, Buffer.alloc(1 << 20)]));
      return started;
    };
    const { result } = read(path, { ahead: grow });
    expect(result).toMatchObject({ message: expect.stringContaining("the file became longer") });
  });
});
