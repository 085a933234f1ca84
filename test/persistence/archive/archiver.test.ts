import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArchiveIndex } from "../../../src/persistence/archive/archive-index.ts";
import { ObjectStoreError } from "../../../src/persistence/archive/object-store.ts";
import { verifyArchive } from "../../../src/persistence/archive/verify-archive.ts";
import { archiveOnce, FaultyStore, makeArchiver, NOW, stateAfterPush } from "./archive-rig.ts";
import { JournalFiles, START_TIME } from "./journal-files.ts";

const root = mkdtempSync(join(tmpdir(), "waiver-archiver-"));
afterAll(() => rmSync(root, { recursive: true }));

function newFiles(exchange = 1): JournalFiles {
  return new JournalFiles(mkdtempSync(join(root, "data-")), exchange);
}

/** Two segments, a snapshot at the end of the second, and a third segment. */
function someFiles(): JournalFiles {
  const files = newFiles();
  files.addSegment([1, 2, 3]);
  files.addSegment([4]);
  files.addSnapshot();
  files.addSegment([2, 2]);
  return files;
}

const SOME_OBJECTS = [
  "wal/wal_000001.log.zst",
  "wal/wal_000002.log.zst",
  "wal/wal_000003.log.zst",
  "snapshots/snapshot_000000000004.snap.zst",
];

const DEAD = new ObjectStoreError("unreachable", "memory://archive/x", "no answer");

function failing(): never {
  throw DEAD;
}

test("uploads segments and snapshots to the archive, and logs each of them", async () => {
  const files = someFiles();
  const store = new FaultyStore();
  const { state, records } = await archiveOnce(store, files);
  expect(store.puts).toEqual(SOME_OBJECTS.flatMap((key) => [key, "manifest.json"]));
  expect(records.confirmed).toEqual([1, 2, 3]);
  const bytes = SOME_OBJECTS.reduce((sum, key) => sum + (store.objects.get(key)?.length ?? 0), 0);
  expect(state).toEqual({
    state: "ok",
    reason: null,
    url: "memory://archive/",
    lastUploadAt: NOW,
    behindSegments: 0,
    behindSince: null,
    behindBytes: 0,
    confirmedSegment: 3,
    confirmedSnapshot: 4,
    uploads: 4,
    bytes,
    failures: 0,
    retention: "off",
  });
  expect(await verifyArchive(store)).toEqual({
    exchangeId: "01".repeat(16),
    segments: 3,
    snapshots: 1,
    firstTick: 1,
    lastTick: 6,
    compressedBytes: bytes,
    faults: [],
    unnamed: [],
  });
});

test("an object is the file in zstd, and its entry describes it completely", async () => {
  const files = someFiles();
  const store = new FaultyStore();
  await archiveOnce(store, files);
  const object = store.objects.get("wal/wal_000002.log.zst") ?? new Uint8Array();
  const original = readFileSync(files.segmentPath(2));
  expect(original.equals(Bun.zstdDecompressSync(object))).toBe(true);
  const index = await ArchiveIndex.open(store);
  const sha256 = (bytes: Uint8Array): string =>
    new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  expect(await index?.segment(2)).toEqual({
    kind: "segment",
    number: 2,
    first_tick: 4,
    last_tick: 4,
    first_sequence: 7,
    last_sequence: 10,
    first_timestamp: START_TIME + 4000,
    last_timestamp: START_TIME + 4000,
    previous_hash: original.subarray(96, 128).toString("hex"),
    chain_hash: original.subarray(136, 168).toString("hex"),
    bytes: original.length,
    sha256: sha256(original),
    compressed_bytes: object.length,
    compressed_sha256: sha256(object),
  });
});

test("uploads only what is new, also after a restart", async () => {
  const files = someFiles();
  const store = new FaultyStore();
  await archiveOnce(store, files);
  store.puts.length = 0;
  expect((await archiveOnce(store, files)).records.confirmed).toEqual([1, 2, 3]);
  expect(store.puts).toEqual([]);
  files.addSegment([1]);
  const { state } = await archiveOnce(store, files);
  expect(store.puts).toEqual(["wal/wal_000004.log.zst", "manifest.json"]);
  expect(state).toMatchObject({ state: "ok", confirmedSegment: 4, confirmedSnapshot: 4 });
});

