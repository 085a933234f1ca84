import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ObjectStore } from "../../../src/persistence/archive/object-store.ts";
import { restoreArchive } from "../../../src/persistence/archive/restore-archive.ts";
import type { RestoreTarget } from "../../../src/persistence/archive/restore-plan.ts";
import { verifyArchive } from "../../../src/persistence/archive/verify-archive.ts";
import { LocalPersistence } from "../../../src/persistence/local.ts";
import { archiveOnce } from "./archive-rig.ts";
import { JournalFiles, START_TIME } from "./journal-files.ts";
import { MemoryObjectStore } from "./memory-object-store.ts";

const root = mkdtempSync(join(tmpdir(), "waiver-restore-"));
afterAll(() => rmSync(root, { recursive: true }));

/** Segments of ticks 1–3, 4, 5–6 and 7–9, and snapshots of ticks 4 and 6. */
let files: JournalFiles;
let objects: Map<string, Uint8Array>;

beforeAll(async () => {
  files = new JournalFiles(mkdtempSync(join(root, "data-")));
  const store = new MemoryObjectStore();
  files.addSegment([1, 2, 3]);
  files.addSegment([4]);
  files.addSnapshot(300_000);
  await archiveOnce(store, files);
  files.addSegment([2, 2]);
  files.addSnapshot(10);
  await archiveOnce(store, files);
  files.addSegment([3, 1, 5]);
  await archiveOnce(store, files);
  objects = store.objects;
});

/** A copy of the archive, with the given objects altered. */
function archive(changes: Record<string, (bytes: Uint8Array) => Uint8Array | null> = {}) {
  const store = new MemoryObjectStore();
  for (const [key, bytes] of objects) {
    const altered = (changes[key] ?? ((same) => same))(bytes.slice());
    if (altered !== null) store.objects.set(key, altered);
  }
  return store;
}

async function restore(store: ObjectStore, target: RestoreTarget = {}) {
  const directory = mkdtempSync(join(root, "restored-"));
  const walDir = join(directory, "wal");
  const snapshotDir = join(directory, "snapshots");
  const restored = await restoreArchive({ store, walDir, snapshotDir, target });
  return { restored, walDir, snapshotDir };
}

/** The files of a directory, by name; the lock is none of them. */
function contents(directory: string): Record<string, string> {
  const names = readdirSync(directory)
    .filter((name) => name !== "lock")
    .sort();
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(directory, name), "hex")]),
  );
}

/** The first bytes of a segment's file: its header and batches of so many records each. */
function cutSegment(number: number, counts: readonly number[]): string {
  const bytes = counts.reduce((sum, count) => sum + 128 * (1 + count), 128);
  return readFileSync(files.segmentPath(number)).subarray(0, bytes).toString("hex");
}

const ARCHIVED = { archivedTick: 9, archivedTimestamp: START_TIME + 9000 };

test("restores the newest snapshot and all that follows it", async () => {
  const { restored, walDir, snapshotDir } = await restore(archive());
  expect(restored).toEqual({
    exchangeId: "01".repeat(16),
    snapshot: 6,
    refusedSnapshots: [],
    segments: 2,
    identity: "not-asked",
    lastTick: 9,
    lastTimestamp: START_TIME + 9000,
    ...ARCHIVED,
  });
  expect(contents(walDir)).toEqual({
    "wal_000003.log": cutSegment(3, [2, 2]),
    "wal_000004.log": cutSegment(4, [3, 1, 5]),
  });
  const name = "snapshot_000000000006.snap";
  expect(contents(snapshotDir)).toEqual({ [name]: contents(files.snapshotDir)[name] as string });
});

