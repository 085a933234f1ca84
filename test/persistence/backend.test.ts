import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudPersistence } from "../../src/persistence/cloud.ts";
import { LocalPersistence } from "../../src/persistence/local.ts";
import { diskFileSystem } from "../../src/persistence/wal/file-system.ts";
import { stateAfterPush } from "./archive/archive-rig.ts";
import { MemoryObjectStore } from "./archive/memory-object-store.ts";
import { describeBackend } from "./backend-suite.ts";
import type { ReadBatch } from "./journals.ts";
import { asRead, copyOf, makeBatch, makeBatches, write } from "./journals.ts";
import { MemoryPersistence } from "./memory-persistence.ts";

const root = mkdtempSync(join(tmpdir(), "waiver-backend-"));
afterAll(() => rmSync(root, { recursive: true }));

describeBackend("local", () => {
  const home = mkdtempSync(join(root, "home-"));
  const walDirectory = join(home, "wal");
  const snapshotDirectory = join(home, "snapshots");
  return {
    walDirectory,
    snapshotDirectory,
    fileSystem: diskFileSystem,
    open: (options) =>
      new LocalPersistence({ directory: walDirectory, snapshotDirectory, ...options }),
  };
});

describeBackend("cloud", () => {
  const home = mkdtempSync(join(root, "home-"));
  const walDirectory = join(home, "wal");
  const snapshotDirectory = join(home, "snapshots");
  const store = new MemoryObjectStore();
  return {
    walDirectory,
    snapshotDirectory,
    fileSystem: diskFileSystem,
    open(options) {
      const backend = new CloudPersistence({
        directory: walDirectory,
        snapshotDirectory,
        store,
        uploadIntervalMs: 1_000,
        retentionDays: 0,
        archiveKey: null,
        log: { info: () => {}, warn: () => {}, error: () => {} },
        ...options,
      });
      backend.archiver.start();
      return backend;
    },
  };
});

describeBackend("memory", () => {
  const { disk } = new MemoryPersistence();
  return {
    walDirectory: "wal",
    snapshotDirectory: "snapshots",
    fileSystem: disk,
    open: (options) => new MemoryPersistence(disk, options),
  };
});

function start(backend: MemoryPersistence): { read: ReadBatch[]; report: object } {
  const read: ReadBatch[] = [];
  const report = backend.recover({ apply: (batch) => read.push(copyOf(batch)) });
  backend.open();
  return { read, report };
}

test("power failure takes back what was not flushed, and only that", async () => {
  const { disk } = new MemoryPersistence();
  const options = { segmentBytes: 4096, durability: "fsync" } as const;
  const backend = new MemoryPersistence(disk, options);
  start(backend);
  const kept = makeBatches([2, 3]);
  await write(backend, kept);
  const lost = makeBatch(3, 6, 4);
  backend.append(lost.batch, lost.info);
  disk.crash();

  const after = new MemoryPersistence(disk, options);
  const { read, report } = start(after);
  expect(read).toEqual(asRead(kept));
  expect(report).toMatchObject({ lastTick: 2, torn: null });
  const instead = makeBatch(3, 6, 1);
  await write(after, [instead]);
  disk.crash();
  expect(start(new MemoryPersistence(disk)).read).toEqual(asRead([...kept, instead]));
});

test("a power failure takes nothing back of a segment that is sealed, its trimming neither", async () => {
  const backend = new MemoryPersistence(undefined, { segmentBytes: 4096 });
  start(backend);
  await write(backend, makeBatches([2]));
  const sealed = new Promise<number>((resolve) => backend.onSealed(resolve));
  backend.rotate();
  expect(await sealed).toBe(1);
  backend.disk.crash();
  expect(backend.disk.contents("wal/wal_000001.log").length).toBe(512);
});

test("with an archive, what was sealed is there when the journal is closed", async () => {
  const home = mkdtempSync(join(root, "home-"));
  const store = new MemoryObjectStore();
  const backend = new CloudPersistence({
    directory: join(home, "wal"),
    snapshotDirectory: join(home, "snapshots"),
    segmentBytes: 4096,
    store,
    uploadIntervalMs: 3_600_000,
    retentionDays: 0,
    archiveKey: null,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  backend.recover({ apply: () => {} });
  backend.open();
  const asked: string[] = [];
  backend.connect({
    seal: async () => void asked.push(`seal after ${backend.rotate()}`),
    confirmed: () => asked.push(`confirmed ${backend.archiver.state().confirmedSegment}`),
    copyIdentity: async () => new Uint8Array(0),
  });
  await write(backend, makeBatches([2, 3]));
  backend.archiver.start();
  expect(await stateAfterPush(backend.archiver)).toMatchObject({ state: "ok" });
  await backend.close();
  backend.connect({
    seal: async () => {},
    confirmed: () => asked.push("confirmed"),
    copyIdentity: async () => new Uint8Array(0),
  });
  expect(await stateAfterPush(backend.archiver)).toMatchObject({
    state: "ok",
    behindSegments: 0,
    confirmedSegment: backend.sealedThrough(),
  });
  await backend.archiver.close();
  expect(asked[0]).toBe("seal after 1");
  expect(asked.filter((each) => each.startsWith("confirmed")).length).toBeGreaterThan(0);
});

test("a journal that is being closed begins no segment any more", async () => {
  const backend = new MemoryPersistence(undefined, { segmentBytes: 4096 });
  start(backend);
  const { batch, info } = makeBatch(1, 1, 2);
  backend.append(batch, info);
  const closed = backend.close();
  expect(() => backend.rotate()).toThrow("the journal is closed");
  await closed;
  expect(backend.disk.list("wal").filter((name) => name.startsWith("wal_"))).toEqual([
    "wal_000001.log",
  ]);
});
