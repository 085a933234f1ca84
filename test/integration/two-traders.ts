import type { User, Venue } from "./venue.ts";
import type { Encoding, Members, WireClient } from "./wire-client.ts";

/** A trader with cash, shares, and a connection to each of the two private endpoints. */
export interface Trader {
  readonly user: User;
  readonly orders: WireClient;
  readonly events: WireClient;
  /** Places a LIMIT GTC order on the shared symbol. Further members add to the order or replace parts of it. */
  place(side: "BUY" | "SELL", price: number, quantity: number, more?: Members): Promise<Members>;
}

export const CASH = 1_000_000;
export const SHARES = 1_000;

/** Two traders on one fresh symbol, each with its own encoding. */
export class TwoTraders implements Disposable {
  private constructor(
    readonly symbol: string,
    readonly ann: Trader,
    readonly bob: Trader,
  ) {}

  static async meet(venue: Venue, annSpeaks: Encoding, bobSpeaks: Encoding): Promise<TwoTraders> {
    const symbol = venue.symbol();
    const ann = await trader(venue, symbol, annSpeaks);
    const bob = await trader(venue, symbol, bobSpeaks);
    return new TwoTraders(symbol, ann, bob);
  }

  [Symbol.dispose](): void {
    for (const { orders, events } of [this.ann, this.bob]) {
      orders[Symbol.dispose]();
      events[Symbol.dispose]();
    }
  }
}

async function trader(venue: Venue, symbol: string, encoding: Encoding): Promise<Trader> {
  const user = await venue.user({ cash: CASH, positions: { [symbol]: SHARES } });
  const orders = await venue.connect("/orders", encoding, user);
  const events = await venue.connect("/user-data", encoding, user);
  const place: Trader["place"] = (side, price, quantity, more = {}) =>
    orders.result("order.place", { symbol, side, type: "LIMIT", price, quantity, ...more });
  return { user, orders, events, place };
}
