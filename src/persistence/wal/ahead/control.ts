/**
 * The memory that two threads share at a start: the reader, which reads segments ahead, and the replay. Each waits on a
 * word that the other one changes.
 *
 * ```
 *  head         LISTENING  the reader works          STOPPED  there is nothing more to do
 *               MOVED      counts steps of the replay
 *               FOUND      counts what the reader has found
 *               CURRENT    index of the segment that is replayed
 *  by segment   states, lengths, checked, positions
 *  by table     used
 * ```
 */
const LISTENING = 0;
const STOPPED = 1;
const MOVED = 2;
const FOUND = 3;
const CURRENT = 4;
const HEAD_INTS = 5;
const SEGMENT_INTS = 4;

/**
 * The state of a segment: not begun, being read by the reader or by the replay, read to its end, or not
 * readable.
 */
export const Reading = { NONE: 0, AHEAD: 1, REPLAY: 2, DONE: 3, FAILED: 4 } as const;

/** Numbers that both threads read and write. */
class SharedInts {
  readonly ints: Int32Array;

  constructor(ints: Int32Array) {
    this.ints = ints;
  }

  get(index: number): number {
    return Atomics.load(this.ints, index);
  }

  set(index: number, value: number): void {
    Atomics.store(this.ints, index, value);
  }
}

export class AheadControl {
  readonly memory: SharedArrayBuffer;
  readonly #head: SharedInts;
  /** By segment, a `Reading`; written by `claims` and `setState`. */
  readonly states: SharedInts;
  /** By segment, bytes of the file. */
  readonly lengths: SharedInts;
  /** By segment, the byte up to which its batches match their hashes; written by `setChecked`. */
  readonly checked: SharedInts;
  /** By segment, the byte that the replay has come to. */
  readonly positions: SharedInts;
  /** By table, number of words in use. */
  readonly used: SharedInts;

  constructor(memory: SharedArrayBuffer, segments: number) {
    const ints = new Int32Array(memory);
    let end = 0;
    const next = (count: number): SharedInts => {
      const begin = end;
      end += count;
      return new SharedInts(ints.subarray(begin, end));
    };
    this.memory = memory;
    this.#head = next(HEAD_INTS);
    this.states = next(segments);
    this.lengths = next(segments);
    this.checked = next(segments);
    this.positions = next(segments);
    this.used = next(ints.length - end);
  }

  static create(segments: number, tables: number): AheadControl {
    const ints = HEAD_INTS + SEGMENT_INTS * segments + tables;
    return new AheadControl(new SharedArrayBuffer(ints * 4), segments);
  }

  get isListening(): boolean {
    return this.#head.get(LISTENING) !== 0;
  }

  set isListening(is: boolean) {
    this.#head.set(LISTENING, is ? 1 : 0);
    this.#tell(FOUND);
  }

  get isStopped(): boolean {
    return this.#head.get(STOPPED) !== 0;
  }

  stop(): void {
    this.#head.set(STOPPED, 1);
    this.tellMoved();
  }

  get current(): number {
    return this.#head.get(CURRENT);
  }

  set current(index: number) {
    this.#head.set(CURRENT, index);
    this.tellMoved();
  }

  /** Whether the caller is the one to read the segment; `as`: AHEAD or REPLAY. */
  claims(index: number, as: number): boolean {
    return Atomics.compareExchange(this.states.ints, index, Reading.NONE, as) === Reading.NONE;
  }

  setState(index: number, state: number): void {
    this.states.set(index, state);
    this.#tell(FOUND);
  }

  setChecked(index: number, end: number): void {
    this.checked.set(index, end);
    this.#tell(FOUND);
  }

  get moved(): number {
    return this.#head.get(MOVED);
  }

  tellMoved(): void {
    this.#tell(MOVED);
  }

  /** Returns when `moved` is another one than `seen`. */
  waitUntilMoved(seen: number): void {
    Atomics.wait(this.#head.ints, MOVED, seen);
  }

  get found(): number {
    return this.#head.get(FOUND);
  }

  /** Returns when `found` is another one than `seen`. */
  waitUntilFound(seen: number): void {
    Atomics.wait(this.#head.ints, FOUND, seen);
  }

  #tell(word: number): void {
    Atomics.add(this.#head.ints, word, 1);
    Atomics.notify(this.#head.ints, word);
  }
}
