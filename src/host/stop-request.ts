/**
 * Asks the exchange to end, once, whoever asks and when: before it is ready, while it runs, and when it ends already.
 */
export class StopRequest {
  readonly #controller = new AbortController();
  readonly #onRepeated: (why: string) => void;

  /** `onRepeated` hears of those who ask when it ends already. */
  constructor(onRepeated: (why: string) => void) {
    this.#onRepeated = onRepeated;
  }

  /** Aborted when somebody has asked; its reason is a `StopRequested`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** `why`: a signal's name, or what happened. */
  ask(why: string): void {
    if (this.signal.aborted) this.#onRepeated(why);
    else this.#controller.abort(new StopRequested(why));
  }

  /** Resolves with why, when somebody asks or has asked. */
  asked(): Promise<string> {
    return new Promise((resolve) => {
      const tell = (): void => resolve((this.signal.reason as StopRequested).why);
      if (this.signal.aborted) tell();
      else this.signal.addEventListener("abort", tell);
    });
  }
}

/** What a start throws that was asked to end. */
class StopRequested extends Error {
  override readonly name = "StopRequested";
  constructor(readonly why: string) {
    super(`asked to end: ${why}`);
  }
}
