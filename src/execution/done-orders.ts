/**
 * Places for orders that are done.
 *
 * ```
 *  64 bytes: f64 0 NUMBER, 1 NOTIONAL, 2 TIMESTAMP, 3 TICK
 *            int 8 ACCOUNT, 9 BOOK, 10 PRICE, 11 QUANTITY, 12 REMAINING, 13 FLAGS, 14 STOP, 15 STATUS
 * ```
 */
import { orderNumber } from "../core/command.ts";
import {
  E_ACCOUNT,
  E_BOOK,
  E_GENERATION,
  E_HEAD,
  E_MAKER_ACCOUNT,
  E_MAKER_GENERATION,
  E_MAKER_NOTIONAL_F64,
  E_MAKER_ORDER_FLAGS,
  E_MAKER_PRICE,
  E_MAKER_QUANTITY,
  E_MAKER_SLOT,
  E_MAKER_STOP_PRICE,
  E_NOTIONAL_F64,
  E_ORDER_FLAGS,
  E_PRICE,
  E_QUANTITY,
  E_REMAINING,
  E_SLOT,
  E_STOP_PRICE,
  OrderStatus,
} from "../core/event.ts";
import type { EventBuffer } from "../core/event-buffer.ts";
import { type Store, store } from "../lib/store.ts";
import type { BatchInfo } from "../persistence/backend.ts";

const DONE_INTS = 16;
const DONE_DOUBLES = 8;
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

export class DoneOrders {
  readonly #ints: Int32Array;
  readonly #doubles: Float64Array;

  constructor(places: number) {
    const buffer = new ArrayBuffer(places * DONE_INTS * 4);
    this.#ints = new Int32Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }

  /** `used`: how many of the places hold something, from the first on. */
  store(name: string, used: () => number): Store {
    return store(name, this.#ints, () => used() * DONE_INTS);
  }

  /** Notes the order of the ORDER event at word `e`. */
  order(place: number, { ints: E, doubles: D }: EventBuffer, e: number, info: BatchInfo): void {
    const ints = this.#ints;
    const n = place * DONE_INTS;
    ints[n + ACCOUNT] = E[e + E_ACCOUNT];
    ints[n + BOOK] = E[e + E_BOOK];
    ints[n + PRICE] = E[e + E_PRICE];
    ints[n + QUANTITY] = E[e + E_QUANTITY];
    ints[n + REMAINING] = E[e + E_REMAINING];
    ints[n + FLAGS] = E[e + E_ORDER_FLAGS];
    ints[n + STOP_PRICE] = E[e + E_STOP_PRICE];
    ints[n + STATUS] = E[e + E_HEAD] >> 16;
    const number = orderNumber(E[e + E_SLOT], E[e + E_GENERATION]);
    this.#stamp(place, number, D[(e >> 1) + E_NOTIONAL_F64], info);
  }

  /** Notes the maker's order of the TRADE at `e`, which is filled. */
  maker(place: number, { ints: E, doubles: D }: EventBuffer, e: number, info: BatchInfo): void {
    const ints = this.#ints;
    const n = place * DONE_INTS;
    ints[n + ACCOUNT] = E[e + E_MAKER_ACCOUNT];
    ints[n + BOOK] = E[e + E_BOOK] ^ 1;
    ints[n + PRICE] = E[e + E_MAKER_PRICE];
    ints[n + QUANTITY] = E[e + E_MAKER_QUANTITY];
    ints[n + REMAINING] = 0;
    ints[n + FLAGS] = E[e + E_MAKER_ORDER_FLAGS];
    ints[n + STOP_PRICE] = E[e + E_MAKER_STOP_PRICE];
    ints[n + STATUS] = OrderStatus.FILLED;
    const number = orderNumber(E[e + E_MAKER_SLOT], E[e + E_MAKER_GENERATION]);
    this.#stamp(place, number, D[(e >> 1) + E_MAKER_NOTIONAL_F64], info);
  }

  #stamp(place: number, number: number, notional: number, { timestamp, tick }: BatchInfo): void {
    const doubles = this.#doubles;
    const d = place * DONE_DOUBLES;
    doubles[d + NUMBER_F64] = number;
    doubles[d + NOTIONAL_F64] = notional;
    doubles[d + TIMESTAMP_F64] = timestamp;
    doubles[d + TICK_F64] = tick;
  }

  number(place: number): number {
    return this.#doubles[place * DONE_DOUBLES + NUMBER_F64];
  }

  read(place: number, clientOrderId: string): DoneOrder {
    const ints = this.#ints;
    const doubles = this.#doubles;
    const n = place * DONE_INTS;
    const d = place * DONE_DOUBLES;
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
      clientOrderId,
    };
  }
}