test.each<[number, number | null, Record<number, number[]>]>([
  [1, null, { 1: [1] }],
  [2, null, { 1: [1, 2] }],
  [3, null, { 1: [1, 2, 3] }],
  [4, 4, { 2: [4] }],
  [5, 4, { 2: [4], 3: [2] }],
  [6, 6, { 3: [2, 2] }],
  [7, 6, { 3: [2, 2], 4: [3] }],
  [8, 6, { 3: [2, 2], 4: [3, 1] }],
  [9, 6, { 3: [2, 2], 4: [3, 1, 5] }],
  [1000, 6, { 3: [2, 2], 4: [3, 1, 5] }],
])("restores up to tick %d, and to its time", async (tick, snapshot, segments) => {
  const expected = Object.fromEntries(
    Object.entries(segments).map(([number, counts]) => [
      `wal_00000${number}.log`,
      cutSegment(Number(number), counts),
    ]),
  );
  const last = Math.min(tick, 9);
  for (const target of [
    { tick },
    { timestamp: START_TIME + 1000 * tick },
    { timestamp: START_TIME + 1000 * tick + 999 },
    { tick, timestamp: START_TIME + 10_000_000 },
  ]) {
    const { restored, walDir, snapshotDir } = await restore(archive(), target);
    expect(restored).toEqual({
      exchangeId: "01".repeat(16),
      snapshot,
      refusedSnapshots: [],
      segments: Object.keys(segments).length,
      identity: "not-asked",
      lastTick: last,
      lastTimestamp: START_TIME + 1000 * last,
      ...ARCHIVED,
    });
    expect(contents(walDir)).toEqual(expected);
    expect(Object.keys(contents(snapshotDir))).toEqual(
      snapshot === null ? [] : [`snapshot_00000000000${snapshot}.snap`],
    );
  }
});

test("says so if there is nothing that old, or no archive at all", async () => {
  await expect(restore(archive(), { timestamp: START_TIME })).rejects.toThrow(
    "memory://archive/ holds no segment that is as old as the tick or time to restore",
  );
  await expect(restore(new MemoryObjectStore())).rejects.toThrow("holds no archive");
});

test("restores into empty directories only", async () => {
  const { walDir, snapshotDir } = await restore(archive());
  const again = restoreArchive({ store: archive(), walDir, snapshotDir, target: {} });
  await expect(again).rejects.toThrow(`${walDir} is not empty (wal_00000`);
});

const SEGMENT = "wal/wal_000004.log.zst";
const SNAPSHOT = "snapshots/snapshot_000000000006.snap.zst";

/** What can happen to an object, and what is said of it. */
const DAMAGES: [string, string, (bytes: Uint8Array) => Uint8Array | null, RegExp][] = [
  ["is lost", SEGMENT, () => null, /there is no such object/],
  ["is cut", SEGMENT, (bytes) => bytes.subarray(0, -1), /./],
  ["is empty", SEGMENT, () => new Uint8Array(0), /./],
  ["is followed by more", SEGMENT, (bytes) => Buffer.concat([bytes, bytes]), /./],
  ["is not zstd", SEGMENT, (bytes) => bytes.fill(7), /cannot be unpacked/],
  ["has a flipped bit", SEGMENT, (bytes) => flip(bytes, 500), /./],
  [
    "is another segment",
    SEGMENT,
    () => objects.get("wal/wal_000002.log.zst") ?? null,
    /this is segment 2, filed as 4/,
  ],
  [
    "has the same content, compressed in another way",
    SEGMENT,
    (bytes) => Bun.zstdCompressSync(Bun.zstdDecompressSync(bytes), { level: 19 }),
    /its compressed_/,
  ],
  ["is lost", SNAPSHOT, () => null, /there is no such object/],
  ["is cut", SNAPSHOT, (bytes) => bytes.subarray(0, -1), /./],
  ["has a flipped bit", SNAPSHOT, (bytes) => flip(bytes, 60), /./],
  [
    "is another snapshot",
    SNAPSHOT,
    () => objects.get("snapshots/snapshot_000000000004.snap.zst") ?? null,
    /this is the snapshot of tick 4, filed as 6/,
  ],
];

describe.each(DAMAGES)("an object that %s", (_how, key, damage, words) => {
  test(`${key} is named by verify`, async () => {
    const verification = await verifyArchive(archive({ [key]: damage }));
    expect(verification?.faults).toHaveLength(1);
    expect(verification?.faults[0]).toStartWith(`memory://archive/${key}: `);
    expect(verification?.faults[0]).toMatch(words);
  });
});

