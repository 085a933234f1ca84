/**
 * Memory for orders that are done, one place each.
 *
 * ```
 *  80 bytes: f64 0 NUMBER, 1 NOTIONAL, 2 CREATED_AT, 3 TIMESTAMP, 4 TICK, 5 EXPIRE_AT
 *            int 12 ACCOUNT, 13 BOOK, 14 PRICE, 15 QUANTITY, 16 REMAINING, 17 ORDER_FLAGS, 18 STOP_PRICE,
 *                19 STATUS | REASON << 8 | HAS_CLIENT_ID << 16
 * ```
 */
import {
  EventKind,
  type Events,
  filledStatus,
  isPostOnly,
  type OrderFields,
  shownPrice,
  typeOfFlags,
} from "../core/event.ts";
import type { TickOutput } from "../core/tick-output.ts";
import { type Store, store } from "../lib/store.ts";

const PLACE_INTS = 20;
const PLACE_DOUBLES = 10;
const NUMBER_F64 = 0;
const NOTIONAL_F64 = 1;
const CREATED_AT_F64 = 2;
const TIMESTAMP_F64 = 3;
const TICK_F64 = 4;
const EXPIRE_AT_F64 = 5;
const ACCOUNT = 12;
const BOOK = 13;
const PRICE = 14;
const QUANTITY = 15;
const REMAINING = 16;
const ORDER_FLAGS = 17;
const STOP_PRICE = 18;
const STATUS = 19;
const HAS_CLIENT_ID = 1 << 16;

/** A place in snapshots of version 1 has 64 bytes: f64 NUMBER, NOTIONAL, TIMESTAMP, TICK, then the ints as above. */
const VERSION_1_INTS = 16;

export class DoneOrders {
  readonly #ints: Int32Array;
  readonly #doubles: Float64Array;

  constructor(places: number) {
    const buffer = new ArrayBuffer(places * PLACE_INTS * 4);
    this.#ints = new Int32Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }

  /** A store of the places from `from` on. `used`: how many of them are in use. */
  store(name: string, from: number, used: () => number): Store {
    return store(name, this.#ints.subarray(from * PLACE_INTS), () => used() * PLACE_INTS);
  }

  /** Copies one place to another. */
  copy(from: number, to: number): void {
    this.#ints.copyWithin(to * PLACE_INTS, from * PLACE_INTS, (from + 1) * PLACE_INTS);
  }

  /** Writes the order at `o` of event `e`, which is done, into a place. */
  note(place: number, events: Events, e: number, o: number, output: TickOutput): void {
    const isTrade = events.kind(e) === EventKind.TRADE;
    const ints = this.#ints;
    const doubles = this.#doubles;
    const n = place * PLACE_INTS;
    const d = place * PLACE_DOUBLES;
    doubles[d + NUMBER_F64] = events.orderNumber(o);
    doubles[d + NOTIONAL_F64] = events.notional(o);
    doubles[d + CREATED_AT_F64] = events.createdAt(o);
    doubles[d + TIMESTAMP_F64] = output.timestamp;
    doubles[d + TICK_F64] = output.tick;
    ints[n + ACCOUNT] = events.account(o);
    ints[n + BOOK] = (events.symbol(o) << 1) | events.side(o);
    ints[n + PRICE] = events.price(o);
    ints[n + QUANTITY] = events.quantity(o);
    ints[n + REMAINING] = events.remaining(o);
    ints[n + ORDER_FLAGS] = events.orderFlags(o);
    ints[n + STATUS] = isTrade
      ? filledStatus(events.remaining(o))
      : events.status(e) | (events.reason(e) << 8);
    if (events.clientId(o) !== 0) ints[n + STATUS] |= HAS_CLIENT_ID;
    if (!events.hasTerms(o)) {
      doubles[d + EXPIRE_AT_F64] = 0;
      ints[n + STOP_PRICE] = 0;
      return;
    }
    doubles[d + EXPIRE_AT_F64] = events.expireAt(e, o);
    ints[n + STOP_PRICE] = events.stopPrice(e, o);
  }

  /** Reads from both ends of a place, so that it is in the caches when it is written. The result means nothing. */
  readAhead(place: number): number {
    return this.#ints[place * PLACE_INTS] ^ this.#ints[place * PLACE_INTS + STATUS];
  }

  number(place: number): number {
    return this.#doubles[place * PLACE_DOUBLES + NUMBER_F64];
  }

  account(place: number): number {
    return this.#ints[place * PLACE_INTS + ACCOUNT];
  }

  hasClientId(place: number): boolean {
    return (this.#ints[place * PLACE_INTS + STATUS] & HAS_CLIENT_ID) !== 0;
  }

  symbol(place: number): number {
    return this.#ints[place * PLACE_INTS + BOOK] >> 1;
  }

  /** Fills `target` with the order in a place. */
  read(target: OrderFields, place: number, clientOrderId: string): void {
    const ints = this.#ints;
    const doubles = this.#doubles;
    const n = place * PLACE_INTS;
    const d = place * PLACE_DOUBLES;
    const flags = ints[n + ORDER_FLAGS];
    const type = typeOfFlags(flags);
    target.orderNumber = doubles[d + NUMBER_F64];
    target.clientOrderId = clientOrderId;
    target.symbol = ints[n + BOOK] >> 1;
    target.side = ints[n + BOOK] & 1;
    target.type = type;
    target.timeInForce = (flags >> 4) & 15;
    target.postOnly = isPostOnly(flags);
    target.price = shownPrice(type, ints[n + PRICE]);
    target.stopPrice = ints[n + STOP_PRICE];
    target.expireAt = doubles[d + EXPIRE_AT_F64];
    target.quantity = ints[n + QUANTITY];
    target.filled = ints[n + QUANTITY] - ints[n + REMAINING];
    target.notional = doubles[d + NOTIONAL_F64];
    target.status = ints[n + STATUS] & 255;
    target.reason = (ints[n + STATUS] >> 8) & 255;
    target.createdAt = doubles[d + CREATED_AT_F64];
    target.timestamp = doubles[d + TIMESTAMP_F64];
    target.tick = doubles[d + TICK_F64];
    target.duplicate = false;
  }

  /**
   * Takes in the places of a snapshot of version 1. That does not say when an order came in, so the time of its last
   * change is taken for it.
   */
  loadVersion1(ints: Int32Array): void {
    const old = new Float64Array(ints.buffer, ints.byteOffset, ints.length >> 1);
    for (let place = 0; place * VERSION_1_INTS < ints.length; place++) {
      const d = place * PLACE_DOUBLES;
      const from = place * (VERSION_1_INTS >> 1);
      this.#doubles[d + NUMBER_F64] = old[from];
      this.#doubles[d + NOTIONAL_F64] = old[from + 1];
      this.#doubles[d + CREATED_AT_F64] = old[from + 2];
      this.#doubles[d + TIMESTAMP_F64] = old[from + 2];
      this.#doubles[d + TICK_F64] = old[from + 3];
      for (let i = 0; i < PLACE_INTS - ACCOUNT; i++) {
        this.#ints[place * PLACE_INTS + ACCOUNT + i] = ints[place * VERSION_1_INTS + 8 + i];
      }
      // An order without a client order id has an empty text.
      this.#ints[place * PLACE_INTS + STATUS] |= HAS_CLIENT_ID;
    }
  }
}
