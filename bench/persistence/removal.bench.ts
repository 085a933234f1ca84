/**
 * `bun bench/persistence/removal.bench.ts [--short] [--dir DIR]`: how long flushes wait while the file of a segment is
 * removed, at once or in pieces as the journal does it.
 *
 * A thread of the pool writes and flushes 4 KiB again and again during the removal.
 */
import fs from "node:fs";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { diskFileSystem, flushed } from "../../src/persistence/wal/file-system.ts";
import { readBenchOptions } from "../bench-options.ts";
import { median } from "../figures.ts";

const PIECE_BYTES = 1024 * 1024;
const PROBE_BYTES = 4096;

const { short, parentDir } = readBenchOptions();
const rounds = short ? 1 : 7;
const segmentBytes = short ? 2 * PIECE_BYTES : 64 * PIECE_BYTES;
/** Flushes are timed for this long after the removal, because the file system may free the blocks later. */
const afterMs = short ? 10 : 300;
const directory = fs.mkdtempSync(join(parentDir, "waiver-removal-bench-"));

type Removal = (path: string) => Promise<void>;

const removals: Record<string, Removal> = {
  "at once": (path) => unlink(path),
  "in pieces": (path) => diskFileSystem.removeBeside(path),
};

function writeSegment(path: string): void {
  const file = fs.openSync(path, "w");
  for (let at = 0; at < segmentBytes; at += PIECE_BYTES) {
    fs.writeSync(file, new Uint8Array(PIECE_BYTES), 0, PIECE_BYTES, at);
    fs.fdatasyncSync(file);
  }
  fs.closeSync(file);
  diskFileSystem.syncDirectoryAndWait(directory);
}

/** Milliseconds of the longest flush during the removal and shortly after it. */
async function longestFlush(remove: Removal): Promise<number> {
  const path = join(directory, "segment");
  writeSegment(path);
  const probe = fs.openSync(join(directory, "probe"), "w+");
  fs.writeSync(probe, new Uint8Array(PROBE_BYTES), 0, PROBE_BYTES, 0);
  fs.fsyncSync(probe);
  let longest = 0;
  let isOver = false;
  const removed = remove(path)
    .then(() => diskFileSystem.syncDirectory(directory))
    .then(() => Bun.sleep(afterMs))
    .finally(() => {
      isOver = true;
    });
  for (let i = 0; !isOver; i++) {
    const startNs = Bun.nanoseconds();
    await diskFileSystem.writeAt(probe, new Uint8Array(PROBE_BYTES).fill(i), 0);
    await flushed(diskFileSystem, probe);
    longest = Math.max(longest, (Bun.nanoseconds() - startNs) / 1e6);
  }
  await removed;
  fs.closeSync(probe);
  return longest;
}

try {
  const times = new Map<string, number[]>(Object.keys(removals).map((name) => [name, []]));
  for (let i = 0; i < rounds; i++) {
    for (const [name, remove] of Object.entries(removals)) {
      times.get(name)?.push(await longestFlush(remove));
    }
  }
  for (const [name, each] of times) {
    const figures = `median ${median(each).toFixed(1)} ms  worst ${Math.max(...each).toFixed(1)} ms`;
    console.log(`removed ${name.padEnd(10)} longest flush  ${figures}`);
  }
} finally {
  fs.rmSync(directory, { recursive: true });
}
