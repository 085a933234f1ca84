/** A question that is asked again and again, one at a time, and sooner where something has changed. */
export class KeptFresh {
  readonly #ask: () => Promise<void>;
  readonly #everyMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When it is asked next, on the clock of `performance.now()`. */
  #dueMs = Number.POSITIVE_INFINITY;
  #isOn = false;
  #isAsking = false;
  #isOutdated = false;

  /** `ask` takes the answer, and does not reject. */
  constructor(ask: () => Promise<void>, everyMs: number) {
    this.#ask = ask;
    this.#everyMs = everyMs;
  }

  /** Asks within so many milliseconds, and from then on again and again. */
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
    // The answer on its way may be older than what has changed, and one that is asked for now might come in before it.
    this.#isOutdated = this.#isAsking;
    if (this.#isAsking) return;
    this.#isAsking = true;
    await this.#ask();
    this.#isAsking = false;
    if (this.#isOn) this.within(this.#isOutdated ? 0 : this.#everyMs);
  }
}
