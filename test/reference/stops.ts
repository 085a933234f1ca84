/** Stops wait, and trigger when the last trade reaches their stop price. */
import { CommandKind, OrderType, Side, SymbolState, TimeInForce } from "../../src/core/command.ts";
import { type EndReason, OrderStatus } from "../../src/core/event.ts";
import type { OrderEvent } from "./exchange-event.ts";
import type { Floor } from "./floor.ts";
import { type Foresight, foreseeFill } from "./foresight.ts";
import type { Listing } from "./listing.ts";
import { isStop, mayRest, type Order, opposite } from "./order.ts";
import type { Overdue } from "./overdue.ts";
import { type Incoming, planMatch } from "./plan.ts";
import type { ReadCommand } from "./read-command.ts";
import { checkBand, checkPages, meetsAnything, ownMaxOf, pricesOf } from "./rules.ts";
import type { State } from "./state.ts";

export class Stops {
  readonly #state: State;
  readonly #floor: Floor;
  readonly #overdue: Overdue;

  constructor(state: State, floor: Floor, overdue: Overdue) {
    this.#state = state;
    this.#floor = floor;
    this.#overdue = overdue;
  }

  /** A new or amended stop waits, as the newest of its stop price. */
  wait(order: Order): OrderEvent {
    order.pending = isStop(order.type);
    this.#state.touch(order);
    return this.#floor.rest(order, { reply: true });
  }

