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
  /** By user or address, whose turn is next first: its reads, of which those before `next` have run. */
  readonly #waiting = new Map<object, { reads: Read[]; next: number }>();
  #count = 0;
  #spentMs = 0;
  #isScheduled = false;

  constructor(parts: ReadTurnsParts) {
    this.#parts = parts;
  }

  /** Runs the read now or in its turn; false when too many wait. */
  take(user: object, read: Read): boolean {
    const own = this.#waiting.get(user);
    if (own === undefined && this.#spentMs < SLICE_MS) {
      this.#spend(read);
      return true;
    }
    if (this.#count >= WAITING_MAX) return false;
    this.#count++;
    if (own === undefined) this.#waiting.set(user, { reads: [read], next: 0 });
    else own.reads.push(read);
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
    for (const [user, own] of this.#waiting) {
      if (this.#spentMs >= SLICE_MS) break;
      const read = own.reads[own.next++];
      // Behind the others, where this loop comes to it again.
      this.#waiting.delete(user);
      if (own.next < own.reads.length) this.#waiting.set(user, own);
      this.#count--;
      this.#spend(read);
    }
    if (this.#count > 0) this.#schedule();
  }
}
