/**
 * What flushes wait while a segment's file is removed, at once and as the journal does it:
 * `bun bench/persistence/removal.bench.ts [--short] [--dir DIR]`.
 *
 * A thread of the pool writes 4 KiB and flushes them, again and again, while the file goes.
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
/** The file system may free what was removed a little later. */
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

/** The longest flush, in milliseconds, from the removal until a little after it. */
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
