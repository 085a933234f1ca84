/** Runs asynchronous work one piece at a time, in the order in which it was asked for. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** Starts `work` when everything before it has resolved or rejected. Settles as `work` does. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
