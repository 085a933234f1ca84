/**
 * Two topics for each symbol, in a channel whose state matters more than every single change. The exact topic has every
 * change. The conflated topic has the latest state at most once a second; it is for users whose subscriptions carry
 * more than they may have.
 */
import type { Encoding } from "../protocol/encoding.ts";
import { Conflation } from "./conflation.ts";
import { EVERY, type Frame, type Publish, Topics } from "./topics.ts";

export class ConflatedTopics {
  readonly exact: Topics;
  readonly latest: Topics;
  readonly #conflation: Conflation;

  /** `tellLatest` publishes the present state of a symbol on `latest`. */
  constructor(
    publish: Publish,
    prefix: string,
    symbols: number,
    monotonic: () => number,
    tellLatest: (symbol: number) => void,
  ) {
    this.exact = new Topics(publish, prefix, symbols);
    this.latest = new Topics(publish, `${prefix}-conflated`, symbols);
    this.#conflation = new Conflation(symbols, monotonic, (symbol) => {
      tellLatest(symbol);
      return true;
    });
  }

  get isSilent(): boolean {
    return this.exact.isSilent && this.latest.isSilent;
  }

  isHeard(symbol: number): boolean {
    return this.exact.isHeard(symbol) || this.latest.isHeard(symbol);
  }

  /** Publishes a change, encoded by `encode`, on the exact topic; the conflated one has it within a second. */
  publish(symbol: number, encode: (encoding: Encoding) => Frame): void {
    this.exact.publish(symbol, encode);
    if (this.latest.isHeard(symbol)) this.#conflation.onChange(symbol);
  }

  /**
   * Publishes at once the change that waits of a symbol, or of EVERY. Call it before somebody joins or leaves `latest`.
   */
  tellWaiting(symbol: number): void {
    if (symbol === EVERY) this.#conflation.pushAllNow();
    else this.#conflation.pushNow(symbol);
  }

  onBeat(): void {
    this.#conflation.onBeat();
  }
}
