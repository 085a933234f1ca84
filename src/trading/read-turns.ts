/**
 * Whose read is next, when there are more than may run at once: those of one user or address in the order in which they
 * came, users and addresses in turn, so that whoever asks for very much waits for himself.
 */

/** How long reads may run before ticks and others have their turn. */
const SLICE_MS = 4;
/** Reads of all users that may wait for their turn. */
const WAITING_MAX = 65_536;

type Read = () => void;

export interface ReadTurnsParts {
  /** Milliseconds since whenever, never set back. */
  monotonic(): number;
  /** Runs `slice` when others have had their turn and the state may be read again. */
  goOn(slice: () => void): void;
}

export class ReadTurns {
  readonly #parts: ReadTurnsParts;
  /** By user or address: its reads, last first. */
  readonly #waiting = new Map<object, Read[]>();
  /** Reads that came while those of their user were being run from the other end. */
  readonly #coming = new Map<object, Read[]>();
  #count = 0;
  #spentMs = 0;
  #isScheduled = false;

  constructor(parts: ReadTurnsParts) {
    this.#parts = parts;
  }

  /** Runs the read now or in its turn; false when too many wait. */
  take(user: object, read: Read): boolean {
    if (this.#spentMs < SLICE_MS && !this.#waiting.has(user) && !this.#coming.has(user)) {
      this.#spend(read);
      return true;
    }
    if (this.#count >= WAITING_MAX) return false;
    this.#count++;
    const coming = this.#coming.get(user);
    if (coming === undefined) this.#coming.set(user, [read]);
    else coming.push(read);
    this.#schedule();
    return true;
  }

  #spend(read: Read): void {
    const start = this.#parts.monotonic();
    read();
    this.#spentMs += this.#parts.monotonic() - start;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#parts.goOn(() => {
      this.#isScheduled = false;
      this.#spentMs = 0;
      this.#slice();
    });
  }

  #slice(): void {
    for (const [user, reads] of this.#coming) {
      if (this.#waiting.has(user)) continue;
      this.#waiting.set(user, reads.reverse());
      this.#coming.delete(user);
    }
    for (const [user, reads] of this.#waiting) {
      if (this.#spentMs >= SLICE_MS) break;
      const read = reads.pop();
      this.#waiting.delete(user);
      if (reads.length > 0) this.#waiting.set(user, reads);
      if (read === undefined) continue;
      this.#count--;
      this.#spend(read);
    }
    if (this.#count > 0) this.#schedule();
  }
}
