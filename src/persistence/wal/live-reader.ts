/**
 * Reads a journal that a running exchange may be writing, for tools that only look.
 *
 * What looks like damage may be temporary: a segment was written, trimmed or removed during the reading.
 * A fault counts only when a second reading finds the same one.
 */

import type { JournalBatch } from "../backend.ts";
import { diskFileSystem, type FileSystem } from "./file-system.ts";
import type { JournalStart } from "./journal-start.ts";
import { type JournalReading, readJournal } from "./recovery.ts";

/** The exchange removed segments that had not been read yet. */
export class JournalMovedOnError extends Error {
  override readonly name = "JournalMovedOnError";
}

/** Thrown to end a reading when its receiver wants no more. */
class Enough extends Error {}

/**
 * Hands every batch to `onBatch`, once and in order, from `start` on (else from the oldest segment), until `onBatch`
 * returns false; null in that case. Changes no file. A batch that is being written shows as a torn tail. Throws
 * `JournalDamagedError`, `JournalMovedOnError`, and what `onBatch` throws.
 */
export function readLiveJournal(
  directory: string,
  onBatch: (batch: JournalBatch) => boolean,
  fileSystem: FileSystem = diskFileSystem,
  start?: JournalStart,
): JournalReading | null {
  let nextTick: number | null = null;
  let wantsMore = true;
  const receive = (batch: JournalBatch): void => {
    nextTick ??= batch.tick;
    if (batch.tick < nextTick) return;
    if (batch.tick > nextTick) {
      const removed = `the exchange removed tick ${nextTick} before it was read, because it no longer needs it`;
      throw new JournalMovedOnError(`${directory}: ${removed}. Try again`);
    }
    nextTick++;
    // Stays false when `onBatch` throws, which is no fault of the journal.
    wantsMore = false;
    wantsMore = onBatch(batch);
    if (!wantsMore) throw new Enough();
  };
  for (let doubted = ""; ; ) {
    try {
      return readJournal(directory, receive, fileSystem, start && { start });
    } catch (error) {
      if (error instanceof Enough) return null;
      if (!wantsMore || String(error) === doubted) throw error;
      doubted = String(error);
    }
  }
}
