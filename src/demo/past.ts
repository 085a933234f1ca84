/**
 * The past of a demo that is new: weeks of trades, so that charts have something to show. They are trades like all others,
 * between two of the demo's accounts, through the ring, the journal and the core; only the clock that ticks are stamped with
 * begins weeks ago, and is moved on from tick to tick until it is now. Nobody else trades before that.
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

/** How far back it goes, and how far apart ticks are from there on. */
const STRETCHES = [
  { backMs: 30 * DAY_MS, stepMs: 8 * HOUR_MS },
  { backMs: 5 * DAY_MS, stepMs: HOUR_MS },
  { backMs: DAY_MS, stepMs: 5 * MINUTE_MS },
  { backMs: 2 * HOUR_MS, stepMs: MINUTE_MS },
] as const;

/** Best known symbols that trade in every tick, and how often; those behind them less and less, once. */
const ALWAYS = 16;
const STAR_TRADES = 3;
/** In ticks that are an hour apart or more, so many times as many symbols trade. */
const LONG_STEP_FACTOR = 2;

/** What ticks are stamped with: a time of its own until it is let go, and then the time of day. */
export class PastClock {
  #at: number | null;

  /** Begins weeks before `now`, milliseconds since 1970. */
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
  /** Milliseconds since 1970: where it ends. */
  now: number;
}

/** Lives through it; gives how many trades there were. Then the clock is let go. */
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
    // All in one turn of the event loop: they are one tick.
    await Promise.all(commands.flat().map((command) => control.submit(command)));
  }
  clock.letGo();
  return trades;
}

/** The ticks, from the first on. */
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

/** The price of a symbol on its way, and what trades there. */
class Walk {
  readonly anchor: number;
  readonly #symbol: PastSymbol;
  readonly #random: Random;
  #value: number;
  #stepMs = 0;
  /** Since its last trade. */
  #quietMs = 0;
  /** Shares that the first trader has more than in the beginning, or fewer. */
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

  /** `count` of them, in which as many shares trade as live ones would have since the last. */
  trades(count: number, perMinute: number, traders: PastParts["traders"]) {
    if (count === 0) return [];
    const shares = (perMinute * this.#quietMs) / MINUTE_MS / count;
    this.#quietMs = 0;
    return Array.from({ length: count }, () => this.#trade(shares, traders));
  }

  /** An order that waits, and one that meets it. */
  #trade(shares: number, [first, second]: PastParts["traders"]) {
    const random = this.#random;
    const { symbol, increment } = this.#symbol;
    const near = this.#value * (1 + (random() - 0.5) * stepWithin(this.#stepMs));
    const price = Math.max(1, Math.round(near / increment)) * increment;
    const quantity = 1 + Math.floor(shares * (0.4 + 1.2 * random()));
    // Who has more sells, so that neither runs out of shares or cash.
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
