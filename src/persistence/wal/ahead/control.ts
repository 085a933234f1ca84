/**
 * What the thread that reads ahead and the thread that replays tell each other, in memory that both have. Each waits for
 * a word that the other one changes.
 *
 * ```
 *  int  0 LISTENING  the reader takes its task    1 STOPPED   there is nothing more to do
 *       2 MOVED      changes when the replay moves on         3 FOUND   changes when the reader knows more
 *       4 CURRENT    index of the segment that is replayed
 *  then, by segment:  STATE, LENGTH of the file, CHECKED (byte up to which its batches are whole), AT (the replay is there)
 *  then, by table:    USED words
 * ```
 */
const LISTENING = 0;
const STOPPED = 1;
const MOVED = 2;
const FOUND = 3;
const CURRENT = 4;
const HEAD_INTS = 8;

const SEGMENT_INTS = 4;
const STATE = 0;
const LENGTH = 1;
const CHECKED = 2;
const AT = 3;

/** Of a segment: not begun, read by one of the two, read to its end, or not to be read. */
export const Reading = { NONE: 0, AHEAD: 1, REPLAY: 2, DONE: 3, FAILED: 4 } as const;

export class AheadControl {
  readonly memory: SharedArrayBuffer;
  readonly #ints: Int32Array;
  readonly #segments: number;

  constructor(memory: SharedArrayBuffer, segments: number) {
    this.memory = memory;
    this.#ints = new Int32Array(memory);
    this.#segments = segments;
  }

  static create(segments: number, tables: number): AheadControl {
    const ints = HEAD_INTS + segments * SEGMENT_INTS + tables;
    return new AheadControl(new SharedArrayBuffer(ints * 4), segments);
  }

  get isListening(): boolean {
    return Atomics.load(this.#ints, LISTENING) !== 0;
  }

  set isListening(is: boolean) {
    Atomics.store(this.#ints, LISTENING, is ? 1 : 0);
    this.#tell(FOUND);
  }

  get isStopped(): boolean {
    return Atomics.load(this.#ints, STOPPED) !== 0;
  }

  stop(): void {
    Atomics.store(this.#ints, STOPPED, 1);
    this.tellMoved();
  }

  get current(): number {
    return Atomics.load(this.#ints, CURRENT);
  }

  set current(index: number) {
    Atomics.store(this.#ints, CURRENT, index);
    this.tellMoved();
  }

  /** Whether the caller is the one to read the segment; `as`: AHEAD or REPLAY. */
  claims(index: number, as: number): boolean {
    const word = this.#word(index, STATE);
    return Atomics.compareExchange(this.#ints, word, Reading.NONE, as) === Reading.NONE;
  }

  state(index: number): number {
    return Atomics.load(this.#ints, this.#word(index, STATE));
  }

  setState(index: number, state: number): void {
    Atomics.store(this.#ints, this.#word(index, STATE), state);
    this.#tell(FOUND);
  }

  length(index: number): number {
    return Atomics.load(this.#ints, this.#word(index, LENGTH));
  }

  setLength(index: number, length: number): void {
    Atomics.store(this.#ints, this.#word(index, LENGTH), length);
  }

  checked(index: number): number {
    return Atomics.load(this.#ints, this.#word(index, CHECKED));
  }

  setChecked(index: number, end: number): void {
    Atomics.store(this.#ints, this.#word(index, CHECKED), end);
    this.#tell(FOUND);
  }

  at(index: number): number {
    return Atomics.load(this.#ints, this.#word(index, AT));
  }

  setAt(index: number, offset: number): void {
    Atomics.store(this.#ints, this.#word(index, AT), offset);
  }

  used(table: number): number {
    return Atomics.load(this.#ints, this.#table(table));
  }

  setUsed(table: number, words: number): void {
    Atomics.store(this.#ints, this.#table(table), words);
  }

  get moved(): number {
    return Atomics.load(this.#ints, MOVED);
  }

  tellMoved(): void {
    this.#tell(MOVED);
  }

  /** Returns when `moved` is another one than `seen`. */
  waitUntilMoved(seen: number): void {
    Atomics.wait(this.#ints, MOVED, seen);
  }

  get found(): number {
    return Atomics.load(this.#ints, FOUND);
  }

  /** Returns when `found` is another one than `seen`. */
  waitUntilFound(seen: number): void {
    Atomics.wait(this.#ints, FOUND, seen);
  }

  #tell(word: number): void {
    Atomics.add(this.#ints, word, 1);
    Atomics.notify(this.#ints, word);
  }

  #word(index: number, field: number): number {
    return HEAD_INTS + index * SEGMENT_INTS + field;
  }

  #table(table: number): number {
    return HEAD_INTS + this.#segments * SEGMENT_INTS + table;
  }
}
