/** One symbol as the demo sees it. */
import type { Result } from "../protocol/schemas.ts";
import { anchorValue, clampedValue, nextFairValue } from "./fair-value.ts";
import type { QuoteSide } from "./quotes.ts";
import { type Random, seededRandom, textSeed } from "./random.ts";

type SymbolInfo = Result<"symbols.list">["symbols"][number];

export class Market {
  readonly symbol: string;
  /** Cents; every price is a multiple of it. */
  readonly increment: number;
  readonly anchor: number;
  readonly #random: Random;
  #fairValue: number;

  constructor(info: SymbolInfo) {
    this.symbol = info.symbol;
    this.increment = info.price_increment;
    this.anchor = anchorValue(info.player_id, info.position);
    this.#fairValue = this.anchor;
    this.#random = seededRandom(textSeed(`${info.player_id} walk`));
  }

  /** Cents. */
  get fairValue(): number {
    return this.#fairValue;
  }

  /** Goes on from a value known from before, such as the middle of one's own quotes after a restart. */
  resumeAt(value: number): void {
    this.#fairValue = clampedValue(value, this.anchor);
  }

  /** One step of the random walk. */
  walk(): void {
    this.#fairValue = nextFairValue(this.#fairValue, this.anchor, this.#random);
  }

  /** Learns from a fill of a maker's quote on `side`: whoever took it held the price to be good. */
  learnFrom(side: QuoteSide): void {
    const step = side === "SELL" ? this.increment : -this.increment;
    this.#fairValue = clampedValue(this.#fairValue + step, this.anchor);
  }
}
