/** Aborts a request that makes no progress: its signal is aborted when it was not restarted for `timeoutMs`. */
export class Stopwatch {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  #timer: Timer | null = null;
  #ended = false;

  /** Runs at once. Its signal is also aborted by `ending`. */
  constructor(timeoutMs: number, ending: AbortSignal) {
    this.#timeoutMs = timeoutMs;
    this.signal = AbortSignal.any([this.#controller.signal, ending]);
    this.restart();
  }

  restart(): void {
    this.stop();
    // A body may still be asked for its next piece after the answer has come.
    if (this.#ended) return;
    this.#timer = setTimeout(
      () => this.#controller.abort(new DOMException("nothing moved", "TimeoutError")),
      this.#timeoutMs,
    );
  }

  /** Stops the time until the next restart. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Stops the time for good. */
  end(): void {
    this.#ended = true;
    this.stop();
  }
}
