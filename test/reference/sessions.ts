/** What happens because time passes, and the opening of a symbol. */
import { SymbolState } from "../../src/core/command.ts";
import { uncross } from "./auction.ts";
import type { Floor } from "./floor.ts";
import type { Listing } from "./listing.ts";
import type { Overdue } from "./overdue.ts";
import type { State } from "./state.ts";
import type { Stops } from "./stops.ts";

export class Sessions {
  readonly #state: State;
  readonly #floor: Floor;
  readonly #overdue: Overdue;
  readonly #stops: Stops;

  constructor(state: State, floor: Floor, overdue: Overdue, stops: Stops) {
    this.#state = state;
    this.#floor = floor;
    this.#overdue = overdue;
    this.#stops = stops;
  }

  /** Does what is due: first orders expire, the earliest first; then pauses and auctions end, by symbol. */
  pass(): void {
    const { listings, timestamp } = this.#state;
    this.#expire();
    const isDue = ({ due }: Listing): boolean => due !== 0 && due <= timestamp;
    const symbols = [...listings.values()].sort((a, b) => a.number - b.number);
    while (symbols.some(isDue)) {
      for (const listing of symbols) if (isDue(listing)) this.#advance(listing);
    }
  }

  /** From version 1 of the rules only a limited number expires at one time. The others follow later. */
  #expire(): void {
    const state = this.#state;
    if (state.expiredAt === state.timestamp) return;
    const due = this.#overdue.all();
    const most = state.rules.version > 0 ? state.limits.expiriesMax : due.length;
    for (const order of due.slice(0, most)) this.#overdue.end(order);
    if (due.length > most) state.expiredAt = state.timestamp;
  }

  /** After a pause comes the auction, if one is configured; after the auction comes trading. */
  #advance(listing: Listing): void {
    const { auctionMs } = listing.protection;
    if (listing.state === SymbolState.HALTED && auctionMs !== 0) {
      this.#floor.setState(listing, SymbolState.AUCTION, listing.due + auctionMs);
    } else {
      this.open(listing);
    }
  }

  /** Executes the auction. After that the symbol trades, and stops trigger. */
  open(listing: Listing): void {
    this.#overdue.clearCrossing(listing);
    uncross(this.#state, this.#floor, listing);
    this.#floor.setState(listing, SymbolState.TRADING, 0);
    this.#stops.aftermath(listing);
  }
}
