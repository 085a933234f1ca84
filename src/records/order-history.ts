/**
 * The orders that are done. `order.status` reads them, and so do the answers to a repeated client order id and to a
 * cancel that came too late. They are made from the events, so a replay gives them again.
 *
 * Orders are kept in two tables. A ring has the latest done orders of all accounts. The other table has an order as
 * long as its client order id is remembered: it has one place for each entry of `core/client-ids.ts`.
 */
import { C_TEXT_INTS, orderGeneration, orderSlot, readText } from "../core/command.ts";
import { EventFlag, EventKind, type Events, type OrderFields } from "../core/event.ts";
import type { TickOutput, TickStage } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import { type Store, store } from "../lib/store.ts";
import { AccountChain, ownPlaces, type PageOf, readPage } from "./account-chain.ts";
import { DoneOrders } from "./done-orders.ts";
import { NumberChain } from "./number-chain.ts";

/** Done orders that the ring keeps. */
const HISTORY_ORDERS_MAX = 1 << 20;
/** Orders with client order ids that are written to the table together. */
const NOTED_AT_ONCE = 32;

export class OrderHistory implements TickStage {
  readonly #view: CoreView;
  readonly #ring: DoneOrders;
  readonly #texts: Int32Array;
  readonly #ordersMax: number;
  readonly #byAccount: AccountChain;
  readonly #byNumber: NumberChain;
  readonly #byClientId: DoneOrders;
  readonly #numberAt: (place: number) => number;
  /** Orders that are not yet in the table of client order ids: the event of each, and the order's place in it. */
  readonly #pendingEvents = new Int32Array(NOTED_AT_ONCE);
  readonly #pendingOrders = new Int32Array(NOTED_AT_ONCE);
  #pending = 0;
  /** The result of reading ahead. It is stored because the compiler would otherwise leave the reading out. */
  readonly #sink = new Int32Array(1);