test("a push that shutdown cuts off, or that comes after it, is not reported as successful", async () => {
  const store = new FaultyStore();
  const begun = Promise.withResolvers<void>();
  const cutOff = Promise.withResolvers<void>();
  store.onPut = () => {
    begun.resolve();
    return cutOff.promise;
  };
  const { archiver, records } = makeArchiver(store, someFiles());
  archiver.start();
  await begun.promise;
  const pushed = [stateAfterPush(archiver)];
  const closed = archiver.close();
  cutOff.reject(new ObjectStoreError("closed", "wal_000001.log.zst", "the store was closed"));
  await closed;
  pushed.push(stateAfterPush(archiver));
  const ended = {
    state: "degraded",
    reason: "the exchange is shutting down; its next start goes on",
  };
  expect(await Promise.all(pushed)).toMatchObject([ended, ended]);
  // It is no failure.
  expect(records.log.filter(({ level }) => level !== "info")).toEqual([]);

  // Where all went well before, one that comes too late is still not carried out.
  const { archiver: other } = makeArchiver(new FaultyStore(), someFiles());
  other.start();
  expect((await stateAfterPush(other)).state).toBe("ok");
  await other.close();
  expect(await stateAfterPush(other)).toMatchObject(ended);
});

test("a directory that cannot be listed for a while fails an attempt, but does not end the archiver", async () => {
  const files = someFiles();
  let isListed = false;
  const { archiver } = makeArchiver(new FaultyStore(), files, {
    sealedSegments: () => {
      if (!isListed) throw new Error("EMFILE: too many open files");
      return [...files.segments];
    },
  });
  archiver.start();
  await archiver.push();
  expect(archiver.reason()).toBe("EMFILE: too many open files");
  isListed = true;
  expect(await stateAfterPush(archiver)).toMatchObject({ state: "ok", confirmedSegment: 3 });
  await archiver.close();
});

test("of several snapshots only the newest is archived, and no older one later", async () => {
  const files = someFiles();
  files.addSnapshot();
  const store = new FaultyStore();
  const { archiver } = makeArchiver(store, files);
  archiver.start();
  await stateAfterPush(archiver);
  expect(store.puts.filter((key) => key.startsWith("snapshots/"))).toEqual([
    "snapshots/snapshot_000000000006.snap.zst",
  ]);
  const archived = [4, 6, 7].map((tick) => archiver.isSnapshotArchived(tick));
  expect(archived).toEqual([true, true, false]);
  expect([3, 4].map((number) => archiver.isSegmentArchived(number))).toEqual([true, false]);
  await archiver.close();
});

test("an upload that a crash cut off before the manifest was written is not sent again", async () => {
  const files = someFiles();
  const store = new FaultyStore();
  store.onPut = (key) => {
    if (key === "manifest.json" && store.puts.includes("wal/wal_000001.log.zst")) throw DEAD;
  };
  const { state } = await archiveOnce(store, files);
  expect(state).toMatchObject({ state: "degraded", confirmedSegment: 0, behindSegments: 3 });
  store.onPut = () => undefined;
  store.puts.length = 0;
  await archiveOnce(store, files);
  // Without a manifest the first thing is to make one of what is there.
  expect(store.puts).toEqual([
    "manifest.json",
    ...SOME_OBJECTS.slice(1).flatMap((key) => [key, "manifest.json"]),
  ]);
});

test("an incomplete object is replaced", async () => {
  const files = someFiles();
  const store = new FaultyStore();
  await archiveOnce(store, files);
  const key = "wal/wal_000004.log.zst";
  files.addSegment([20]);
  store.objects.set(key, new Uint8Array(100));
  store.puts.length = 0;
  expect((await archiveOnce(store, files)).state.state).toBe("ok");
  expect(store.puts).toEqual([key, "manifest.json"]);
  expect((await verifyArchive(store))?.faults).toEqual([]);
});

