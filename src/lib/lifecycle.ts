/** How far the exchange is on its way from open to closed: one value that every door asks. */
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

  /** From now on nothing is taken from outside; what was taken is brought to its end. */
  drain(): void {
    if (this.#phase === "open") this.#phase = "draining";
  }

  /** The last commands of the exchange itself have been taken. */
  close(): void {
    this.#phase = "closed";
  }
}
