/** The reader of `segments-ahead.ts`: what its thread does. */
import { TablesAhead } from "../../../host/tables-ahead.ts";
import { BatchWindow } from "../batch-window.ts";
import { diskFileSystem } from "../file-system.ts";
import { SEGMENT_BYTES_MAX, SEGMENT_HEADER_BYTES } from "../layout.ts";
import { type SegmentBytes, wordsOver } from "../segment-bytes.ts";
import { readPiece, roomFor } from "../segment-files.ts";
import { wholeBatchesEnd } from "../segment-reader.ts";
import type { AheadTask } from "./ahead-task.ts";
import { AheadControl, Reading } from "./control.ts";

const PIECE_BYTES = 1 << 18;
/**
 * How far the reader may be ahead: what it has read is then still in the processor's caches when the replay needs it.
 */
const AHEAD_BYTES = 1 << 22;

/** Reads all segments of the task, and then backs tables until it is stopped. */
export function readAhead({ control: memory, slots, paths, tables }: AheadTask): void {
  const control = new AheadControl(memory, paths.length);
  const tablesAhead = new TablesAhead(tables, (table) => control.used.get(table));
  const views = slots.map((slot) => new Uint8Array(slot));
  control.isListening = true;
  try {
    for (let index = 0; index < paths.length && !control.isStopped; index++) {
      waitUntil(() => control.current + 1 >= index);
      const bytes = views[index % views.length] as Uint8Array;
      if (control.claims(index, Reading.AHEAD)) readSegment(index, bytes);
      else checkRead(index, bytes);
    }
    waitUntil(() => false);
  } finally {
    // However the reader ends, the replay must not wait for it.
    control.isListening = false;
  }

  /** Backs tables with memory until `isOver`, or until the reader is stopped. */
  function waitUntil(isOver: () => boolean): void {
    for (;;) {
      const { moved } = control;
      tablesAhead.back();
      if (isOver() || control.isStopped) return;
      control.waitUntilMoved(moved);
    }
  }

  /** Reads a segment and checks it piece by piece. */
  function readSegment(index: number, bytes: Uint8Array): void {
    try {
      const path = paths[index] as string;
      const file = diskFileSystem.open(path, "read");
      try {
        readPieces(index, { path, file, length: diskFileSystem.size(file) }, bytes);
      } finally {
        diskFileSystem.close(file);
      }
      control.setState(index, Reading.DONE);
    } catch {
      // The replay reads the file again, and finds out what is wrong.
      control.setState(index, Reading.FAILED);
    }
  }

  function readPieces(
    index: number,
    segment: { path: string; file: number; length: number },
    bytes: Uint8Array,
  ): void {
    const { length } = segment;
    if (length > SEGMENT_BYTES_MAX || roomFor(length) > bytes.length)
      throw new Error("the file became longer");
    control.lengths.set(index, length);
    bytes.fill(0, length, roomFor(length));
    const words = wordsOver(bytes, 0);
    const window = new BatchWindow(words.ints);
    let end = SEGMENT_HEADER_BYTES;
    while (words.length < length && !control.isStopped) {
      const at = words.length;
      waitForReplay(index, at, end);
      words.length += readPiece(
        diskFileSystem,
        segment,
        bytes,
        at,
        Math.min(at + PIECE_BYTES, length),
      );
      end = publish(index, words, window, end);
    }
  }

  /** Checks a segment that the replay has read itself, from where the replay is. */
  function checkRead(index: number, bytes: Uint8Array): void {
    waitUntil(() => control.states.get(index) !== Reading.REPLAY);
    const words = wordsOver(bytes, 0);
    const window = new BatchWindow(words.ints);
    const length = control.lengths.get(index);
    for (let end = SEGMENT_HEADER_BYTES; words.length < length && !control.isStopped; ) {
      end = Math.max(end, control.positions.get(index));
      const at = Math.max(words.length, end);
      waitForReplay(index, at, end);
      words.length = Math.min(at + PIECE_BYTES, length);
      end = publish(index, words, window, end);
    }
  }

  /** Waits until the replay is near `at`, or has applied all batches that are checked. */
  function waitForReplay(index: number, at: number, end: number): void {
    waitUntil(() => {
      const replayed = Math.max(control.positions.get(index), SEGMENT_HEADER_BYTES);
      return at < replayed + AHEAD_BYTES || end <= replayed;
    });
  }

  function publish(index: number, words: SegmentBytes, window: BatchWindow, from: number): number {
    const end = wholeBatchesEnd(words, window, from);
    if (end > from) control.setChecked(index, end);
    return end;
  }
}
