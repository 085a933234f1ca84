import { describe, expect, spyOn, test } from "bun:test";
import { writeSnapshot } from "../../../src/persistence/snapshot/write-snapshot.ts";
import {
  EXCHANGE_ID_BYTES,
  HASH_INTS,
  PREVIOUS_HASH_BYTE,
  SEGMENT_EXCHANGE_ID_BYTE,
} from "../../../src/persistence/wal/layout.ts";
import { verifyJournal } from "../../../src/persistence/wal/verify.ts";
import { makeBatches } from "../journals.ts";
import { flip, pathOf, writeJournal } from "./closed-journal.ts";
import type { MemoryFileSystem } from "./memory-file-system.ts";

const TIME = 1_700_000_000_000;

function verify(disk: MemoryFileSystem) {
  const { milliseconds, ...found } = verifyJournal("wal", "snapshots", { fileSystem: disk });
  expect(milliseconds).toBeGreaterThanOrEqual(0);
  return found;
}

const SOUND = {
  directory: "wal",
  sound: true,
  damage: null,
  torn: null,
  first_segment: 1,
  segments: 3,
  batches: 7,
  records: 12,
  bytes: (7 + 12) * 128,
  first: { tick: 1, sequence: 1, timestamp: TIME + 1 },
  last: { tick: 7, sequence: 12, timestamp: TIME + 7 },
  snapshots: [],
};

test("a sound journal is counted", async () => {
  expect(verify(await writeJournal())).toEqual(SOUND);
});

test("a torn tail of the last segment is reported, and is not damage", async () => {
  const disk = await writeJournal();
  flip(disk, pathOf(3), 700);
  expect(verify(disk)).toEqual({
    ...SOUND,
    torn: {
      file: pathOf(3),
      offset: 384,
      bytes: 384,
      reason: "tick 7 was not completely written: the batch does not match its hash",
    },
    batches: 6,
    records: 10,
    bytes: (6 + 10) * 128,
    last: { tick: 6, sequence: 10, timestamp: TIME + 6 },
  });
});

test("a journal whose first segments are gone begins with the oldest that is there", async () => {
  const disk = await writeJournal();
  disk.remove(pathOf(1));
  expect(verify(disk)).toEqual({
    ...SOUND,
    first_segment: 2,
    segments: 2,
    batches: 4,
    records: 8,
    bytes: (4 + 8) * 128,
    first: { tick: 4, sequence: 5, timestamp: TIME + 4 },
  });
});

describe("damage is named with file, byte and kind:", () => {
  const cases: [string, object, (disk: MemoryFileSystem) => void | Promise<void>][] = [
    [
      "flipped-bit",
      { file: pathOf(1), offset: 384, kind: "flipped-bit" },
      (disk) => flip(disk, pathOf(1), 500),
    ],
    [
      "cut-short",
      { file: pathOf(2), offset: 640, kind: "cut-short" },
      (disk) => disk.place(pathOf(2), disk.contents(pathOf(2)).slice(0, 640)),
    ],
    [
      "trailing-bytes",
      { file: pathOf(2), offset: 1024, kind: "trailing-bytes" },
      (disk) =>
        disk.place(pathOf(2), Buffer.concat([disk.contents(pathOf(2)), Buffer.from("more")])),
    ],
    [
      "missing-segment",
      { file: pathOf(2), offset: 0, kind: "missing-segment" },
      (disk) => disk.remove(pathOf(2)),
    ],
    [
      "swapped-segment",
      { file: pathOf(1), offset: 44, kind: "swapped-segment" },
      (disk) => {
        const [first, second] = [1, 2].map((number) => disk.contents(pathOf(number)).slice());
        disk.place(pathOf(1), second);
        disk.place(pathOf(2), first);
      },
    ],
    [
      "foreign-file",
      { file: pathOf(2), offset: 0, kind: "foreign-file" },
      (disk) => disk.place(pathOf(2), Buffer.alloc(1024, "not a journal")),
    ],
    [
      "foreign-journal",
      { file: pathOf(2), offset: SEGMENT_EXCHANGE_ID_BYTE, kind: "foreign-journal" },
      async (disk) => {
        const other = await writeJournal();
        disk.place(pathOf(2), other.contents(pathOf(2)));
      },
    ],
    [
      "broken-chain",
      { file: pathOf(3), offset: 0, kind: "broken-chain" },
      async (disk) => {
        const other = await writeJournal(makeBatches([1, 2, 2, 2, 2, 1, 2]));
        const segment = other.contents(pathOf(3)).slice();
        const start = SEGMENT_EXCHANGE_ID_BYTE;
        segment.set(disk.contents(pathOf(3)).slice(start, start + EXCHANGE_ID_BYTES), start);
        segment.set(new Bun.CryptoHasher("sha256").update(segment.slice(40, 128)).digest(), 8);
        disk.place(pathOf(3), segment);
      },
    ],
    [
      "newer-version",
      { file: pathOf(3), offset: 0, kind: "newer-version" },
      (disk) => {
        const segment = disk.contents(pathOf(3)).slice();
        segment[40] = 250;
        segment.set(new Bun.CryptoHasher("sha256").update(segment.slice(40, 128)).digest(), 8);
        disk.place(pathOf(3), segment);
      },
    ],
  ];

  test.each(cases)("%s", async (_kind, expected, harm) => {
    const disk = await writeJournal();
    await harm(disk);
    const { sound, damage } = verify(disk);
    const found: object = { sound, damage };
    expect(found).toEqual({
      sound: false,
      damage: {
        reason: expect.stringMatching(/./),
        advice: expect.stringMatching(/^Nothing was changed\./),
        ...expected,
      },
    });
  });

  test("what stands before it has been counted", async () => {
    const disk = await writeJournal();
    flip(disk, pathOf(2), 700);
    expect(verify(disk)).toMatchObject({
      batches: 4,
      records: 7,
      last: { tick: 4, sequence: 7, timestamp: TIME + 4 },
    });
  });
});

