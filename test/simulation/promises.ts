/**
 * What was promised, written down by somebody who knows nothing of files: which ticks were handed
 * over, up to where they were called durable, and so what a recovery may and must give back. A tick
 * is known by a fingerprint of all that was handed over.
 */

/** The persistence code broke its word. */
export class Violation extends Error {
  override readonly name = "Violation";
}

export class Promises {
  /** Fingerprints of the ticks that may be there, tick 1 first. */
  #handedOver: string[] = [];
  /** So many of them must be there. */
  #kept = 0;
  #hasFailed = false;

  /** The last tick handed over. */
  get lastTick(): number {
    return this.#handedOver.length;
  }

  /** A tick is about to be appended: from now on it may be found, whatever appending says. */
  handOver(fingerprint: string): void {
    this.#handedOver.push(fingerprint);
  }

  /** Everybody may know of the ticks up to `tick`. */
  acknowledge(tick: number): void {
    if (this.#hasFailed) throw new Violation(`tick ${tick} was acknowledged after a failure`);
    this.#kept = Math.max(this.#kept, tick);
  }

  /** The storage was given up; nothing may be acknowledged until it was recovered. */
  fail(): void {
    this.#hasFailed = true;
  }

  /** Compares what a recovery gave, tick 1 first, with what it had to give. */
  compare(found: readonly string[]): void {
    const strange = this.#strangeIn(found);
    if (strange !== null) throw new Violation(strange);
    if (found.length >= this.#kept) return;
    throw new Violation(
      `${found.length} ticks were found, and ${this.#kept} had been acknowledged`,
    );
  }

  /** Compares what another process read of the part that is sealed: nothing in it may be strange. */
  compareDurable(found: readonly string[]): void {
    const strange = this.#strangeIn(found);
    if (strange !== null) throw new Violation(`in a sealed segment, ${strange}`);
  }

  /**
   * Compares what was recovered from damaged files: it may be less than was acknowledged, if that
   * was said (`isTorn`), but nothing else.
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

  /** The exchange serves what it found: from now on that is what everybody has seen. */
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
