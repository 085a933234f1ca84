/** The thread that reads segments ahead of the replay; `segments-ahead.ts` starts it. */
import { TablesAhead } from "../../../host/tables-ahead.ts";
import { diskFileSystem } from "../file-system.ts";
import { HashedBytes } from "../hashed-bytes.ts";
import { SEGMENT_BYTES_MAX, SEGMENT_HEADER_BYTES } from "../layout.ts";
import { type SegmentBytes, wordsOver } from "../segment-bytes.ts";
import { readPiece, roomFor } from "../segment-files.ts";
import { wholeBatchesEnd } from "../segment-reader.ts";
import type { AheadTask } from "./ahead-task.ts";
import { AheadControl, Reading } from "./control.ts";

const PIECE_BYTES = 1 << 18;
/**
 * How far the reader may be ahead. What it has read is then still in the processor's caches when the replay
 * needs it.
 */
const AHEAD_BYTES = 1 << 22;

/** Reads all segments of the task, and then backs tables until it is stopped. */
export function readAhead(task: AheadTask): void {
  new AheadReader(task).run();
}

class AheadReader {
  readonly #control: AheadControl;
  readonly #tables: TablesAhead;
  readonly #paths: readonly string[];
  readonly #slots: readonly Uint8Array[];

  constructor({ control: memory, slots, paths, tables }: AheadTask) {
    const control = new AheadControl(memory, paths.length);
    this.#control = control;
    this.#tables = new TablesAhead(tables, (table) => control.used.get(table));
    this.#paths = paths;
    this.#slots = slots.map((slot) => new Uint8Array(slot));
  }

  run(): void {
    const control = this.#control;
    control.isListening = true;
    try {
      for (let index = 0; index < this.#paths.length && !control.isStopped; index++) {
        this.#waitUntil(() => control.current + 1 >= index);
        const bytes = this.#slots[index % this.#slots.length] as Uint8Array;
        if (control.claims(index, Reading.AHEAD)) this.#readSegment(index, bytes);
        else this.#checkRead(index, bytes);
      }
      this.#waitUntil(() => false);
    } finally {
      // However the reader ends, the replay must not wait for it.
      control.isListening = false;
    }
  }

  /** Backs tables with memory until `isOver`, or until the reader is stopped. */
  #waitUntil(isOver: () => boolean): void {
    const control = this.#control;
    for (;;) {
      const { moved } = control;
      this.#tables.back();
      if (isOver() || control.isStopped) return;
      control.waitUntilMoved(moved);
    }
  }

  /** Reads a segment and checks it piece by piece. */
  #readSegment(index: number, bytes: Uint8Array): void {
    try {
      const path = this.#paths[index] as string;
      const file = diskFileSystem.open(path, "read");
      try {
        this.#readPieces(index, { path, file, length: diskFileSystem.size(file) }, bytes);
      } finally {
        diskFileSystem.close(file);
      }
      this.#control.setState(index, Reading.DONE);
    } catch {
      // The replay reads the file again, and finds out what is wrong.
      this.#control.setState(index, Reading.FAILED);
    }
  }

  #readPieces(
    index: number,
    segment: { path: string; file: number; length: number },
    bytes: Uint8Array,
  ): void {
    const { length } = segment;
    if (length > SEGMENT_BYTES_MAX || roomFor(length) > bytes.length)
      throw new Error("the file became longer");
    this.#control.lengths.set(index, length);
    bytes.fill(0, length, roomFor(length));
    const words = wordsOver(bytes, 0);
    const hashedBytes = new HashedBytes(words.ints);
    let end = SEGMENT_HEADER_BYTES;
    while (words.length < length && !this.#control.isStopped) {
      const at = words.length;
      this.#waitForReplay(index, at, end);
      const to = Math.min(at + PIECE_BYTES, length);
      words.length += readPiece(diskFileSystem, segment, bytes, at, to);
      end = this.#publish(index, words, hashedBytes, end);
    }
  }

  /** Checks a segment that the replay has read itself, from where the replay is. */
  #checkRead(index: number, bytes: Uint8Array): void {
    const control = this.#control;
    this.#waitUntil(() => control.states.get(index) !== Reading.REPLAY);
    const words = wordsOver(bytes, 0);
    const hashedBytes = new HashedBytes(words.ints);
    const length = control.lengths.get(index);
    for (let end = SEGMENT_HEADER_BYTES; words.length < length && !control.isStopped; ) {
      end = Math.max(end, control.positions.get(index));
      const at = Math.max(words.length, end);
      this.#waitForReplay(index, at, end);
      words.length = Math.min(at + PIECE_BYTES, length);
      end = this.#publish(index, words, hashedBytes, end);
    }
  }

  /** Waits until the replay is near `at`, or has applied all batches that are checked. */
  #waitForReplay(index: number, at: number, end: number): void {
    const { positions } = this.#control;
    this.#waitUntil(() => {
      const replayed = Math.max(positions.get(index), SEGMENT_HEADER_BYTES);
      return at < replayed + AHEAD_BYTES || end <= replayed;
    });
  }

  /** Tells the replay how far the batches are whole; gives where they end. */
  #publish(index: number, words: SegmentBytes, hashedBytes: HashedBytes, from: number): number {
    const end = wholeBatchesEnd(words, hashedBytes, from);
    if (end > from) this.#control.setChecked(index, end);
    return end;
  }
}
