import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SNAPSHOT_VERSION } from "../../../src/persistence/snapshot/layout.ts";
import { SnapshotFile } from "../../../src/persistence/snapshot/snapshot-file.ts";
import type { SnapshotSection } from "../../../src/persistence/snapshot/write-snapshot.ts";
import { writeSnapshot } from "../../../src/persistence/snapshot/write-snapshot.ts";
import type { SnapshotInfo } from "../../../src/persistence/snapshot.ts";
import type { OpenMode } from "../../../src/persistence/wal/file-system.ts";
import { makeBatches, write } from "../journals.ts";
import { MemoryPersistence } from "../memory-persistence.ts";
import { replayAll, Tally, takeSnapshot } from "../tally.ts";
import { MemoryFileSystem } from "../wal/memory-file-system.ts";

const root = mkdtempSync(join(tmpdir(), "waiver-snapshot-"));
afterAll(() => rmSync(root, { recursive: true }));

const INFO: SnapshotInfo = {
  exchangeId: Uint8Array.from({ length: 16 }, (_, i) => i + 1),
  tick: 123_456_789_012,
  sequence: 2 ** 52 + 1,
  timestamp: 1_795_351_299_662,
  chain: Int32Array.from({ length: 8 }, (_, i) => i * -1_000_003),
  nextSegment: 1_000_001,
  stateHash: 0xfedc_ba98_7654_3210n,
  symbolsMax: 4096,
};

/** Bytes that differ from place to place, in pieces of odd sizes over one memory. */
function* pieces(total: number): Generator<Uint8Array> {
  const memory = new Uint8Array(700_001);
  for (let at = 0; at < total; at += memory.length) {
    const piece = memory.subarray(0, Math.min(memory.length, total - at));
    for (let i = 0; i < piece.length; i++) piece[i] = ((at + i) * 2654435761) >>> 13;
    yield piece;
  }
}

test("returns what was written, on a real disk", () => {
  const directory = join(root, "new", "snapshots");
  const bytes = 5_000_003;
  const sections: SnapshotSection[] = [
    { name: "large", bytes: pieces(bytes) },
    { name: "empty", bytes: [] },
    { name: "x".repeat(56), bytes: [Uint8Array.of(1, 2, 3)] },
  ];
  const written = writeSnapshot(directory, INFO, sections);
  const file = join(directory, "snapshot_123456789012.snap");
  expect(written).toEqual({ file, bytes: 144 + 3 * 96 + bytes + 3 });
  expect(readdirSync(directory)).toEqual(["snapshot_123456789012.snap"]);

  const snapshot = new SnapshotFile(file);
  expect([snapshot.version, snapshot.info]).toEqual([SNAPSHOT_VERSION, INFO]);
  expect(snapshot.names).toEqual(["large", "empty", "x".repeat(56)]);
  expect(snapshot.read("large")).toEqual(new Uint8Array(Buffer.concat(copies(pieces(bytes)))));
  expect(snapshot.read("empty")).toEqual(new Uint8Array(0));
  const target = new Uint8Array(3);
  snapshot.readInto("x".repeat(56), target);
  expect(target).toEqual(Uint8Array.of(1, 2, 3));
  expect(() => snapshot.read("other")).toThrow(`${file} has no section other`);
  expect(() => snapshot.readInto("empty", target)).toThrow(
    "section empty has 0 bytes, its target 3",
  );
  snapshot.verifyRest();
  snapshot.close();
});

function copies(parts: Iterable<Uint8Array>): Uint8Array[] {
  return Array.from(parts, (part) => part.slice());
}

test("replaces one of the same tick", () => {
  const disk = new MemoryFileSystem();
  const contents = (byte: number): SnapshotSection[] => [
    { name: "all", bytes: [new Uint8Array(10).fill(byte)] },
  ];
  writeSnapshot("snapshots", INFO, contents(1), disk);
  const { file } = writeSnapshot("snapshots", INFO, contents(2), disk);
  disk.crash();
  expect(new SnapshotFile(file, disk).read("all")).toEqual(new Uint8Array(10).fill(2));
});

