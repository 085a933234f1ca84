/** Orders whose expiry time has passed and that were not removed yet. Nobody may trade with them. */
import { Side } from "../../src/core/command.ts";
import { OrderStatus } from "../../src/core/event.ts";
import type { Floor } from "./floor.ts";
import type { Listing } from "./listing.ts";
import { areOfOneUser, crosses, type Order, opposite } from "./order.ts";
import type { Incoming } from "./plan.ts";
import { type Fault, OVERLOADED } from "./rules.ts";
import type { State } from "./state.ts";

export class Overdue {
  readonly #state: State;
  readonly #floor: Floor;

  constructor(state: State, floor: Floor) {
    this.#state = state;
    this.#floor = floor;
  }

  is({ expireAt }: Order): boolean {
    return expireAt !== 0 && expireAt <= this.#state.timestamp;
  }

  end(order: Order): void {
    const why = { news: true, reason: "EXPIRE_AT" } as const;
    this.#state.events.push(this.#floor.end(order, OrderStatus.EXPIRED, why));
  }

  /** All of them, the earliest expiry first. */
  all(): Order[] {
    const due: Order[] = [];
    // This is asked before every command, so it does not make a list of all open orders.
    for (const order of this.#state.orders.values()) if (this.is(order)) due.push(order);
    return due.sort((a, b) => a.expireAt - b.expireAt || a.rank - b.rank);
  }

  /**
   * Ends the overdue orders that an incoming order would meet. Returns how many orders it looked at; that may
   * be too many.
   */
  clear(
    listing: Listing,
    incoming: Pick<Incoming, "account" | "user" | "side" | "limit" | "quantity">,
  ): { looks: number; fault: Fault } {
    if (this.all().length === 0) return { looks: 0, fault: undefined };
    const { side, limit } = incoming;
    const others = listing.side(opposite(side)).filter(({ price }) => crosses(side, limit, price));
    let left = incoming.quantity;
    let looks = 0;
    for (const other of others) {
      if (left <= 0) break;
      if (looks === this.#state.limits.scannedOrdersMax) return { looks, fault: OVERLOADED };
      looks++;
      if (this.is(other)) this.end(other);
      else if (!areOfOneUser(other, incoming)) left -= other.remaining;
    }
    return { looks, fault: undefined };
  }

  /** Ends the overdue orders that could trade in an auction. */
  clearCrossing(listing: Listing): void {
    const [bids, asks] = [[...listing.side(Side.BUY)], [...listing.side(Side.SELL)]];
    const lowest = asks[0]?.price ?? Number.POSITIVE_INFINITY;
    const highest = bids[0]?.price ?? 0;
    const within = [
      ...bids.filter(({ price }) => price >= lowest),
      ...asks.filter(({ price }) => price <= highest),
    ];
    for (const order of within) if (this.is(order)) this.end(order);
  }
}