describe.each(damagesOf(SEGMENT))("a segment that %s", (_how, key, damage) => {
  test("is not restored, and no exchange starts on what there is", async () => {
    const directory = mkdtempSync(join(root, "restored-"));
    const walDir = join(directory, "wal");
    const snapshotDir = join(directory, "snapshots");
    const store = archive({ [key]: damage });
    await expect(restoreArchive({ store, walDir, snapshotDir, target: {} })).rejects.toThrow(key);
    for (const folder of [walDir, snapshotDir]) {
      const names = existsSync(folder) ? Object.keys(contents(folder)) : [];
      expect(names.filter((name) => !name.endsWith(".restoring"))).toEqual(
        folder === walDir ? ["restore-unfinished"] : [],
      );
    }
    const exchange = new LocalPersistence({ directory: walDir, snapshotDirectory: snapshotDir });
    expect(() => exchange.recover({ apply: () => {} })).toThrow(
      `${walDir}: a restore into it was not finished. Wait for it if it still runs; else remove this directory, ` +
        "the snapshots' and the identity.sqlite that it made, and restore again",
    );
    await expect(restoreArchive({ store, walDir, snapshotDir, target: {} })).rejects.toThrow(
      `${walDir}: an earlier restore was not finished. Remove this directory, the snapshots' and the identity.sqlite ` +
        "that it made, and restore again.",
    );
  });
});

describe.each(damagesOf(SNAPSHOT))("a snapshot that %s", (_how, key, damage, words) => {
  test("the one before is restored, with all that follows", async () => {
    const { restored, walDir, snapshotDir } = await restore(archive({ [key]: damage }));
    expect(restored).toMatchObject({ snapshot: 4, segments: 3, lastTick: 9 });
    expect(restored.refusedSnapshots).toEqual([expect.stringMatching(words)]);
    expect(Object.keys(contents(walDir))).toEqual([2, 3, 4].map((n) => `wal_00000${n}.log`));
    expect(Object.keys(contents(snapshotDir))).toEqual(["snapshot_000000000004.snap"]);
  });
});

function damagesOf(object: string): typeof DAMAGES {
  return DAMAGES.filter(([, key]) => key === object);
}

const NEWEST = "snapshots/snapshot_000000000006.snap.zst";
const OLDEST = "snapshots/snapshot_000000000004.snap.zst";

test("without any snapshot the whole journal is restored", async () => {
  const { restored, walDir } = await restore(
    archive({ [NEWEST]: () => null, [OLDEST]: () => null }),
  );
  expect(restored).toMatchObject({ snapshot: null, segments: 4, lastTick: 9 });
  expect(restored.refusedSnapshots).toHaveLength(2);
  expect(Object.keys(contents(walDir))).toHaveLength(4);
});

test("a snapshot that is needed, as segments before it are not there, is named", async () => {
  const gone = archive({ [NEWEST]: () => null, "wal/wal_000002.log.zst": () => null });
  await expect(restore(gone)).rejects.toThrow("wal/wal_000002.log.zst");
});

test("an unfinished upload is distinguished from damage", async () => {
  const store = archive();
  store.objects.set("wal/wal_000005.log.zst", new Uint8Array(5));
  store.objects.set("wal/something-else", new Uint8Array(5));
  expect(await verifyArchive(store)).toMatchObject({
    faults: [],
    unnamed: ["wal/wal_000005.log.zst"],
  });
});

test("a journal whose beginning is missing is no whole one, and none is archived with a gap", async () => {
  const late = new JournalFiles(mkdtempSync(join(root, "late-")));
  for (let i = 0; i < 4; i++) late.addSegment([1]);
  const store = new MemoryObjectStore();
  late.segments.splice(0, 4, 2);
  await archiveOnce(store, late);
  const faults = [
    "memory://archive/: the journal begins with segment 2; what came before it is not in the archive",
  ];
  expect((await verifyArchive(store))?.faults).toEqual(faults);
  await expect(restore(store)).rejects.toThrow("segments 1 to 1 are missing before it");
  late.segments.push(4);
  const { state } = await archiveOnce(store, late);
  expect(state).toMatchObject({
    state: "degraded",
    reason: expect.stringContaining("segments 3 to 3 are neither there nor here"),
  });
  expect((await verifyArchive(store))?.faults).toEqual(faults);
});

test("a file of an interrupted restore blocks the next one", async () => {
  const directory = mkdtempSync(join(root, "restored-"));
  writeFileSync(join(directory, "wal_000001.log.restoring"), "half");
  const options = { store: archive(), walDir: directory, snapshotDir: join(directory, "s") };
  await expect(restoreArchive({ ...options, target: {} })).rejects.toThrow(
    `${directory} is not empty (wal_000001.log.restoring)`,
  );
});

function flip(bytes: Uint8Array, at: number): Uint8Array {
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  return bytes;
}
