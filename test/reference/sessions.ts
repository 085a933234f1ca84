/** What time alone brings, and the opening of a symbol. */
import { SymbolState } from "../../src/core/command.ts";
import { OrderStatus } from "../../src/core/event.ts";
import { uncross } from "./auction.ts";
import type { Floor } from "./floor.ts";
import type { Listing } from "./listing.ts";
import type { Order } from "./order.ts";
import type { State } from "./state.ts";
import type { Stops } from "./stops.ts";

export class Sessions {
  readonly #state: State;
  readonly #floor: Floor;
  readonly #stops: Stops;

  constructor(state: State, floor: Floor, stops: Stops) {
    this.#state = state;
    this.#floor = floor;
    this.#stops = stops;
  }

  /** Does what is due: orders expire, the earliest first; then pauses and auctions end, by symbol. */
  pass(): void {
    const { events, listings, timestamp } = this.#state;
    for (let order = this.#expired(); order !== undefined; order = this.#expired()) {
      const why = { news: true, reason: "EXPIRE_AT" } as const;
      events.push(this.#floor.end(order, OrderStatus.EXPIRED, why));
    }
    const isDue = ({ due }: Listing): boolean => due !== 0 && due <= timestamp;
    const symbols = [...listings.values()].sort((a, b) => a.number - b.number);
    while (symbols.some(isDue)) {
      for (const listing of symbols) if (isDue(listing)) this.#advance(listing);
    }
  }

  #expired(): Order | undefined {
    const { orders, timestamp } = this.#state;
    const [first] = [...orders.values()]
      .filter(({ expireAt }) => expireAt !== 0 && expireAt <= timestamp)
      .sort((a, b) => a.expireAt - b.expireAt || a.rank - b.rank);
    return first;
  }

  /** After a pause the auction, if there is to be one; after the auction trading. */
  #advance(listing: Listing): void {
    const { auctionMs } = listing.protection;
    if (listing.state === SymbolState.HALTED && auctionMs !== 0) {
      this.#floor.setState(listing, SymbolState.AUCTION, listing.due + auctionMs);
    } else {
      this.open(listing);
    }
  }

  /** Uncrosses what has gathered; then it trades, and stops come in. */
  open(listing: Listing): void {
    uncross(this.#state, this.#floor, listing);
    this.#floor.setState(listing, SymbolState.TRADING, 0);
    this.#stops.aftermath(listing);
  }
}