describe("refuses names", () => {
  const cases: [string[], string][] = [
    [["a", "a"], "2 sections: expected 1024 names at most, each once"],
    [[""], 'section "": expected 1 to 56 ASCII characters'],
    [["a b"], 'section "a b"'],
    [["é"], 'section "é"'],
    [["x".repeat(57)], "expected 1 to 56 ASCII characters"],
    [Array.from({ length: 1025 }, (_, i) => `${i}`), "1025 sections"],
  ];
  for (const [names, message] of cases) {
    test(`${names.length}, ${JSON.stringify(names[0])}`, () => {
      const disk = new MemoryFileSystem();
      const sections = names.map((name) => ({ name, bytes: [] }));
      expect(() => writeSnapshot("snapshots", INFO, sections, disk)).toThrow(message);
      expect(disk.list("snapshots")).toEqual([]);
    });
  }
});

/** Fails at the change that `left` counts down to, and at every one after it when `forGood`. */
class FailingDisk extends MemoryFileSystem {
  left = Number.POSITIVE_INFINITY;
  forGood = false;

  #operate(): void {
    this.left--;
    if (this.left === 0 || (this.left < 0 && this.forGood)) throw new Error("EIO: i/o error");
  }

  override open(path: string, mode: OpenMode): number {
    if (mode !== "read") this.#operate();
    return super.open(path, mode);
  }

  override writeAtAndWait(file: number, bytes: Uint8Array, position: number): void {
    this.#operate();
    super.writeAtAndWait(file, bytes, position);
  }

  override fdatasyncAndWait(file: number): void {
    this.#operate();
    super.fdatasyncAndWait(file);
  }

  override rename(from: string, to: string): void {
    this.#operate();
    super.rename(from, to);
  }

  override remove(path: string): void {
    this.#operate();
    super.remove(path);
  }

  override syncDirectoryAndWait(): void {
    this.#operate();
    super.syncDirectoryAndWait();
  }
}

/** An exchange of three segments with a snapshot after the first. */
async function exchange() {
  const disk = new FailingDisk();
  const backend = new MemoryPersistence(disk, { segmentBytes: 1024 });
  backend.recover(new Tally());
  backend.open();
  await write(backend, makeBatches([6, 5, 4]));
  await backend.close();
  const place = { walDirectory: "wal", snapshotDirectory: "snapshots", fileSystem: disk };
  takeSnapshot(place, 1);
  return { disk, place };
}

/** How many operations that change something `takeSnapshot` takes. */
const OPERATIONS = await (async () => {
  const { disk, place } = await exchange();
  disk.left = 1000;
  takeSnapshot(place, 2);
  return 1000 - disk.left;
})();

test("a failed operation leaves no partial file", async () => {
  for (let left = 1; left <= OPERATIONS; left++) {
    const { disk, place } = await exchange();
    disk.left = left;
    expect(() => takeSnapshot(place, 2)).toThrow("EIO");
    const names = disk.list("snapshots").sort();
    // Only the last operation, which makes the name durable, comes after the rename.
    const isThere = left === OPERATIONS;
    expect(names).toEqual([
      "snapshot_000000000001.snap",
      ...(isThere ? ["snapshot_000000000002.snap"] : []),
    ]);
  }
});

test("a writer that is killed at any moment does not block the next one", async () => {
  for (let left = 1; left <= OPERATIONS; left++) {
    const { disk, place } = await exchange();
    disk.left = left;
    disk.forGood = true;
    expect(() => takeSnapshot(place, 2)).toThrow("EIO");
    disk.left = Number.POSITIVE_INFINITY;
    takeSnapshot(place, 2);
    const names = ["snapshot_000000000001.snap", "snapshot_000000000002.snap"];
    expect(disk.list("snapshots").sort()).toEqual(names);
  }
});

test("a power failure at any moment leaves the whole snapshot or none", async () => {
  const ticks = new Set<number>();
  for (let left = 1; left <= OPERATIONS + 1; left++) {
    const { disk, place } = await exchange();
    disk.left = left;
    disk.forGood = true;
    if (left <= OPERATIONS) expect(() => takeSnapshot(place, 2)).toThrow("EIO");
    else takeSnapshot(place, 2);
    disk.crash();
    disk.left = Number.POSITIVE_INFINITY;
    const tally = new Tally();
    const { snapshot, unusable } = new MemoryPersistence(disk).recover(tally);
    expect([tally.state(), unusable]).toEqual([replayAll(place), []]);
    expect(disk.list("snapshots").filter((name) => name.endsWith(".tmp"))).toEqual([]);
    ticks.add(snapshot?.tick ?? 0);
    // The next one succeeds, whatever was left.
    takeSnapshot(place, 2);
  }
  expect([...ticks]).toEqual([1, 2]);
});
