/** The request that the exchange ends. Anybody may make it at any time; only the first one counts. */
export class StopRequest {
  readonly #controller = new AbortController();
  readonly #onRepeated: (why: string) => void;

  /** `onRepeated` is called with the reason of each further request. */
  constructor(onRepeated: (why: string) => void) {
    this.#onRepeated = onRepeated;
  }

  /** Aborted by the first request; its reason is then a `StopRequested`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Makes the request. `why` is a signal's name, or what happened. */
  ask(why: string): void {
    if (this.signal.aborted) this.#onRepeated(why);
    else this.#controller.abort(new StopRequested(why));
  }

  /** Resolves with the reason of the first request, also when it was made before. */
  asked(): Promise<string> {
    return new Promise((resolve) => {
      const tell = (): void => resolve((this.signal.reason as StopRequested).why);
      if (this.signal.aborted) tell();
      else this.signal.addEventListener("abort", tell);
    });
  }
}

/** A start that is asked to end rejects with this. */
class StopRequested extends Error {
  override readonly name = "StopRequested";
  constructor(readonly why: string) {
    super(`asked to end: ${why}`);
  }
}
