import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ObjectStoreError } from "../../../src/persistence/archive/object-store.ts";
import { restoreArchive } from "../../../src/persistence/archive/restore-archive.ts";
import type { S3Location } from "../../../src/persistence/archive/s3-object-store.ts";
import { S3ObjectStore } from "../../../src/persistence/archive/s3-object-store.ts";
import { verifyArchive } from "../../../src/persistence/archive/verify-archive.ts";
import { LocalPersistence } from "../../../src/persistence/local.ts";
import { RESTORE_MARK } from "../../../src/persistence/wal/restore-mark.ts";
import { archiveOnce, makeArchiver, stateAfterPush } from "./archive-rig.ts";
import { JournalFiles } from "./journal-files.ts";
import { CREDENTIALS, S3Server, START_TIMEOUT_MS, skipsWithoutS3 } from "./s3-server.ts";
import { SlowProxy } from "./slow-proxy.ts";

describe.skipIf(skipsWithoutS3())("the archive on an S3 server", () => {
  const root = mkdtempSync(join(tmpdir(), "waiver-archive-s3-"));
  let server: S3Server;

  beforeAll(async () => {
    server = await S3Server.start();
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(root, { recursive: true });
  }, START_TIMEOUT_MS);

  /** Segments of about 1 MiB that do not compress, and a snapshot. */
  function largeFiles(): JournalFiles {
    const files = new JournalFiles(mkdtempSync(join(root, "data-")));
    for (let i = 0; i < 3; i++) files.addSegment([4000, 1, 4000]);
    files.addSnapshot(1_000_000);
    return files;
  }

  /** Restores what is at `location` and compares it with the files that it was made from. */
  async function expectWhole(location: S3Location, files: JournalFiles): Promise<void> {
    const store = new S3ObjectStore(location);
    const verification = await verifyArchive(store);
    expect(verification).toMatchObject({ segments: 3, snapshots: 1, faults: [], unnamed: [] });
    const directory = mkdtempSync(join(root, "restored-"));
    const walDir = join(directory, "wal");
    const snapshotDir = join(directory, "snapshots");
    await restoreArchive({ store, walDir, snapshotDir, target: { tick: files.tick - 1 } });
    expect(readdirSync(walDir).sort()).toEqual([
      "lock",
      "wal_000001.log",
      "wal_000002.log",
      "wal_000003.log",
    ]);
    for (const number of [1, 2]) {
      const name = `wal_00000${number}.log`;
      const same = readFileSync(join(walDir, name)).equals(readFileSync(files.segmentPath(number)));
      expect([name, same]).toEqual([name, true]);
    }
  }

  test("pushes, verifies and restores", async () => {
    const files = largeFiles();
    const location = server.location();
    const { state } = await archiveOnce(new S3ObjectStore(location), files);
    expect(state).toMatchObject({ state: "ok", confirmedSegment: 3, uploads: 4, failures: 0 });
    await expectWhole(location, files);
  });

  // Before the server is killed: Ceph waits half a minute for the dead to hear of a new quota.
  test("a full bucket is degraded until there is room", async () => {
    const files = largeFiles();
    const location = server.location({ bucket: "waiver-full" });
    await server.setQuota("waiver-full", 1_500_000);
    const { archiver } = makeArchiver(new S3ObjectStore(location), files);
    const pushed = stateAfterPush(archiver);
    archiver.start();
    const full = await pushed;
    expect(full).toMatchObject({ state: "degraded", confirmedSegment: 1 });
    expect(full.reason).toContain("Raise the quota");
    await server.setQuota("waiver-full", null);
    expect(await stateAfterPush(archiver)).toMatchObject({ state: "ok", confirmedSegment: 3 });
    await archiver.close();
    await expectWhole(location, files);
  });

  test("goes on where it was when the server is killed in the middle of an upload", async () => {
    await using proxy = await SlowProxy.start(server.port);
    const files = largeFiles();
    const location = server.location();
    const store = new S3ObjectStore({ ...location, endpoint: proxy.endpoint });
    const { archiver, records } = makeArchiver(store, files);
    const middle = 1_400_000;
    proxy.holdAfter(middle);
    const sent = proxy.sent(middle);
    const failed = stateAfterPush(archiver);
    archiver.start();
    await sent;
    await server.stopGateway();
    expect(await failed).toMatchObject({ state: "degraded", confirmedSegment: 1 });
    proxy.release();
    const dead = await stateAfterPush(archiver);
    expect(dead).toMatchObject({ state: "degraded", confirmedSegment: 1, behindSegments: 2 });
    expect(dead.reason).toContain("persistence.cloud.endpoint");

    await server.startGateway();
    expect(await stateAfterPush(archiver)).toMatchObject({
      state: "ok",
      confirmedSegment: 3,
      uploads: 4,
      failures: 2,
    });
    expect(records.confirmed).toEqual([1, 2, 3]);
    await archiver.close();
    await expectWhole(location, files);
  });

  test("one that is killed while an object is read back has it all the same, and it is not sent twice", async () => {
    await using proxy = await SlowProxy.start(server.port);
    const files = largeFiles();
    const location = server.location();
    const store = new S3ObjectStore({ ...location, endpoint: proxy.endpoint });
    const { archiver, records } = makeArchiver(store, files);
    proxy.holdAnswersAfter(600_000);
    const answered = proxy.answered(600_000);
    const failed = stateAfterPush(archiver);
    archiver.start();
    await answered;
    await server.stopGateway();
    proxy.cut();
    const dead = await failed;
    expect(dead).toMatchObject({ state: "degraded", confirmedSegment: 0, uploads: 0 });
    expect(dead.reason).toContain("persistence.cloud.endpoint");
    await server.startGateway();
    // The first segment was whole when it was read back, so it is compared and not sent again.
    expect(await stateAfterPush(archiver)).toMatchObject({
      state: "ok",
      confirmedSegment: 3,
      uploads: 3,
    });
    expect(records.confirmed).toEqual([1, 2, 3]);
    await archiver.close();
    await expectWhole(location, files);
  });

  test.each([
    ["the snapshot", 300_000],
    ["a segment", 1_500_000],
  ])(
    "a server that is killed while %s is restored is no damage, and leaves no exchange",
    async (_what, bytes) => {
      await using proxy = await SlowProxy.start(server.port);
      const files = largeFiles();
      files.addSegment([4000]);
      const location = server.location();
      await archiveOnce(new S3ObjectStore(location), files);
      const store = new S3ObjectStore({ ...location, endpoint: proxy.endpoint });
      const directory = mkdtempSync(join(root, "cut-"));
      const [walDir, snapshotDir] = [join(directory, "wal"), join(directory, "snapshots")];
      const restore = () => restoreArchive({ store, walDir, snapshotDir, target: {} });
      proxy.holdAnswersAfter(bytes);
      const answered = proxy.answered(bytes);
      const cut = restore().catch((error: Error) => error);
      await answered;
      await server.stopGateway();
      proxy.cut();
      const error = await cut;
      expect(error).toBeInstanceOf(ObjectStoreError);
      expect(error).toMatchObject({ trouble: "unreachable" });
      // Nothing has the name of a journal or a snapshot, and the mark keeps exchanges off.
      const names = [walDir, snapshotDir].flatMap((each) => readdirSync(each));
      expect(names.filter((name) => /\.(?:log|snap)$/.test(name))).toEqual([]);
      expect(names).toContain(RESTORE_MARK);
      const exchange = new LocalPersistence({ directory: walDir, snapshotDirectory: snapshotDir });
      expect(() => exchange.recover({ apply: () => {} })).toThrow(
        "a restore into it was not finished",
      );
      await server.startGateway();
      await expect(restore()).rejects.toThrow("an earlier restore was not finished");
      for (const each of [walDir, snapshotDir]) rmSync(each, { recursive: true });
      expect(await restore()).toMatchObject({ refusedSnapshots: [], lastTick: files.tick });
    },
  );

  test("a server that is killed while the archive is verified is no fault of an object", async () => {
    await using proxy = await SlowProxy.start(server.port);
    const files = largeFiles();
    const location = server.location();
    await archiveOnce(new S3ObjectStore(location), files);
    const store = new S3ObjectStore({ ...location, endpoint: proxy.endpoint });
    proxy.holdAnswersAfter(600_000);
    const answered = proxy.answered(600_000);
    const cut = verifyArchive(store).catch((error: Error) => error);
    await answered;
    await server.stopGateway();
    proxy.cut();
    expect(await cut).toMatchObject({ trouble: "unreachable" });
    await server.startGateway();
    await expectWhole(location, files);
  });

  test("a server that stops moving is degraded until it moves again", async () => {
    await using proxy = await SlowProxy.start(server.port);
    const files = largeFiles();
    const location = server.location();
    const endpoint = proxy.endpoint;
    const store = new S3ObjectStore({ ...location, endpoint, requestTimeoutMs: 1000 });
    const { archiver } = makeArchiver(store, files);
    proxy.holdAfter(500_000);
    const pushed = stateAfterPush(archiver);
    archiver.start();
    const slow = await pushed;
    expect(slow).toMatchObject({ state: "degraded", confirmedSegment: 0 });
    expect(slow.reason).toContain("nothing moved for 1000 ms");
    proxy.release();
    expect(await stateAfterPush(archiver)).toMatchObject({ state: "ok", confirmedSegment: 3 });
    await archiver.close();
    await expectWhole(location, files);
  });

  test.each<[string, Partial<S3Location>, string]>([
    [
      "wrong credentials",
      { credentials: { ...CREDENTIALS, secretAccessKey: "WRONG" } },
      "AWS_SECRET_ACCESS_KEY",
    ],
    ["a missing bucket", { bucket: "waiver-none" }, "Create the bucket"],
  ])("with %s the archive is degraded and says what to do", async (_what, changes, advice) => {
    const { state } = await archiveOnce(new S3ObjectStore(server.location(changes)), largeFiles());
    expect(state).toMatchObject({ state: "degraded", confirmedSegment: 0, behindSegments: 3 });
    expect(state.reason).toContain(advice);
  });

  test("objects are retained where the bucket can, and archived all the same where not", async () => {
    const files = largeFiles();
    const locked = server.location({ bucket: "waiver-lock" });
    const retentionDays = 1;
    const able = await archiveOnce(new S3ObjectStore(locked), files, {
      retentionDays,
      now: Date.now,
    });
    expect(able.state).toMatchObject({ state: "ok", retention: "on", uploads: 4 });
    await expectWhole(locked, files);

    const plain = server.location();
    const unable = await archiveOnce(new S3ObjectStore(plain), files, {
      retentionDays,
      now: Date.now,
    });
    expect(unable.state).toMatchObject({ state: "ok", retention: "unsupported", uploads: 4 });
    await expectWhole(plain, files);
  });

  test("an object that was altered on the server is named", async () => {
    const files = largeFiles();
    const location = server.location();
    const store = new S3ObjectStore(location);
    await archiveOnce(new S3ObjectStore(location), files);
    const key = "wal/wal_000002.log.zst";
    const size = (await store.size(key)) ?? 0;
    await store.put(key, [crypto.getRandomValues(new Uint8Array(size % 65_536))]);
    const faults = (await verifyArchive(store))?.faults ?? [];
    expect(faults).toHaveLength(1);
    expect(faults[0]).toStartWith(`${store.url}${key}: `);
  });

  test("a manifest that was lost is made anew from the objects", async () => {
    const files = largeFiles();
    const location = server.location();
    await archiveOnce(new S3ObjectStore(location), files);
    const client = new Bun.S3Client({
      ...CREDENTIALS,
      endpoint: server.endpoint,
      bucket: location.bucket,
    });
    await client.delete(`${location.prefix}/manifest.json`);
    expect(await verifyArchive(new S3ObjectStore(location))).toBeNull();
    const { state } = await archiveOnce(new S3ObjectStore(location), files);
    expect(state).toMatchObject({ state: "ok", confirmedSegment: 3, uploads: 0 });
    await expectWhole(location, files);
  });
});
