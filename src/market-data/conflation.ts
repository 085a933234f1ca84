/**
 * At most one push a second for each key. A change is pushed at once if the last push was a second ago or more;
 * otherwise it waits until then. All changes that wait become one push.
 */

const CONFLATION_MS = 1000;

/** State of a key: no change waits; a change waits; none waits any more, but the key is still in the list. */
const IDLE = 0;
const WAITING = 1;
const FORGOTTEN = 2;

export class Conflation {
  readonly #monotonic: () => number;
  readonly #push: (key: number) => boolean;
  /** By key: when it was last pushed, and whether a change waits. */
  readonly #pushedAt: Float64Array;
  readonly #states: Uint8Array;
  /** Keys that are not idle, oldest first; the first `#count` are in use. */
  readonly #waiting: Int32Array;
  #count = 0;

  /** `push` publishes the state of a key; false when there was nothing to publish. */
  constructor(keys: number, monotonic: () => number, push: (key: number) => boolean) {
    this.#monotonic = monotonic;
    this.#push = push;
    this.#pushedAt = new Float64Array(keys).fill(-CONFLATION_MS);
    this.#states = new Uint8Array(keys);
    this.#waiting = new Int32Array(keys);
  }

  onChange(key: number): void {
    const state = this.#states[key];
    if (state === WAITING) return;
    const now = this.#monotonic();
    if (now - this.#pushedAt[key] >= CONFLATION_MS) {
      if (this.#push(key)) this.#pushedAt[key] = now;
      return;
    }
    this.#states[key] = WAITING;
    if (state === IDLE) this.#waiting[this.#count++] = key;
  }

  /** Drops the change that waits, because it was published in another way. */
  forget(key: number): void {
    if (this.#states[key] === WAITING) this.#states[key] = FORGOTTEN;
  }

  /** Pushes the change of a key that waits, even if the last push was just now. */
  pushNow(key: number): void {
    if (this.#states[key] !== WAITING) return;
    this.#states[key] = FORGOTTEN;
    if (this.#push(key)) this.#pushedAt[key] = this.#monotonic();
  }

  /** Pushes all changes that wait. */
  pushAllNow(): void {
    for (let i = 0; i < this.#count; i++) this.pushNow(this.#waiting[i]);
  }

  /** Pushes the changes whose second is over. */
  onBeat(): void {
    if (this.#count === 0) return;
    const now = this.#monotonic();
    const count = this.#count;
    this.#count = 0;
    for (let i = 0; i < count; i++) {
      const key = this.#waiting[i];
      const isWaiting = this.#states[key] === WAITING;
      if (isWaiting && now - this.#pushedAt[key] < CONFLATION_MS) {
        this.#waiting[this.#count++] = key;
        continue;
      }
      this.#states[key] = IDLE;
      if (isWaiting && this.#push(key)) this.#pushedAt[key] = now;
    }
  }
}
