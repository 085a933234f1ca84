/** One symbol as the demo sees it. */
import { fnv1a } from "../lib/hash.ts";
import type { PushData, Result } from "../protocol/schemas.ts";
import { anchorValue, clampedValue, nextFairValue } from "./fair-value.ts";
import { isPlaying } from "./game-days.ts";
import type { QuoteSide } from "./quotes.ts";
import { type Random, seededRandom } from "./random.ts";

type SymbolInfo = Result<"symbols.list">["symbols"][number];

/** How many times farther a player's price moves while his team plays. */
const GAME_PACE = 4;
/** How far a fill of a whole lot moves the value, as a part of it. */
const IMPACT = 0.0006;
const IMPACT_LOTS_MAX = 4;
/** The part of the way to another trader's price that a trade there moves the value. */
const CONCESSION = 0.2;
const ACTIVITY_HALF_MS = 120_000;
/** How long news drive the price. */
const NEWS_MS = 45_000;

/** A price and the shares that wait there. */
export type Best = readonly [price: number, quantity: number] | null;

export class Market {
  readonly symbol: string;
  /** Cents; every price is a multiple of it. */
  readonly increment: number;
  /** The value at the start, in cents. */
  readonly anchor: number;
  readonly #team: string | null;
  readonly #random: Random;
  /** The value that `#value` is pulled to, in cents. News move it. */
  #home: number;
  /** The fair value, in cents and parts of a cent. */
  #value: number;
  #walkedAt: number | null = null;
  /** The top of the book, as the exchange last pushed it. */
  bid: Best = null;
  ask: Best = null;
  #activity = { fills: 0, at: 0 };
  #fills = 0;
  #news = { direction: 0, until: 0 };

  constructor(info: SymbolInfo) {
    this.symbol = info.symbol;
    this.increment = info.price_increment;
    this.anchor = anchorValue(info.player_id, info.position);
    this.#home = this.anchor;
    this.#team = info.team;
    this.#value = this.anchor;
    this.#random = seededRandom(fnv1a(`${info.player_id} walk`));
  }

  /** Cents. */
  get fairValue(): number {
    return Math.round(this.#value);
  }

  isPlaying(nowMs: number): boolean {
    return isPlaying(this.#team, nowMs);
  }

  /** Where the last news drive the price: 1 up, -1 down, 0 when there are none, or they are over. */
  direction(nowMs: number): number {
    return nowMs < this.#news.until ? this.#news.direction : 0;
  }

  /** Fills of makers since the start. */
  get fills(): number {
    return this.#fills;
  }

  /** Counts a fill of a maker. */
  stir(nowMs: number): void {
    this.#fills++;
    this.#activity = { fills: this.activity(nowMs) + 1, at: nowMs };
  }

  /** Number of recent fills: each counts half as much every two minutes. */
  activity(nowMs: number): number {
    const { fills, at } = this.#activity;
    return fills * 2 ** ((at - nowMs) / ACTIVITY_HALF_MS);
  }

  hear({ bid, ask }: Pick<PushData<"bbo">, "bid" | "ask">): void {
    this.bid = bid as Best;
    this.ask = ask as Best;
  }

  /** Sets the value, such as to the last price. */
  resumeAt(value: number): void {
    this.#value = clampedValue(value, this.anchor);
  }

  /**
   * Moves the value at random, for the time since the last call; the first call moves nothing. `nowMs`:
   * milliseconds since 1970.
   */
  walk(nowMs: number): void {
    const ms = Math.max(0, nowMs - (this.#walkedAt ?? nowMs));
    this.#walkedAt = nowMs;
    const pace = this.isPlaying(nowMs) ? GAME_PACE : 1;
    this.resumeAt(nextFairValue(this.#value, this.#home, this.#random, ms, pace));
  }

  /** News: the value jumps by a share of itself, and most of the jump stays. */
  shock(share: number, nowMs: number): void {
    this.#home = clampedValue(Math.round(this.#home * (1 + share * 0.7)), this.anchor);
    this.resumeAt(this.#value * (1 + share));
    this.#news = { direction: Math.sign(share), until: nowMs + NEWS_MS };
  }

  /**
   * Learns from a fill of a maker's quote on `side`, of `lots` lots: whoever took it found the price good, so
   * the value moves towards it, and not beyond.
   */
  learnFrom(side: QuoteSide, price: number, lots: number): void {
    const share = IMPACT * Math.min(IMPACT_LOTS_MAX, lots) * this.#value;
    const step = Math.max(this.increment, Math.round(share));
    const away = side === "SELL" ? price - this.#value : this.#value - price;
    if (away > 0) this.resumeAt(this.#value + (side === "SELL" ? 1 : -1) * Math.min(step, away));
  }

  /**
   * Moves the value towards the price at which somebody else still bids or offers after a trade, and never
   * beyond it.
   */
  concede(price: number): void {
    const away = price - this.#value;
    const step = Math.max(this.increment, Math.abs(away) * CONCESSION);
    this.resumeAt(this.#value + Math.sign(away) * Math.min(step, Math.abs(away)));
  }
}
