/** Whether the exchange is open, draining or closed. Every way in asks this one object. */
export class Lifecycle {
  #phase: "open" | "draining" | "closed" = "open";

  /** Requests and connections are taken in. */
  get isOpen(): boolean {
    return this.#phase === "open";
  }

  /** Not even the exchange's own commands are taken any more. */
  get isClosed(): boolean {
    return this.#phase === "closed";
  }

  /** From now on nothing is taken in from outside. What was taken in before is finished. */
  drain(): void {
    if (this.#phase === "open") this.#phase = "draining";
  }

  /** The last commands of the exchange itself have been taken. */
  close(): void {
    this.#phase = "closed";
  }
}