describe("snapshots beside the journal", () => {
  /** One of tick 3, which is the last of segment 1. */
  function addSnapshot(disk: MemoryFileSystem, change: (chain: Int32Array) => void = () => {}) {
    const header = disk.contents(pathOf(2)).slice(0, 128);
    const chain = new Int32Array(header.buffer, PREVIOUS_HASH_BYTE, HASH_INTS);
    change(chain);
    const start = SEGMENT_EXCHANGE_ID_BYTE;
    const info = {
      exchangeId: header.slice(start, start + EXCHANGE_ID_BYTES),
      ...{ tick: 3, sequence: 4, timestamp: TIME + 3, nextSegment: 2 },
      ...{ chain, stateHash: 1n, symbolsMax: 8 },
    };
    return writeSnapshot("snapshots", info, [], disk).file;
  }

  test("fit it or do not, also when the segment before them is gone", async () => {
    for (const isPruned of [false, true]) {
      const disk = await writeJournal();
      const file = addSnapshot(disk);
      if (isPruned) disk.remove(pathOf(1));
      const fits = { file, tick: 3, matches: true, unusable: null };
      expect(verify(disk)).toMatchObject({ sound: true, damage: null, snapshots: [fits] });

      addSnapshot(disk, (chain) => {
        chain[7] ^= 1;
      });
      const other = { ...fits, matches: false };
      expect(verify(disk)).toMatchObject({ sound: false, damage: null, snapshots: [other] });
    }
  });

  test("that cannot be read are told, and are not sound", async () => {
    const disk = await writeJournal();
    const file = addSnapshot(disk);
    flip(disk, file, 60);
    const unusable = expect.stringMatching(/\(byte \d+\)$/);
    expect(verify(disk)).toMatchObject({
      sound: false,
      damage: null,
      snapshots: [{ file, tick: 3, matches: null, unusable }],
    });
  });

  test("that a running exchange removes meanwhile are left out", async () => {
    const disk = await writeJournal();
    const file = addSnapshot(disk);
    const list = disk.list.bind(disk);
    spyOn(disk, "list").mockImplementation((directory) => {
      const names = list(directory);
      if (names.some((name) => file.endsWith(name))) disk.remove(file);
      return names;
    });
    expect(verify(disk)).toMatchObject({ sound: true, snapshots: [] });
  });

  test("whose ticks are all gone are not compared", async () => {
    const disk = await writeJournal();
    const file = addSnapshot(disk);
    disk.remove(pathOf(1));
    disk.remove(pathOf(2));
    expect(verify(disk)).toMatchObject({
      sound: true,
      snapshots: [{ file, tick: 3, matches: null, unusable: null }],
    });
  });
});
