/** What a data directory holds for the archive while no exchange runs on it. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { snapshotTick } from "../snapshot/layout.ts";
import { segmentName, segmentNumber } from "../wal/layout.ts";
import { scanSegmentFile } from "./archive-object.ts";
import { ContentError } from "./content-error.ts";

/** Numbers of the segments in a directory, in order; one that does not exist has none. */
export function localSegments(walDir: string): Promise<number[]> {
  return numbersIn(walDir, segmentNumber);
}

/** Ticks of the snapshots in a directory, in order. */
export function localSnapshots(snapshotDir: string): Promise<number[]> {
  return numbersIn(snapshotDir, snapshotTick);
}

/**
 * Numbers of the segments that no later start will change: all before the last one with content, and that one
 * too if it was closed in an orderly way. After a crash the next start may cut off its end.
 */
export async function sealedSegments(walDir: string): Promise<number[]> {
  const numbers = await localSegments(walDir);
  for (let last = numbers.pop(); last !== undefined; last = numbers.pop()) {
    const path = join(walDir, segmentName(last));
    if (!(await hasContent(path))) continue;
    if (await isWhole(path, last)) numbers.push(last);
    break;
  }
  return numbers;
}

/** A segment that was prepared and not used is all zeros. */
async function hasContent(path: string): Promise<boolean> {
  const start = await Bun.file(path).slice(0, 8).bytes();
  return start.some((byte) => byte !== 0);
}

async function isWhole(path: string, number: number): Promise<boolean> {
  try {
    return !(await scanSegmentFile(path, number)).hasZerosAtEnd;
  } catch (error) {
    if (error instanceof ContentError) return false;
    throw error;
  }
}

/** Names of the files in a directory; none when it does not exist. */
export function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
}

async function numbersIn(
  directory: string,
  parse: (name: string) => number | null,
): Promise<number[]> {
  const numbers = (await namesIn(directory)).map(parse).filter((number) => number !== null);
  return numbers.sort((a, b) => a - b);
}
