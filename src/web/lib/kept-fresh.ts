/** Asks a question again and again, one at a time, and sooner when something has changed. */
export class KeptFresh {
  readonly #ask: () => Promise<void>;
  readonly #everyMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When it is asked next, a time of `performance.now()`. */
  #dueMs = Number.POSITIVE_INFINITY;
  #isOn = false;
  #isAsking = false;
  #isOutdated = false;

  /** `ask` asks and takes the answer. It must not reject. */
  constructor(ask: () => Promise<void>, everyMs: number) {
    this.#ask = ask;
    this.#everyMs = everyMs;
  }

  /** Asks within so many milliseconds, and then every `everyMs`. */
  within(ms: number): void {
    this.#isOn = true;
    const due = performance.now() + ms;
    if (due >= this.#dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = due;
    this.#timer = setTimeout(() => void this.#run(), ms);
  }

  stop(): void {
    this.#isOn = false;
    this.#dueMs = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    this.#dueMs = Number.POSITIVE_INFINITY;
    // The answer on its way may be older than the change, so the question is asked again after it. Two answers
    // at once could come in the wrong order.
    this.#isOutdated = this.#isAsking;
    if (this.#isAsking) return;
    this.#isAsking = true;
    await this.#ask();
    this.#isAsking = false;
    if (this.#isOn) this.within(this.#isOutdated ? 0 : this.#everyMs);
  }
}
