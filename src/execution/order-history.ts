/**
 * The orders that are done: what `order.status` says of them, what a repeated client order id is answered
 * with, why a cancel came too late. Made from the events, so a replay makes it again.
 *
 * Kept twice: the most recent ones of all in a ring, and those whose client order id the core remembers
 * for as long as it does, in a table of as many places as it has entries.
 *
 * ```
 *  index  open addressing on the order number ──► entry of the ring, oldest overwritten
 * ```
 */
import { CLIENT_ID_ENTRIES, CLIENT_ID_INTS } from "../core/client-ids.ts";
import { C_TEXT_INTS, orderNumber, readText } from "../core/command.ts";
import type { Core } from "../core/core.ts";
import {
  E_ACCOUNT,
  E_CLIENT_ID,
  E_GENERATION,
  E_HEAD,
  E_MAKER_ACCOUNT,
  E_MAKER_CLIENT_ID,
  E_MAKER_GENERATION,
  E_MAKER_REMAINING,
  E_MAKER_SLOT,
  E_SLOT,
  EventFlag,
  EventKind,
  eventInts,
} from "../core/event.ts";
import { type Store, store } from "../lib/store.ts";
import type { BatchInfo } from "../persistence/backend.ts";
import { AccountChain, readPage } from "./account-chain.ts";
import { type DoneOrder, DoneOrders } from "./done-orders.ts";

/** Done orders kept whatever their client order ids. */
export const HISTORY_ORDERS_MAX = 1 << 20;
const INDEX_SIZE_FACTOR = 4;

export class OrderHistory {
  readonly #core: Core;
  readonly #ring: DoneOrders;
  readonly #texts: Int32Array;
  readonly #index: Int32Array;
  readonly #ordersMax: number;
  readonly #chain: AccountChain;
  readonly #byClientId = new DoneOrders(CLIENT_ID_ENTRIES);
  /** Not while the journal is replayed: nobody asks then, and it takes longer than the orders themselves. */
  #isIndexed = false;

  /** `ordersMax`: how many are kept whatever their client order ids, a power of two. */
  constructor(core: Core, ordersMax = HISTORY_ORDERS_MAX) {
    this.#core = core;
    this.#ordersMax = ordersMax;
    this.#chain = new AccountChain(ordersMax);
    this.#ring = new DoneOrders(ordersMax);
    this.#texts = new Int32Array(ordersMax * C_TEXT_INTS);
    this.#index = new Int32Array(ordersMax * INDEX_SIZE_FACTOR);
  }

  get stores(): Store[] {
    const { clientIds, accounts } = this.#core;
    return [
      this.#ring.store("done-orders", () => this.#chain.kept),
      store("done-order-texts", this.#texts, () => this.#chain.kept * C_TEXT_INTS),
      this.#byClientId.store("done-orders-by-client-id", clientIds.top),
      ...this.#chain.stores("done-orders", accounts),
    ];
  }

  /** The stores have been filled from a snapshot, or emptied: what the index says of them holds no more. */
  restored(): void {
    if (this.#isIndexed) this.#index.fill(0);
    this.#isIndexed = false;
  }

  /** Indexes all that is there, and from now on what comes. Without it the first `find` does. */
  index(): void {
    if (this.#isIndexed) return;
    this.#isIndexed = true;
    for (let place = 0; place < this.#chain.kept; place++) {
      this.#file(this.#ring.number(place), place);
    }
  }

  /** Takes note of the orders that ended in the core's last tick. */
  tick(info: BatchInfo): void {
    const { ints: E } = this.#core.events;
    const end = this.#core.events.end();
    for (let e = 0; e < end; e += eventInts(E[e])) {
      const head = E[e + E_HEAD];
      const kind = head & 255;
      if (kind === EventKind.ORDER) {
        if (((head >> 8) & (EventFlag.OPEN | EventFlag.DUPLICATE)) === 0) this.#order(e, info);
      } else if (kind === EventKind.TRADE && E[e + E_MAKER_REMAINING] === 0) {
        // A maker that is filled has no ORDER event of its own; a taker has.
        this.#maker(e, info);
      }
    }
  }

  #order(e: number, info: BatchInfo): void {
    const { events } = this.#core;
    const { ints: E } = events;
    const entry = E[e + E_CLIENT_ID];
    const place = this.#claim(
      orderNumber(E[e + E_SLOT], E[e + E_GENERATION]),
      E[e + E_ACCOUNT],
      entry,
    );
    this.#ring.order(place, events, e, info);
    if (entry !== 0) this.#byClientId.order(entry, events, e, info);
  }

  #maker(e: number, info: BatchInfo): void {
    const { events } = this.#core;
    const { ints: E } = events;
    const entry = E[e + E_MAKER_CLIENT_ID];
    const number = orderNumber(E[e + E_MAKER_SLOT], E[e + E_MAKER_GENERATION]);
    const place = this.#claim(number, E[e + E_MAKER_ACCOUNT], entry);
    this.#ring.maker(place, events, e, info);
    if (entry !== 0) this.#byClientId.maker(entry, events, e, info);
  }