  /**
   * What follows from trades: a pause, or stops that trigger one after another. A command triggers a limited
   * number of a symbol's stops; from version 1 of the rules, the work of the stops is limited. The stops that
   * are left trigger with the next command.
   */
  aftermath(listing: Listing, isBeforeOrder = false): void {
    const { backlog, limits, rules } = this.#state;
    const workMax = isBeforeOrder ? limits.orderCascadeWorkMax : limits.cascadeWorkMax;
    const most = rules.version > 0 ? workMax : limits.triggersPerCommandMax;
    if (rules.version > 1) listing.beginCascade();
    while (listing.state === SymbolState.TRADING) {
      if (listing.hasMoved()) {
        const due = this.#state.timestamp + listing.protection.pauseMs;
        this.#floor.setState(listing, SymbolState.HALTED, due);
        break;
      }
      const order = listing.reached();
      if (order === undefined) break;
      if (listing.work >= most) {
        if (!backlog.includes(listing)) backlog.push(listing);
        return;
      }
      const work = this.#comeIn(listing, order);
      listing.work += rules.version > 0 ? work : 1;
      if (!order.pending || !this.#state.orders.has(order.number)) continue;
      if (!backlog.includes(listing)) backlog.push(listing);
      return;
    }
    listing.elected = [];
  }

  /**
   * Called before a command about `symbol`. First it continues with the stops that are left over in that
   * symbol, then with other symbols, until the limit of work is reached. Before a new or amended order, more
   * stops of its symbol trigger.
   */
  catchUp(left: readonly Listing[], command: ReadCommand): void {
    const { limits, orders } = this.#state;
    const { kind } = command;
    const isAmend = kind === CommandKind.AMEND;
    const named = isAmend && command.symbol < 0 ? orders.get(command.order)?.symbol : undefined;
    const symbol = named ?? command.symbol;
    const own = left.filter(({ number }) => number === symbol);
    const others = left.filter(({ number }) => number !== symbol);
    let done = 0;
    for (const listing of [...own, ...others]) {
      if (done >= limits.cascadeWorkMax && listing.number !== symbol) break;
      this.goOn([listing], (kind === CommandKind.PLACE || isAmend) && listing.number === symbol);
      done += listing.work;
    }
  }

  /** Continues with the stops that earlier commands left over. */
  goOn(left: readonly Listing[], isBeforeOrder = false): void {
    const state = this.#state;
    for (const listing of left) {
      state.backlog.splice(state.backlog.indexOf(listing), 1);
      this.aftermath(listing, isBeforeOrder);
    }
  }

  /**
   * Triggers a stop, or ends it if it has expired. It stays pending if overdue orders must end first. Returns
   * the work.
   */
  #comeIn(listing: Listing, order: Order): number {
    if (this.#overdue.is(order)) {
      this.#overdue.end(order);
      return 1;
    }
    const { fault, looks } = this.#overdue.clear(listing, {
      ...order,
      limit: order.price,
      quantity: order.remaining,
    });
    return looks + (fault === undefined ? this.#trigger(listing, order) : 1);
  }

  /** Returns the work: the stop, the orders that it met, and the orders that were only looked at. */
  #trigger(listing: Listing, order: Order): number {
    const { events, clientIds } = this.#state;
    const floor = this.#floor;
    floor.withdraw(order);
    order.pending = false;
    this.#state.touch(order);
    const edge = listing.edge(order.side);
    const limit =
      order.side === Side.BUY ? Math.min(order.price, edge) : Math.max(order.price, edge);
    const incoming = { ...order, limit, quantity: order.remaining };
    const others = listing.side(opposite(order.side));
    const plan = planMatch(incoming, others, ownMaxOf(this.#state));
    const foresight = foreseeFill(this.#state, listing, incoming);
    const refusal = this.#refusal(listing, order, incoming, foresight);
    const isLookedThrough =
      order.timeInForce === TimeInForce.FOK && (refusal ?? "FILL_OR_KILL") === "FILL_OR_KILL";
    const looks = isLookedThrough ? foresight.looks : 0;
    if (refusal !== undefined) {
      clientIds.retire(order);
      events.push(floor.tell(order, OrderStatus.CANCELLED, { news: true, reason: refusal }));
      return 1 + looks;
    }
    const work = 1 + looks + plan.steps.length;
    floor.trade(listing, order, plan);
    const stays = order.remaining > 0 && !plan.prevented && this.#maySettle(order);
    if (stays && this.#state.rules.version > 0 && !this.#hasRoom(listing, order)) {
      clientIds.retire(order);
      events.push(floor.tell(order, OrderStatus.CANCELLED, { news: true, reason: "FUNDS" }));
      return work;
    }
    if (stays) {
      events.push(floor.rest(order, {}));
      return work;
    }
    clientIds.retire(order);
    if (order.remaining === 0) events.push(floor.tell(order, OrderStatus.FILLED, {}));
    else if (plan.prevented) {
      const why = { news: true, reason: "SELF_TRADE" } as const;
      events.push(floor.tell(order, OrderStatus.CANCELLED, why));
    } else {
      const why = { news: true, reason: "TIME_IN_FORCE" } as const;
      events.push(floor.tell(order, OrderStatus.EXPIRED, why));
    }
    return work;
  }

  #maySettle({ type, timeInForce }: Order): boolean {
    return type === OrderType.STOP_LIMIT && mayRest(timeInForce);
  }

  /**
   * The rule that cancels the triggered stop, if there is one: band, post-only, fill-or-kill, or room in the
   * book.
   */
  #refusal(
    listing: Listing,
    order: Order,
    incoming: Incoming,
    foresight: Foresight,
  ): keyof typeof EndReason | undefined {
    const isLimit = order.type === OrderType.STOP_LIMIT;
    if (isLimit && checkBand(listing, order.price) !== undefined) return "PRICE_BAND";
    if (order.postOnly && meetsAnything(listing, incoming)) return "POST_ONLY";
    const isAllOrNothing = order.timeInForce === TimeInForce.FOK;
    if (isAllOrNothing && foresight.answer !== "FILLS") return "FILL_OR_KILL";
    if (this.#state.rules.version > 0 || !this.#maySettle(order)) return undefined;
    return this.#hasRoom(listing, order) ? undefined : "FUNDS";
  }

  #hasRoom(listing: Listing, { account, price, side }: Order): boolean {
    const prices = pricesOf(listing.side(side));
    return checkPages(this.#state, account, prices, price, side === Side.BUY) === undefined;
  }
}
