/**
 * Makes the past of a new demo: weeks of trades, so that charts have something to show. They are real trades
 * between two of the demo's accounts, through the ring, the journal and the core. Only the clock that stamps
 * the ticks begins weeks ago, and is moved on from tick to tick until it shows the present. Nobody else trades
 * before that.
 */
import { CommandKind, OrderType, Side, TimeInForce } from "../core/command.ts";
import type { ControlPort } from "../router/control.ts";
import { anchorValue, clampedValue, nextFairValue, stepWithin } from "./fair-value.ts";
import { type Random, seededRandom } from "./random.ts";
import { STARS } from "./styles.ts";
import { sharesAMinute } from "./turnover.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How far back the past goes, and how far apart the ticks are from there on. */
const STRETCHES = [
  { backMs: 30 * DAY_MS, stepMs: 8 * HOUR_MS },
  { backMs: 5 * DAY_MS, stepMs: HOUR_MS },
  { backMs: DAY_MS, stepMs: 5 * MINUTE_MS },
  { backMs: 2 * HOUR_MS, stepMs: MINUTE_MS },
] as const;

/**
 * The best known symbols, which trade in every tick, and how often the stars among them do. Other symbols trade
 * once in a tick, and in fewer and fewer ticks.
 */
const ALWAYS = 16;
const STAR_TRADES = 3;
/** In ticks that are at least an hour apart, this many times as many symbols trade. */
const LONG_STEP_FACTOR = 2;

/** The clock that stamps ticks: it shows a time in the past until it is let go, and then the time of day. */
export class PastClock {
  #at: number | null;

  /** Begins 30 days before `now`, milliseconds since 1970. */
  constructor(now: number) {
    this.#at = now - STRETCHES[0].backMs;
  }

  now(): number {
    return this.#at ?? Date.now();
  }

  moveTo(at: number): void {
    this.#at = at;
  }

  letGo(): void {
    this.#at = null;
  }
}

export interface PastSymbol {
  readonly symbol: number;
  readonly playerId: string;
  readonly position: string | null;
  /** Cents. */
  readonly increment: number;
}

interface Trader {
  readonly account: number;
  readonly user: number;
}

export interface PastParts {
  control: Pick<ControlPort, "submit">;
  clock: PastClock;
  symbols: readonly PastSymbol[];
  traders: readonly [Trader, Trader];
  /** Where the past ends, milliseconds since 1970. */
  now: number;
}

/** Makes the trades of the past, and then lets the clock go; returns how many trades there were. */
export async function livePast(parts: PastParts): Promise<number> {
  const { control, clock, now } = parts;
  const random = seededRandom(1);
  const walks = parts.symbols
    .map((symbol) => new Walk(symbol, random))
    .toSorted((left, right) => right.anchor - left.anchor);
  let trades = 0;
  for (const { at, stepMs } of timesBefore(now)) {
    clock.moveTo(at);
    const commands = walks.flatMap((walk, rank) => {
      walk.go(stepMs);
      return walk.trades(tradesOf(rank, stepMs, random), sharesAMinute(rank), parts.traders);
    });
    trades += commands.length;
    // Submitted in one turn of the event loop, so they are one tick.
    await Promise.all(commands.flat().map((command) => control.submit(command)));
  }
  clock.letGo();
  return trades;
}

/** The times of the ticks, from the first on, each with the time to the next one. */
export function timesBefore(now: number): { at: number; stepMs: number }[] {
  return STRETCHES.flatMap(({ backMs, stepMs }, i) => {
    const endMs = STRETCHES[i + 1]?.backMs ?? 0;
    const count = Math.floor((backMs - endMs) / stepMs);
    return Array.from({ length: count }, (_, n) => ({ at: now - backMs + n * stepMs, stepMs }));
  });
}

function tradesOf(rank: number, stepMs: number, random: Random): number {
  const factor = stepMs >= HOUR_MS ? LONG_STEP_FACTOR : 1;
  if (random() * (rank + 1) > ALWAYS * factor) return 0;
  return rank < STARS ? STAR_TRADES : 1;
}

/** The price of a symbol in the past, and its trades. */
class Walk {
  readonly anchor: number;
  readonly #symbol: PastSymbol;
  readonly #random: Random;
  #value: number;
  #stepMs = 0;
  /** Milliseconds since its last trade. */
  #quietMs = 0;
  /** How many shares more than in the beginning the first trader has; negative = fewer. */
  #gained = 0;

  constructor(symbol: PastSymbol, random: Random) {
    this.anchor = anchorValue(symbol.playerId, symbol.position);
    this.#symbol = symbol;
    this.#random = random;
    this.#value = clampedValue(Math.round(this.anchor * (0.8 + 0.4 * random())), this.anchor);
  }

  go(stepMs: number): void {
    this.#stepMs = stepMs;
    this.#quietMs += stepMs;
    this.#value = nextFairValue(this.#value, this.anchor, this.#random, stepMs);
  }

  /**
   * The orders of `count` trades. As many shares trade in them as would have traded live since the last trade.
   */
  trades(count: number, perMinute: number, traders: PastParts["traders"]) {
    if (count === 0) return [];
    const shares = (perMinute * this.#quietMs) / MINUTE_MS / count;
    this.#quietMs = 0;
    return Array.from({ length: count }, () => this.#trade(shares, traders));
  }

  /** A resting order, and one that trades with it. */
  #trade(shares: number, [first, second]: PastParts["traders"]) {
    const random = this.#random;
    const { symbol, increment } = this.#symbol;
    const near = this.#value * (1 + (random() - 0.5) * stepWithin(this.#stepMs));
    const price = Math.max(1, Math.round(near / increment)) * increment;
    const quantity = 1 + Math.floor(shares * (0.4 + 1.2 * random()));
    // The trader who has gained shares sells, so that neither runs out of shares or cash.
    const [seller, buyer] = this.#gained > 0 ? [first, second] : [second, first];
    this.#gained += buyer === first ? quantity : -quantity;
    const order = (side: number, { account, user }: Trader) => ({
      kind: CommandKind.PLACE | (side << 8) | (OrderType.LIMIT << 16) | (TimeInForce.GTC << 24),
      ...{ account, actor: user, symbol, price, quantity },
    });
    const sells = order(Side.SELL, seller);
    const buys = order(Side.BUY, buyer);
    return random() < 0.5 ? [sells, buys] : [buys, sells];
  }
}