test("tries again for ever with growing waits, and logs that", async () => {
  const files = someFiles();
  const store = new FaultyStore();
  store.onPut = failing;
  const { archiver, records } = makeArchiver(store, files);
  const sizes = files.segments.map((number) => readFileSync(files.segmentPath(number)).length);
  const behindBytes = sizes.reduce((sum, size) => sum + size);
  for (const [n, number] of files.segments.entries()) {
    utimesSync(files.segmentPath(number), 0, 1000 + n);
  }
  for (let i = 1; i <= 8; i++) {
    const pushed = stateAfterPush(archiver);
    if (i === 1) archiver.start();
    const state = await pushed;
    expect(state).toMatchObject({ state: "degraded", reason: DEAD.message, failures: i });
    const { behindSegments, behindSince } = state;
    expect([behindSegments, state.behindBytes, behindSince]).toEqual([3, behindBytes, 1_000_000]);
  }
  expect(records.waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  expect(records.log.at(-1)).toEqual({
    level: "warn",
    fields: { error: DEAD.message, attempt: 8 },
    message: "archiving failed",
  });
  store.onPut = () => undefined;
  expect(await stateAfterPush(archiver)).toMatchObject({ state: "ok", reason: null, failures: 8 });
  expect(records.log.at(-1)).toMatchObject({ message: "archiving again" });
  await archiver.close();
  expect(records.waits.at(-1)).toBe(300_000);
});

test("makes half of each wait random", async () => {
  const store = new FaultyStore();
  store.onPut = failing;
  const { archiver, records } = makeArchiver(store, someFiles(), { random: () => 0 });
  const pushed = stateAfterPush(archiver);
  archiver.start();
  await pushed;
  await stateAfterPush(archiver);
  await archiver.close();
  expect(records.waits).toEqual([500, 1000]);
});

test("an object that reads back differently does not count as archived", async () => {
  const files = someFiles();
  const store = new FaultyStore();
  const put = store.put.bind(store);
  store.put = async (key, pieces, options) => {
    await put(key, pieces, options);
    const bytes = store.objects.get(key);
    if (key === "wal/wal_000002.log.zst" && bytes) bytes[30] = (bytes[30] ?? 0) ^ 1;
  };
  const { state, records } = await archiveOnce(store, files);
  expect(state).toMatchObject({ state: "degraded", confirmedSegment: 1 });
  expect(state.reason).toContain("memory://archive/wal/wal_000002.log.zst: it reads back");
  expect(records.confirmed).toEqual([1]);
});

test("a damaged file is reported and not archived", async () => {
  const files = someFiles();
  const path = files.segmentPath(2);
  const bytes = readFileSync(path);
  bytes[300] = (bytes[300] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const { state } = await archiveOnce(new FaultyStore(), files);
  expect(state).toMatchObject({ state: "degraded", confirmedSegment: 1 });
  expect(state.reason).toBe(`${path}: damaged at byte 128: the batch does not match its hash`);
});

test("refuses the archive of another exchange", async () => {
  const store = new FaultyStore();
  await archiveOnce(store, someFiles());
  const before = new Map(store.objects);
  for (const count of [1, 4]) {
    const other = newFiles(2);
    for (let i = 0; i < count; i++) other.addSegment([1]);
    const { state, records } = await archiveOnce(store, other);
    expect(state).toMatchObject({ state: "degraded", confirmedSegment: 0 });
    expect(state.reason).toContain("persistence.cloud.prefix");
    expect(records.confirmed).toEqual([]);
  }
  expect(store.objects).toEqual(before);
});

test("refuses the archive of a journal that diverged from this one, however it diverged", async () => {
  const store = new FaultyStore();
  await archiveOnce(store, someFiles());
  const before = new Map(store.objects);
  // The same exchange, restored up to its first segment: that one is the archive's, the next is not.
  const fork = newFiles();
  fork.addSegment([1]);
  const original = Bun.zstdDecompressSync(
    store.objects.get("wal/wal_000001.log.zst") ?? new Uint8Array(),
  );
  writeFileSync(fork.segmentPath(1), original);
  const { archiver, records } = makeArchiver(store, fork);
  archiver.start();
  expect(await stateAfterPush(archiver)).toMatchObject({ state: "ok", confirmedSegment: 1 });
  fork.addSegment([1]);
  const state = await stateAfterPush(archiver);
  await archiver.close();
  expect(state).toMatchObject({ state: "degraded", confirmedSegment: 1 });
  expect(state.reason).toContain("segment 2 there is not the one here");
  expect(records.confirmed).toEqual([1]);
  expect(store.objects).toEqual(before);
});

test("of two exchanges that have the same history and archive to one place, the second one to write is refused", async () => {
  const store = new FaultyStore();
  const files = someFiles();
  const { archiver } = makeArchiver(store, files);
  archiver.start();
  expect(await stateAfterPush(archiver)).toMatchObject({ state: "ok", confirmedSegment: 3 });
  const copy = files.copyTo(mkdtempSync(join(root, "copy-")));
  const second = makeArchiver(store, copy);
  second.archiver.start();
  expect(await stateAfterPush(second.archiver)).toMatchObject({ state: "ok", confirmedSegment: 3 });
  // Both know the same manifest. Each has a fourth segment of its own now.
  files.addSegment([2]);
  expect(await stateAfterPush(archiver)).toMatchObject({ state: "ok", confirmedSegment: 4 });
  const before = new Map(store.objects);
  copy.addSegment([3, 3]);
  const moved = await stateAfterPush(second.archiver);
  expect(moved.reason).toContain("the manifest is not the one that this exchange wrote or read");
  const refused = await stateAfterPush(second.archiver);
  expect(refused.reason).toContain("segment 4 there is not the one here");
  expect(second.records.confirmed).toEqual([1, 2, 3]);
  expect(store.objects).toEqual(before);
  files.addSegment([1]);
  expect(await stateAfterPush(archiver)).toMatchObject({ state: "ok", confirmedSegment: 5 });
  expect((await verifyArchive(store))?.faults).toEqual([]);
  await archiver.close();
  await second.archiver.close();
});

test("a manifest that arrived although its answer did not is read anew, and the archive goes on", async () => {
  const store = new FaultyStore();
  const files = someFiles();
  const { archiver } = makeArchiver(store, files);
  archiver.start();
  await archiver.push();
  files.addSegment([2]);
  const put = store.put.bind(store);
  store.put = async (key, pieces, options) => {
    await put(key, pieces, options);
    if (key === "manifest.json") throw DEAD;
  };
  expect((await stateAfterPush(archiver)).reason).toBe(DEAD.message);
  store.put = put;
  files.addSegment([1]);
  expect(await stateAfterPush(archiver)).toMatchObject({ state: "ok", confirmedSegment: 5 });
  await archiver.close();
});

test.each([
  ["lost", (store: FaultyStore) => store.objects.delete("manifest.json")],
  ["cut", (store: FaultyStore) => cut(store, "manifest.json")],
  ["altered", (store: FaultyStore) => store.objects.get("manifest.json")?.fill(0x31, 500, 501)],
])("a manifest that was %s is made anew from the objects", async (_how, damage) => {
  const files = someFiles();
  const store = new FaultyStore();
  await archiveOnce(store, files);
  const before = await (await ArchiveIndex.open(store))?.entries();
  damage(store);
  files.addSegment([1]);
  const { archiver } = makeArchiver(store, files);
  archiver.start();
  let state = await stateAfterPush(archiver);
  if (state.state === "degraded") state = await stateAfterPush(archiver);
  expect(state).toMatchObject({ state: "ok", confirmedSegment: 4 });
  const after = (await (await ArchiveIndex.open(store))?.entries()) ?? [];
  await archiver.close();
  const byName = (entries: unknown[] = []) => entries.map((entry) => JSON.stringify(entry)).sort();
  expect(byName(after.slice(0, -1))).toEqual(byName(before));
  expect((await verifyArchive(new FaultyStoreOf(store)))?.faults).toEqual([]);
});

test("a segment that is missing in a new manifest is archived again, and the journal continues", async () => {
  const files = someFiles();
  while (files.segments.length < 300) files.addSegment([1]);
  const store = new FaultyStore();
  await archiveOnce(store, files);
  store.objects.delete("manifest.json");
  store.objects.get("wal/wal_000002.log.zst")?.fill(0, 100);
  expect((await archiveOnce(store, files)).state).toMatchObject({ confirmedSegment: 300 });
  files.addSegment([1]);
  files.addSnapshot();
  files.addSegment([1]);
  const { state } = await archiveOnce(store, files);
  expect(state).toMatchObject({ confirmedSegment: 302, confirmedSnapshot: files.tick - 1 });
  const entries = (await (await ArchiveIndex.open(store))?.entries()) ?? [];
  const segments = entries.filter((entry) => entry.kind === "segment");
  expect(segments.map(({ number }) => number)).toEqual(files.segments);
  expect((await verifyArchive(store))?.faults).toEqual([]);
});

test("a manifest of a newer version is not changed", async () => {
  const files = someFiles();
  const store = new FaultyStore();
  await archiveOnce(store, files);
  const text = new TextDecoder().decode(store.objects.get("manifest.json"));
  const newer = new TextEncoder().encode(text.replace('{"version":1,', '{"version":2,'));
  store.objects.set("manifest.json", newer);
  const { state } = await archiveOnce(store, files);
  expect(state.reason).toContain("format version 2; this program knows 1");
  expect(store.objects.get("manifest.json")).toEqual(newer);
});

test("the manifest moves full lists to pages and finds its entries there", async () => {
  const files = newFiles();
  for (let i = 0; i < 520; i++) files.addSegment([1]);
  const store = new FaultyStore();
  expect((await archiveOnce(store, files)).state).toMatchObject({ confirmedSegment: 520 });
  const pages = store.puts.filter((key) => key.startsWith("manifest/"));
  expect(pages).toEqual(["manifest/000001.json", "manifest/000002.json"]);
  const index = await ArchiveIndex.open(store);
  const numbers = (await index?.entries())?.map(
    (entry) => entry.kind === "segment" && entry.number,
  );
  expect(numbers).toEqual(files.segments);
  expect(await index?.segment(1)).toMatchObject({ number: 1, first_tick: 1 });
  expect(await index?.segment(521)).toBeNull();

  store.objects.delete("manifest/000001.json");
  await expect((await ArchiveIndex.open(store))?.entries()).rejects.toThrow("manifest/000001.json");
});

test("asks for retention of objects; if the bucket cannot do that, it continues with one warning", async () => {
  const files = someFiles();
  const able = new FaultyStore();
  const retained = await archiveOnce(able, files, { retentionDays: 10 });
  expect(retained.state.retention).toBe("on");
  const until = new Date(NOW + 10 * 86_400_000);
  expect([...able.retainedUntil]).toEqual(SOME_OBJECTS.map((key) => [key, until]));

  const unable = new FaultyStore();
  unable.onPut = (key, { retainUntil }) => {
    if (retainUntil) throw new ObjectStoreError("no-retention", key, "the server refused");
  };
  const { state, records } = await archiveOnce(unable, files, { retentionDays: 10 });
  expect(state).toMatchObject({ state: "ok", retention: "unsupported", uploads: 4 });
  const warnings = records.log.filter(({ level }) => level === "warn");
  expect(warnings.map(({ message }) => message)).toEqual(["archived without retention"]);
});

test("seals the current segment before each attempt; a failure of that stops nothing", async () => {
  const files = newFiles();
  const store = new FaultyStore();
  const { archiver, records } = makeArchiver(store, files, {
    rotate: async () => {
      if (files.segments.length === 3) throw new Error("the storage failed");
      files.addSegment([1]);
    },
  });
  archiver.start();
  await stateAfterPush(archiver);
  await stateAfterPush(archiver);
  expect(await stateAfterPush(archiver)).toMatchObject({ state: "ok", confirmedSegment: 3 });
  await stateAfterPush(archiver);
  await archiver.close();
  expect(records.confirmed).toEqual([1, 2, 3]);
  const warnings = records.log.filter(({ level }) => level === "warn");
  expect(warnings[0]).toMatchObject({ fields: { error: "Error: the storage failed" } });
});

test("an attempt that lasts longer than an interval shows as degraded", async () => {
  const store = new FaultyStore();
  const begun = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  store.onPut = () => {
    begun.resolve();
    return held.promise;
  };
  let now = NOW;
  const { archiver } = makeArchiver(store, someFiles(), { elapsed: () => now });
  archiver.start();
  await begun.promise;
  expect(archiver.state().state).toBe("ok");
  now += 300_001;
  expect(archiver.state()).toMatchObject({
    state: "degraded",
    reason: "uploading has taken longer than 300000 ms and goes on",
  });
  held.resolve();
  expect((await stateAfterPush(archiver)).state).toBe("ok");
  await archiver.close();
});

test("closing answers all waiting pushes, and a push after it", async () => {
  const store = new FaultyStore();
  const { archiver } = makeArchiver(store, someFiles());
  const waiting = stateAfterPush(archiver);
  await archiver.close();
  expect((await waiting).uploads).toBe(0);
  expect((await stateAfterPush(archiver)).uploads).toBe(0);
});

/** A second look at the objects of a store that was closed. */
class FaultyStoreOf extends FaultyStore {
  constructor(other: FaultyStore) {
    super();
    for (const [key, bytes] of other.objects) this.objects.set(key, bytes);
  }
}

function cut(store: FaultyStore, key: string): void {
  const bytes = store.objects.get(key) ?? new Uint8Array();
  store.objects.set(key, bytes.subarray(0, bytes.length / 2));
}
