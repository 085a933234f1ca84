/** A taker: trades a few shares now and then, so that there are trades to see. */
import type { TradingClient } from "@waiver/client";
import { type Desk, pickEarly } from "./desk.ts";
import type { Market } from "./market.ts";
import type { QuoteSide } from "./quotes.ts";
import type { Random } from "./random.ts";
import { Rests } from "./rests.ts";

const PAUSE_MEAN_MS = 400;
const QUANTITY_MAX = 15;
/** How far beyond the fair value it goes to meet a quote, as a share of the value. */
const REACH = 0.03;

export interface TakerOrder {
  side: QuoteSide;
  price: number;
  quantity: number;
}

/** An order that meets the makers' quotes around `fairValue` (cents). */
export function takerOrder(fairValue: number, increment: number, random: Random): TakerOrder {
  const side = random() < 0.5 ? "BUY" : "SELL";
  const limit = fairValue * (side === "BUY" ? 1 + REACH : 1 - REACH);
  const price = Math.max(1, Math.round(limit / increment)) * increment;
  return { side, price, quantity: 1 + Math.floor(random() * QUANTITY_MAX) };
}

/** Trades on `markets`, the first ones most, for ever. */
export async function runTaker(
  orders: TradingClient,
  markets: readonly Market[],
  desk: Desk,
  random: Random,
): Promise<never> {
  const rests = new Rests();
  for (;;) {
    await Bun.sleep(-Math.log(1 - random()) * PAUSE_MEAN_MS);
    const { symbol, fairValue, increment } = pickEarly(markets, random);
    const order = takerOrder(fairValue, increment, random);
    if (!rests.allows(order.side, symbol, desk.nowMs())) continue;
    await desk.send(rests, symbol, () =>
      orders.place({ symbol, type: "LIMIT", time_in_force: "IOC", ...order }),
    );
  }
}
