/**
 * The orders that are done, the most recent ones: what `order.status` says of them, what a repeated client
 * order id is answered with, why a cancel came too late. Made from the events, so a replay makes it again.
 *
 * ```
 *  index  open addressing on the order number ──► entry of a ring, oldest overwritten
 *         64 bytes: f64 0 NUMBER, 1 NOTIONAL, 2 TIMESTAMP, 3 TICK
 *                   int 8 ACCOUNT, 9 BOOK, 10 PRICE, 11 QUANTITY, 12 REMAINING, 13 FLAGS, 14 STOP, 15 STATUS
 * ```
 */
import { orderNumber } from "../core/command.ts";
import type { Core } from "../core/core.ts";
import {
  E_ACCOUNT,
  E_BOOK,
  E_CLIENT_ID,
  E_GENERATION,
  E_HEAD,
  E_MAKER_ACCOUNT,
  E_MAKER_CLIENT_ID,
  E_MAKER_GENERATION,
  E_MAKER_NOTIONAL_F64,
  E_MAKER_ORDER_FLAGS,
  E_MAKER_PRICE,
  E_MAKER_QUANTITY,
  E_MAKER_REMAINING,
  E_MAKER_SLOT,
  E_MAKER_STOP_PRICE,
  E_NOTIONAL_F64,
  E_ORDER_FLAGS,
  E_PRICE,
  E_QUANTITY,
  E_REMAINING,
  E_SLOT,
  E_STOP_PRICE,
  EventFlag,
  EventKind,
  eventInts,
  OrderStatus,
} from "../core/event.ts";
import type { BatchInfo } from "../persistence/backend.ts";
import { AccountChain, readPage } from "./account-chain.ts";

/** Done orders kept. */
export const HISTORY_ORDERS_MAX = 1 << 20;
const INDEX_SIZE_FACTOR = 4;

const ENTRY_INTS = 16;
const ENTRY_DOUBLES = 8;
const NUMBER_F64 = 0;
const NOTIONAL_F64 = 1;
const TIMESTAMP_F64 = 2;
const TICK_F64 = 3;
const ACCOUNT = 8;
const BOOK = 9;
const PRICE = 10;
const QUANTITY = 11;
const REMAINING = 12;
const FLAGS = 13;
const STOP_PRICE = 14;
const STATUS = 15;

export interface DoneOrder {
  number: number;
  account: number;
  book: number;
  price: number;
  quantity: number;
  remaining: number;
  orderFlags: number;
  stopPrice: number;
  status: number;
  notional: number;
  timestamp: number;
  tick: number;
  clientOrderId: string;
}

export class OrderHistory {
  readonly #core: Core;
  readonly #ints: Int32Array;
  readonly #doubles: Float64Array;
  readonly #index: Int32Array;
  readonly #clientIds: string[];
  readonly #ordersMax: number;
  readonly #chain: AccountChain;

  /** `ordersMax`: how many are kept, a power of two. */
  constructor(core: Core, ordersMax = HISTORY_ORDERS_MAX) {
    this.#core = core;
    this.#ordersMax = ordersMax;
    this.#chain = new AccountChain(ordersMax);
    this.#index = new Int32Array(ordersMax * INDEX_SIZE_FACTOR);
    this.#clientIds = new Array<string>(ordersMax).fill("");
    const buffer = new ArrayBuffer(ordersMax * ENTRY_INTS * 4);
    this.#ints = new Int32Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }

  /** Takes note of the orders that ended in the core's last tick. */
  tick({ timestamp, tick }: BatchInfo): void {
    const { ints: E } = this.#core.events;
    const end = this.#core.events.end();
    for (let e = 0; e < end; e += eventInts(E[e])) {
      const kind = E[e + E_HEAD] & 255;
      if (kind === EventKind.ORDER) this.#order(e, timestamp, tick);
      else if (kind === EventKind.TRADE) this.#trade(e, timestamp, tick);
    }
  }

  #order(e: number, timestamp: number, tick: number): void {
    const { ints: E, doubles: D } = this.#core.events;
    const flags = (E[e + E_HEAD] >> 8) & 255;
    if ((flags & (EventFlag.OPEN | EventFlag.DUPLICATE)) !== 0) return;
    const number = orderNumber(E[e + E_SLOT], E[e + E_GENERATION]);
    const i = this.#claim(number, E[e + E_ACCOUNT]);
    const n = i * ENTRY_INTS;
    const ints = this.#ints;
    ints[n + ACCOUNT] = E[e + E_ACCOUNT];
    ints[n + BOOK] = E[e + E_BOOK];
    ints[n + PRICE] = E[e + E_PRICE];
    ints[n + QUANTITY] = E[e + E_QUANTITY];
    ints[n + REMAINING] = E[e + E_REMAINING];
    ints[n + FLAGS] = E[e + E_ORDER_FLAGS];
    ints[n + STOP_PRICE] = E[e + E_STOP_PRICE];
    ints[n + STATUS] = E[e + E_HEAD] >> 16;
    this.#doubles[i * ENTRY_DOUBLES + NOTIONAL_F64] = D[(e >> 1) + E_NOTIONAL_F64];
    this.#stamp(i, E[e + E_CLIENT_ID], timestamp, tick);
  }

