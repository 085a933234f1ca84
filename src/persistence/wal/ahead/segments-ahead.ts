/**
 * Reading ahead, as the replay sees it. Another thread, the reader, reads the segments ahead, compares each batch with
 * its hash, and touches the tables that the replay will fill, so that the system backs them with memory. The replay
 * takes one thing from it: up to which byte the batches match their hashes. It checks everything else itself, also what
 * the reader found wrong or has not reached.
 *
 * ```
 *  thread ahead   ░ read, hash ░░░░░░░░░░░░░░░░│ waits: no more than AHEAD_BYTES before the replay
 *  replay         ▒▒▒▒▒▒▒▒ chain, apply ▒▒▒▒▒▒▒│
 *  memory         of two segments, in turn
 * ```
 */
import { ptr } from "bun:ffi";
import { startOwnThread } from "../../../host/own-program.ts";
import type { Store } from "../../../lib/store.ts";
import { type SegmentBytes, wordsOver } from "../segment-bytes.ts";
import { roomFor, type SegmentFiles } from "../segment-files.ts";
import type { AheadTask } from "./ahead-task.ts";
import { AheadControl, Reading } from "./control.ts";

/** Below so many bytes of journal no thread is started: they are replayed before it has begun. */
const LEAST_BYTES = 24 << 20;
/** The largest segment to read: two of them are in memory. */
const SEGMENT_BYTES_MOST = 256 << 20;
/** After so many bytes the replay tells the reader where it is. */
const STEP_BYTES = 1 << 18;
/** How many of a table's last used words are looked at, to see whether the table is written at all. */
const LOOKED_AT_WORDS = 1024;

export class SegmentsAhead {
  readonly #files: SegmentFiles;
  readonly #numbers: readonly number[];
  readonly #tables: readonly Store[];
  readonly control: AheadControl;
  readonly #slots: readonly Uint8Array<SharedArrayBuffer>[];
  readonly #thread: Worker;
  #told = 0;

  /** Null when there is too little to read for a thread to be of use, or too much for the memory of two segments. */
  static start(
    files: SegmentFiles,
    numbers: readonly number[],
    tables: readonly Store[],
    leastBytes = LEAST_BYTES,
  ): SegmentsAhead | null {
    const bytes = numbers.map((number) => files.bytes(number));
    const largest = Math.max(0, ...bytes);
    const all = bytes.reduce((sum, each) => sum + each, 0);
    if (all < leastBytes || largest > SEGMENT_BYTES_MOST) return null;
    return new SegmentsAhead(files, numbers, tables, largest);
  }

  private constructor(
    files: SegmentFiles,
    numbers: readonly number[],
    tables: readonly Store[],
    largest: number,
  ) {
    this.#files = files;
    this.#numbers = numbers;
    this.#tables = tables;
    this.control = AheadControl.create(numbers.length, tables.length);
    this.#slots = [0, 1].map(() => new Uint8Array(new SharedArrayBuffer(roomFor(largest))));
    const task: AheadTask = {
      control: this.control.memory,
      slots: this.#slots.map(({ buffer }) => buffer),
      paths: numbers.map((number) => files.path(number)),
      tables: tables.map(({ words }) => ({ address: Number(ptr(words)), bytes: words.byteLength })),
    };
    this.#thread = startOwnThread("read-ahead", task);
    // A thread that cannot begin leaves everything to the replay.
    this.#thread.onerror = (event) => event.preventDefault();
  }

  /** The bytes of segment `number`, valid until the next call. Throws the errors of reading the file. */
  load(number: number): SegmentBytes {
    const control = this.control;
    const index = this.#numbers.indexOf(number);
    control.current = index;
    // As soon as anything is known of a segment, its header has been read.
    this.#wait(() => {
      if (control.checked.get(index) > 0 || control.states.get(index) > Reading.REPLAY) return true;
      return !control.isListening && control.claims(index, Reading.REPLAY);
    });
    const state = control.states.get(index);
    if (state === Reading.REPLAY || state === Reading.FAILED) this.#read(index);
    this.#told = 0;
    const segment = wordsOver(this.#slot(index), control.lengths.get(index));
    return { ...segment, checkedAfter: (offset) => this.#checkedAfter(index, offset) };
  }

  /** The replay has ended: ends the thread. */
  stop(): void {
    this.control.stop();
    this.#thread.terminate();
  }

  #checkedAfter(index: number, offset: number): number {
    const control = this.control;
    control.positions.set(index, offset);
    if (offset - this.#told >= STEP_BYTES) this.#tell(offset);
    if (control.checked.get(index) > offset) return control.checked.get(index);
    if (control.states.get(index) === Reading.AHEAD) {
      this.#tell(offset);
      this.#wait(
        () => control.checked.get(index) > offset || control.states.get(index) !== Reading.AHEAD,
      );
      if (control.states.get(index) === Reading.FAILED) this.#readAgain(index);
    }
    return control.checked.get(index);
  }

  #tell(offset: number): void {
    this.#told = offset;
    for (const [table, { words, used }] of this.#tables.entries()) {
      const end = used();
      this.control.used.set(table, isWritten(words, end) ? end : 0);
    }
    this.control.tellMoved();
  }

  #wait(isOver: () => boolean): void {
    for (;;) {
      const { found } = this.control;
      if (isOver()) return;
      this.control.waitUntilFound(found);
    }
  }

  /** Reads a segment again whose beginning has been replayed already. */
  #readAgain(index: number): void {
    const before = this.control.lengths.get(index);
    this.#read(index);
    if (this.control.lengths.get(index) === before) return;
    throw new Error(`${this.#files.path(this.#numbers[index] as number)}: its length changed`);
  }

  #read(index: number): void {
    const length = this.#files.readInto(this.#slot(index), this.#numbers[index] as number);
    this.control.lengths.set(index, length);
    this.control.setState(index, Reading.DONE);
    this.control.tellMoved();
  }

  #slot(index: number): Uint8Array<SharedArrayBuffer> {
    return this.#slots[index & 1] as Uint8Array<SharedArrayBuffer>;
  }
}

/** Whether any of the last words before `end` is written. In a table of texts, places in use may stay empty. */
function isWritten(words: Int32Array, end: number): boolean {
  for (let word = Math.max(0, end - LOOKED_AT_WORDS); word < end; word++) {
    if (words[word] !== 0) return true;
  }
  return false;
}
