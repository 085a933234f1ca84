/**
 * Whose job is next, when there are more than may run at once: those of one user, address or account in the order in
 * which they came, users, addresses and accounts in turn, so that whoever asks for very much waits for himself.
 */

/** Jobs of all that may wait for their turn. */
const WAITING_MAX = 65_536;

type Job = () => void;

export interface TurnsParts {
  /** How much jobs may spend before others have their turn. */
  slice: number;
  /** What jobs have spent since whenever: a clock that goes on within a turn of the event loop, or a count of work. */
  spent(): number;
  /** Runs `slice` when others have had their turn and jobs may run again. */
  goOn(slice: () => void): void;
}

export class Turns<Who> {
  readonly #parts: TurnsParts;
  /** By user or address, whose turn is next first: its jobs, of which those before `next` have run. */
  readonly #waiting = new Map<Who, { jobs: Job[]; next: number }>();
  #count = 0;
  #spent = 0;
  #isScheduled = false;
  #isRunning = false;

  constructor(parts: TurnsParts) {
    this.#parts = parts;
  }

  /** Runs the job now or in its turn, in which a job of a job always waits; false when too many wait. */
  take(who: Who, job: Job): boolean {
    const own = this.#waiting.get(who);
    if (own === undefined && !this.#isRunning && this.#spent < this.#parts.slice) {
      this.#spend(job);
      return true;
    }
    if (this.#count >= WAITING_MAX) return false;
    this.#count++;
    if (own === undefined) this.#waiting.set(who, { jobs: [job], next: 0 });
    else own.jobs.push(job);
    this.#schedule();
    return true;
  }

  #spend(job: Job): void {
    const start = this.#parts.spent();
    this.#isRunning = true;
    try {
      job();
    } finally {
      this.#isRunning = false;
      this.#spent += this.#parts.spent() - start;
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#parts.goOn(() => {
      this.#isScheduled = false;
      this.#spent = 0;
      this.#slice();
    });
  }

  #slice(): void {
    for (const [who, own] of this.#waiting) {
      if (this.#spent >= this.#parts.slice) break;
      const job = own.jobs[own.next++];
      // Behind the others, where this loop comes to it again.
      this.#waiting.delete(who);
      if (own.next < own.jobs.length) this.#waiting.set(who, own);
      this.#count--;
      this.#spend(job);
    }
    if (this.#count > 0) this.#schedule();
  }
}
