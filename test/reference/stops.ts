/** Stops waiting, and coming in when the last trade reaches them. */
import { OrderType, Side, SymbolState, TimeInForce } from "../../src/core/command.ts";
import { OrderStatus } from "../../src/core/event.ts";
import type { OrderEvent } from "./exchange-event.ts";
import type { Floor } from "./floor.ts";
import type { Listing } from "./listing.ts";
import { isStop, mayRest, type Order, opposite } from "./order.ts";
import { type Incoming, type Plan, planMatch } from "./plan.ts";
import { checkBand, checkPages, meetsAnything, pricesOf } from "./rules.ts";
import type { State } from "./state.ts";

export class Stops {
  readonly #state: State;
  readonly #floor: Floor;

  constructor(state: State, floor: Floor) {
    this.#state = state;
    this.#floor = floor;
  }

  /** A new or amended stop waits, as the newest of its stop price. */
  wait(order: Order): OrderEvent {
    order.pending = isStop(order.type);
    order.timestamp = this.#state.timestamp;
    return this.#floor.rest(order, { reply: true });
  }

  /**
   * What trades bring about: a pause, or stops, one after the other. A command lets in a certain number
   * of a symbol's stops; what is then left comes in after the next.
   */
  aftermath(listing: Listing): void {
    const { backlog } = this.#state;
    while (listing.state === SymbolState.TRADING) {
      if (listing.hasMoved()) {
        const due = this.#state.timestamp + listing.protection.pauseMs;
        this.#floor.setState(listing, SymbolState.HALTED, due);
        return;
      }
      const order = listing.reached();
      if (order === undefined) return;
      if (listing.triggersLeft === 0) {
        if (!backlog.includes(listing)) backlog.push(listing);
        return;
      }
      listing.triggersLeft--;
      this.#trigger(listing, order);
    }
  }

  /** At the end of a command: where its order came in, then what was left over before it. */
  endCommand(left: readonly Listing[]): void {
    const state = this.#state;
    if (state.entered !== undefined) this.aftermath(state.entered);
    for (const listing of left) {
      state.backlog.splice(state.backlog.indexOf(listing), 1);
      this.aftermath(listing);
    }
  }

  #trigger(listing: Listing, order: Order): void {
    const { events, clientIds, timestamp } = this.#state;
    const floor = this.#floor;
    floor.withdraw(order);
    order.pending = false;
    order.timestamp = timestamp;
    const edge = listing.edge(order.side);
    const limit =
      order.side === Side.BUY ? Math.min(order.price, edge) : Math.max(order.price, edge);
    const incoming = { ...order, limit, quantity: order.remaining };
    const plan = planMatch(incoming, listing.side(opposite(order.side)));
    if (this.#isRefused(listing, order, incoming, plan)) {
      clientIds.retire(order);
      events.push(floor.tell(order, OrderStatus.CANCELLED, { news: true }));
      return;
    }
    floor.trade(listing, order, plan);
    if (order.remaining > 0 && !plan.prevented && this.#maySettle(order)) {
      events.push(floor.rest(order, {}));
      return;
    }
    clientIds.retire(order);
    if (order.remaining === 0) events.push(floor.tell(order, OrderStatus.FILLED, {}));
    else {
      const status = plan.prevented ? OrderStatus.CANCELLED : OrderStatus.EXPIRED;
      events.push(floor.tell(order, status, { news: true }));
    }
  }

  #maySettle({ type, timeInForce }: Order): boolean {
    return type === OrderType.STOP_LIMIT && mayRest(timeInForce);
  }

  /** Whether a rule keeps it out: the band, post-only, fill-or-kill, room in the book. */
  #isRefused(listing: Listing, order: Order, incoming: Incoming, plan: Plan): boolean {
    const isLimit = order.type === OrderType.STOP_LIMIT;
    if (isLimit && checkBand(listing, order.price) !== undefined) return true;
    if (order.postOnly && meetsAnything(listing, incoming)) return true;
    if (order.timeInForce === TimeInForce.FOK && plan.filled < order.remaining) return true;
    if (!this.#maySettle(order)) return false;
    const prices = pricesOf(listing.side(order.side));
    return checkPages(this.#state, prices, order.price) !== undefined;
  }
}