  /** A done order by its number; null when it is not known, or no longer. */
  find(number: number): DoneOrder | null {
    this.index();
    const mask = this.#index.length - 1;
    for (let h = hash(number) & mask; ; h = (h + 1) & mask) {
      const place = this.#index[h];
      if (place === 0) return null;
      if (this.#ring.number(place - 1) === number) return this.#read(place - 1);
    }
  }

  /** The done order whose client order id stands in an entry of the core's. */
  ofClientId(entry: number): DoneOrder {
    return this.#byClientId.read(entry, this.#core.clientIds.text(entry));
  }

  /** An account's done orders, last done first, of one symbol or (-1) all; `before` 0 or the `next` of a page. */
  page(
    account: number,
    symbol: number,
    before: number,
    limit: number,
  ): { rows: DoneOrder[]; next: number | null } {
    return readPage(this.#chain, account, before, limit, (place) => {
      const order = this.#read(place);
      return symbol < 0 || order.book >> 1 === symbol ? order : null;
    });
  }

  #read(place: number): DoneOrder {
    return this.#ring.read(place, readText(this.#texts, place * C_TEXT_INTS));
  }

  /** The ring's next place, indexed under `number`; what stood there is forgotten. */
  #claim(number: number, account: number, clientId: number): number {
    const place = this.#chain.add(account);
    if (this.#isIndexed) {
      if (this.#chain.written > this.#ordersMax) this.#forget(place);
      this.#file(number, place);
    }
    const text = place * C_TEXT_INTS;
    const entry = clientId * CLIENT_ID_INTS;
    const { ints: K } = this.#core.clientIds;
    // Entry 0 is nobody's, and empty: most places have had no text before either.
    if (clientId === 0 && this.#texts[text] === 0) return place;
    for (let i = 0; i < C_TEXT_INTS; i++) this.#texts[text + i] = K[entry + i];
    return place;
  }

  #file(number: number, place: number): void {
    const mask = this.#index.length - 1;
    let h = hash(number) & mask;
    while (this.#index[h] !== 0) h = (h + 1) & mask;
    this.#index[h] = place + 1;
  }

  /** Takes a place out of the index, closing the gap so that every probe still finds its way. */
  #forget(place: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let h = hash(this.#ring.number(place)) & mask;
    while (index[h] !== place + 1) h = (h + 1) & mask;
    let gap = h;
    for (;;) {
      h = (h + 1) & mask;
      const other = index[h];
      if (other === 0) break;
      const home = hash(this.#ring.number(other - 1)) & mask;
      if (((h - home) & mask) >= ((h - gap) & mask)) {
        index[gap] = other;
        gap = h;
      }
    }
    index[gap] = 0;
  }
}

function hash(number: number): number {
  const low = number | 0;
  const high = (number / 0x1_0000_0000) | 0;
  const h = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  return (h ^ (h >>> 15)) >>> 0;
}