  /** `ordersMax`: how many the ring keeps, a power of two. */
  constructor(view: CoreView, ordersMax = HISTORY_ORDERS_MAX) {
    this.#view = view;
    this.#ordersMax = ordersMax;
    this.#byAccount = new AccountChain(view, ordersMax, {
      accountOf: (place) => this.#ring.account(place),
      copy: (from, to) => this.#copy(from, to),
    });
    this.#byNumber = new NumberChain(ordersMax);
    const places = ordersMax + ownPlaces(view.accountsMax);
    this.#ring = new DoneOrders(places);
    this.#texts = new Int32Array(places * C_TEXT_INTS);
    this.#byClientId = new DoneOrders(view.clientIdsMax);
    this.#numberAt = (place) => this.#ring.number(place);
  }

  get stores(): Store[] {
    return [
      this.#ring.store("order-history", 0, () => this.#byAccount.kept),
      store("done-order-texts", this.#texts, () => this.#byAccount.kept * C_TEXT_INTS),
      this.#ring.store("order-history-own", this.#ordersMax, () => this.#byAccount.ownUsed),
      store(
        "done-order-own-texts",
        this.#texts.subarray(this.#ordersMax * C_TEXT_INTS),
        () => this.#byAccount.ownUsed * C_TEXT_INTS,
      ),
      this.#byClientId.store("order-history-by-client-id", 0, this.#view.clientIdsEnd),
      ...this.#byAccount.stores("done-orders"),
    ];
  }

  /** The stores have been filled from a snapshot, or emptied. */
  restored(): void {
    this.#byAccount.restored();
    this.#byNumber.clear();
    const { kept, written } = this.#byAccount;
    for (let entry = written - kept; entry < written; entry++) {
      const place = entry & (this.#ordersMax - 1);
      const number = this.#ring.number(place);
      this.#byNumber.add(orderSlot(number), orderGeneration(number), place);
    }
  }

  /** Takes in the sections of a snapshot of version 1. */
  loadVersion1(section: (name: string) => Int32Array): void {
    this.#ring.loadVersion1(section("done-orders"));
    this.#byClientId.loadVersion1(section("done-orders-by-client-id"));
  }

  onTick(output: TickOutput): void {
    const { events } = output;
    const end = events.end();
    for (let e = 0; e < end; e = events.next(e)) {
      const kind = events.kind(e);
      if (kind === EventKind.ORDER) {
        const isDone = (events.flags(e) & (EventFlag.OPEN | EventFlag.DUPLICATE)) === 0;
        if (isDone) this.#add(events, e, events.order(e), output);
      } else if (kind === EventKind.TRADE) {
        // A maker that is filled has no ORDER event of its own; a taker has, unless it rested as well.
        const maker = events.maker(e);
        const taker = events.order(e);
        if (events.remaining(maker) === 0) this.#add(events, e, maker, output);
        const hasRested = (events.flags(e) & EventFlag.AUCTION) !== 0;
        if (hasRested && events.remaining(taker) === 0) this.#add(events, e, taker, output);
      }
    }
    if (this.#pending > 0) this.#noteByClientId(output);
  }

  #add(events: Events, e: number, o: number, output: TickOutput): void {
    const place = this.#byAccount.add(events.account(o));
    this.#ring.note(place, events, e, o, output);
    this.#byNumber.add(events.slot(o), events.generation(o), place);
    if (events.clientId(o) === 0) return;
    events.copyClientOrderId(e, o, this.#texts, place * C_TEXT_INTS);
    this.#pendingEvents[this.#pending] = e;
    this.#pendingOrders[this.#pending++] = o;
    if (this.#pending === NOTED_AT_ONCE) this.#noteByClientId(output);
  }

  /**
   * Writes the pending orders to the table. Their places lie apart and are in no cache, so all of them are read first:
   * then the processor waits for them together.
   */
  #noteByClientId(output: TickOutput): void {
    const { events } = output;
    const pending = this.#pending;
    let sum = 0;
    for (let i = 0; i < pending; i++) {
      sum ^= this.#byClientId.readAhead(events.clientId(this.#pendingOrders[i]));
    }
    this.#sink[0] = sum;
    for (let i = 0; i < pending; i++) {
      const o = this.#pendingOrders[i];
      this.#byClientId.note(events.clientId(o), events, this.#pendingEvents[i], o, output);
    }
    this.#pending = 0;
  }

  #copy(from: number, to: number): void {
    this.#ring.copy(from, to);
    const text = from * C_TEXT_INTS;
    this.#texts.copyWithin(to * C_TEXT_INTS, text, text + C_TEXT_INTS);
  }

  /**
   * Fills `target` with a done order. Returns its account, -1 when the order is not known. Orders that the ring has
   * overwritten are found only if they are of one of `accounts`.
   */
  find(target: OrderFields, number: number, accounts: readonly number[]): number {
    const next = this.#byAccount.written & (this.#ordersMax - 1);
    const place = this.#byNumber.find(number, next, this.#numberAt);
    const found = place >= 0 ? place : this.#ownPlace(number, accounts);
    if (found < 0) return -1;
    this.#read(target, found);
    return this.#ring.account(found);
  }

  #ownPlace(number: number, accounts: readonly number[]): number {
    for (const account of accounts) {
      const place = this.#byAccount.findOwn(account, (own) => this.#ring.number(own) === number);
      if (place >= 0) return place;
    }
    return -1;
  }

  /** Fills `target` with the done order of a client order id. `clientId`: the number that stands for the id. */
  readByClientId(target: OrderFields, clientId: number, clientOrderId: string): void {
    this.#byClientId.read(target, clientId, clientOrderId);
  }

  /**
   * A page of an account's done orders, the last done first. `symbol`: only its orders; -1 = of all symbols. `before`:
   * 0, or the `next` of the page before. `read` makes a row of what `target` was filled with.
   */
  page<Row>(
    account: number,
    symbol: number,
    before: number,
    limit: number,
    target: OrderFields,
    read: () => Row,
  ): PageOf<Row> {
    return readPage(this.#byAccount, { account, before, limit }, (place) => {
      if (symbol >= 0 && this.#ring.symbol(place) !== symbol) return null;
      this.#read(target, place);
      return read();
    });
  }

  #read(target: OrderFields, place: number): void {
    const text = this.#ring.hasClientId(place) ? readText(this.#texts, place * C_TEXT_INTS) : "";
    this.#ring.read(target, place, text);
  }
}
