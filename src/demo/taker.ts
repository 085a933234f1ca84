/** Takers: accounts of several kinds whose orders trade at once, so that there are trades to see. */
import type { TradingClient } from "@waiver/client";
import { type Desk, pickEarly } from "./desk.ts";
import type { Market } from "./market.ts";
import type { Quote, QuoteSide } from "./quotes.ts";
import type { Random } from "./random.ts";
import { Rests } from "./rests.ts";

/** How far beyond the fair value a taker's limit is, as a share of the value. */
const REACH = 0.03;

/** A kind of taker. `next` chooses its next order; null = none. */
export interface Taker {
  readonly pauseMeanMs: number;
  next(markets: readonly Market[], random: Random, nowMs: number): [Market, Quote] | null;
}

/** An order for some shares that meets the makers' quotes around the fair value. */
export function takerOrder(
  { fairValue, increment }: Pick<Market, "fairValue" | "increment">,
  side: QuoteSide,
  quantity: number,
): Quote {
  const limit = fairValue * (side === "BUY" ? 1 + REACH : 1 - REACH);
  const price = Math.max(1, Math.round(limit / increment)) * increment;
  return { side, price, quantity };
}

const between = (low: number, high: number, random: Random): number =>
  low + Math.floor(random() * (high - low + 1));

/** Buys and sells a little of everything, mostly of the best known symbols. */
const strollers: Taker = {
  pauseMeanMs: 350,
  next(markets, random) {
    const market = pickEarly(markets, random);
    const side = random() < 0.5 ? "BUY" : "SELL";
    return [market, takerOrder(market, side, between(1, 12, random))];
  },
};

/** Follows news and games; now and then with a large order. */
const followers: Taker = {
  pauseMeanMs: 500,
  next(markets, random, nowMs) {
    const talked = markets.filter((market) => market.direction(nowMs) !== 0);
    const playing = markets.filter((market) => market.isPlaying(nowMs));
    const lively = talked.length > 0 && random() < 0.7 ? talked : playing;
    const market = pickEarly(lively.length > 0 ? lively : markets, random);
    const direction = market.direction(nowMs) || (random() < 0.5 ? 1 : -1);
    const quantity = random() < 0.05 ? between(80, 250, random) : between(1, 25, random);
    return [market, takerOrder(market, direction > 0 ? "BUY" : "SELL", quantity)];
  },
};

/**
 * How many symbols the collector watches: of the best known, of those that trade most now, and of those that
 * have traded most since the start, which people still look at. A round takes 20 s, and longer on a busy
 * machine.
 */
const KNOWN_WATCHED = 10;
const ACTIVE_WATCHED = 15;
const BUSIEST_WATCHED = 10;
const CLEARED_MAX = 400;

/** Goes round the best prices of the watched symbols and takes all shares there, one side after the other. */
export class Collector implements Taker {
  readonly pauseMeanMs = 280;
  #round: [Market, QuoteSide][] = [];

  next(markets: readonly Market[], _random: Random, nowMs: number): [Market, Quote] | null {
    if (this.#round.length === 0) this.#round = roundOf(markets, nowMs);
    const [market, side] = this.#round.shift() as [Market, QuoteSide];
    const best = side === "SELL" ? market.bid : market.ask;
    if (best === null) return null;
    const [price, waiting] = best;
    const isFar = Math.abs(price - market.fairValue) > REACH * market.fairValue;
    if (isFar) return null;
    return [market, { side, price, quantity: Math.min(CLEARED_MAX, waiting) }];
  }
}

function roundOf(markets: readonly Market[], nowMs: number): [Market, QuoteSide][] {
  const first = (count: number, rank: (market: Market) => number): Market[] =>
    markets.toSorted((left, right) => rank(right) - rank(left)).slice(0, count);
  const watched = new Set([
    ...markets.slice(0, KNOWN_WATCHED),
    ...first(ACTIVE_WATCHED, (market) => market.activity(nowMs)),
    ...first(BUSIEST_WATCHED, ({ fills }) => fills),
  ]);
  return (["SELL", "BUY"] as const).flatMap((side) =>
    [...watched].map((market): [Market, QuoteSide] => [market, side]),
  );
}

/** The kind of taker that the account of this number is. */
export function takerOf(account: number): Taker {
  const kinds = [strollers, followers, new Collector()];
  return kinds[account % kinds.length] as Taker;
}

/** Trades on `markets`, which have the best known symbol first, for ever. */
export async function runTaker(
  client: TradingClient,
  taker: Taker,
  markets: readonly Market[],
  desk: Desk,
  random: Random,
): Promise<never> {
  const rests = new Rests();
  for (;;) {
    // The pause is random, from 0.4 to 1.6 times the mean.
    await Bun.sleep(taker.pauseMeanMs * (0.4 + 1.2 * random()));
    const choice = taker.next(markets, random, Date.now());
    if (choice === null) continue;
    const [{ symbol }, order] = choice;
    if (!rests.allows(order.side, symbol, desk.nowMs())) continue;
    await desk.send(rests, symbol, () =>
      client.place({ symbol, type: "LIMIT", time_in_force: "IOC", ...order }),
    );
  }
}