  /** A maker that is filled has no ORDER event of its own; a taker has. */
  #trade(e: number, timestamp: number, tick: number): void {
    const { ints: E, doubles: D } = this.#core.events;
    if (E[e + E_MAKER_REMAINING] !== 0) return;
    const number = orderNumber(E[e + E_MAKER_SLOT], E[e + E_MAKER_GENERATION]);
    const i = this.#claim(number, E[e + E_MAKER_ACCOUNT]);
    const n = i * ENTRY_INTS;
    const ints = this.#ints;
    ints[n + ACCOUNT] = E[e + E_MAKER_ACCOUNT];
    ints[n + BOOK] = E[e + E_BOOK] ^ 1;
    ints[n + PRICE] = E[e + E_MAKER_PRICE];
    ints[n + QUANTITY] = E[e + E_MAKER_QUANTITY];
    ints[n + REMAINING] = 0;
    ints[n + FLAGS] = E[e + E_MAKER_ORDER_FLAGS];
    ints[n + STOP_PRICE] = E[e + E_MAKER_STOP_PRICE];
    ints[n + STATUS] = OrderStatus.FILLED;
    this.#doubles[i * ENTRY_DOUBLES + NOTIONAL_F64] = D[(e >> 1) + E_MAKER_NOTIONAL_F64];
    this.#stamp(i, E[e + E_MAKER_CLIENT_ID], timestamp, tick);
  }

  /** A done order by its number; null when it is not known, or no longer. */
  find(number: number): DoneOrder | null {
    const mask = this.#index.length - 1;
    for (let h = hash(number) & mask; ; h = (h + 1) & mask) {
      const place = this.#index[h];
      if (place === 0) return null;
      if (this.#doubles[(place - 1) * ENTRY_DOUBLES + NUMBER_F64] === number) {
        return this.#read(place - 1);
      }
    }
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

  #read(i: number): DoneOrder {
    const ints = this.#ints;
    const doubles = this.#doubles;
    const n = i * ENTRY_INTS;
    const d = i * ENTRY_DOUBLES;
    return {
      number: doubles[d + NUMBER_F64],
      account: ints[n + ACCOUNT],
      book: ints[n + BOOK],
      price: ints[n + PRICE],
      quantity: ints[n + QUANTITY],
      remaining: ints[n + REMAINING],
      orderFlags: ints[n + FLAGS],
      stopPrice: ints[n + STOP_PRICE],
      status: ints[n + STATUS],
      notional: doubles[d + NOTIONAL_F64],
      timestamp: doubles[d + TIMESTAMP_F64],
      tick: doubles[d + TICK_F64],
      clientOrderId: this.#clientIds[i],
    };
  }

  #stamp(i: number, clientId: number, timestamp: number, tick: number): void {
    this.#doubles[i * ENTRY_DOUBLES + TIMESTAMP_F64] = timestamp;
    this.#doubles[i * ENTRY_DOUBLES + TICK_F64] = tick;
    this.#clientIds[i] = clientId === 0 ? "" : this.#core.clientIds.text(clientId);
  }

  /** The ring's next entry, indexed under `number`; what stood there is forgotten. */
  #claim(number: number, account: number): number {
    const i = this.#chain.add(account);
    if (this.#chain.written > this.#ordersMax) this.#forget(i);
    this.#doubles[i * ENTRY_DOUBLES + NUMBER_F64] = number;
    const mask = this.#index.length - 1;
    let h = hash(number) & mask;
    while (this.#index[h] !== 0) h = (h + 1) & mask;
    this.#index[h] = i + 1;
    return i;
  }

  /** Takes entry i out of the index, closing the gap so that every probe still finds its way. */
  #forget(i: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let h = hash(this.#doubles[i * ENTRY_DOUBLES + NUMBER_F64]) & mask;
    while (index[h] !== i + 1) h = (h + 1) & mask;
    let gap = h;
    for (;;) {
      h = (h + 1) & mask;
      const place = index[h];
      if (place === 0) break;
      const home = hash(this.#doubles[(place - 1) * ENTRY_DOUBLES + NUMBER_F64]) & mask;
      if (((h - home) & mask) >= ((h - gap) & mask)) {
        index[gap] = place;
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
