/**
 * Records what was promised, without any knowledge of files: which ticks were appended, and up to which tick
 * they were called durable. From this follows what a recovery may and must give back. A tick is identified by
 * a fingerprint of everything that was appended.
 */

/** The persistence code broke a promise. */
export class Violation extends Error {
  override readonly name = "Violation";
}

export class Promises {
  /** Fingerprints of the ticks that may be found, tick 1 first. */
  #handedOver: string[] = [];
  /** How many of them must be found. */
  #kept = 0;
  #hasFailed = false;

  /** The last tick that was appended. */
  get lastTick(): number {
    return this.#handedOver.length;
  }

  /** A tick is about to be appended. From now on it may be found, even if appending it fails. */
  handOver(fingerprint: string): void {
    this.#handedOver.push(fingerprint);
  }

  /** The ticks up to `tick` are durable; clients may have been told of them. */
  acknowledge(tick: number): void {
    if (this.#hasFailed) throw new Violation(`tick ${tick} was acknowledged after a failure`);
    this.#kept = Math.max(this.#kept, tick);
  }

  /** The storage has failed. Nothing may be acknowledged until a recovery. */
  fail(): void {
    this.#hasFailed = true;
  }

  /** Compares what a recovery gave, tick 1 first, with what it must give. */
  compare(found: readonly string[]): void {
    const strange = this.#strangeIn(found);
    if (strange !== null) throw new Violation(strange);
    if (found.length >= this.#kept) return;
    throw new Violation(
      `${found.length} ticks were found, and ${this.#kept} had been acknowledged`,
    );
  }

  /** Compares what another process read of the sealed segments: it may contain no unknown ticks. */
  compareDurable(found: readonly string[]): void {
    const strange = this.#strangeIn(found);
    if (strange !== null) throw new Violation(`in a sealed segment, ${strange}`);
  }

  /**
   * Compares what was recovered from damaged files. It may be less than was acknowledged if the recovery
   * reported the loss (`isTorn`), but it may not be anything else.
   */
  compareDamaged(found: readonly string[], isTorn: boolean): void {
    const strange = this.#strangeIn(found);
    if (strange !== null) throw new Violation(`damage was accepted: ${strange}`);
    if (isTorn || found.length >= this.#kept) return;
    throw new Violation(
      `damage was not noticed: ${found.length} ticks were found without a word, and ${this.#kept} ` +
        "had been acknowledged",
    );
  }

  /** The exchange serves what it recovered. From now on clients have seen it. */
  resume(found: readonly string[]): void {
    this.#handedOver = [...found];
    this.#kept = found.length;
    this.#hasFailed = false;
  }

  #strangeIn(found: readonly string[]): string | null {
    const at = found.findIndex((print, index) => print !== this.#handedOver[index]);
    if (at === -1) return null;
    const expected = this.#handedOver[at] ?? "nothing: it was never appended";
    return `tick ${at + 1} is ${found[at]}; expected ${expected}`;
  }
}
