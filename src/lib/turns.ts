/**
 * Says whose job is next when more jobs wait than may run at once. The jobs of one user, address or account run in the
 * order in which they came; users, addresses and accounts take turns. So whoever asks for very much waits for himself.
 */

/** Jobs that may wait for their turn, of everybody together. */
const WAITING_MAX = 65_536;

type Job = () => void;

interface Queue {
  jobs: Job[];
  next: number;
}

export interface TurnsParts {
  /** How much jobs may spend before other work has its turn, in the unit of `spent`. */
  slice: number;
  /** A clock that goes on within a turn of the event loop, or a count of work. Only differences are used. */
  spent(): number;
  /** Calls `slice` when other work has had its turn and jobs may run again. */
  goOn(slice: () => void): void;
}

export class Turns<Who> {
  readonly #parts: TurnsParts;
  /** By user or address: its jobs, of which those before `next` have run. Who is next comes first. */
  readonly #waiting = new Map<Who, Queue>();
  #count = 0;
  #spent = 0;
  #isScheduled = false;
  #isRunning = false;

  constructor(parts: TurnsParts) {
    this.#parts = parts;
  }

  /**
   * Runs the job now or in its turn. A job that a running job adds always waits. False, and never, when too many wait.
   */
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
      // Goes behind the others. This loop comes to it there again.
      this.#waiting.delete(who);
      if (own.next < own.jobs.length) this.#waiting.set(who, withoutRun(own));
      this.#count--;
      this.#spend(job);
    }
    if (this.#count > 0) this.#schedule();
  }
}

/** Drops the jobs that have run when they are more than half. Who always has a job waiting would keep them all. */
function withoutRun(queue: Queue): Queue {
  if (queue.next * 2 > queue.jobs.length) {
    queue.jobs.splice(0, queue.next);
    queue.next = 0;
  }
  return queue;
}
