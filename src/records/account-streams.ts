/**
 * The accounts' streams: the events of each account, numbered and kept. First its orders and fills as they happen,
 * then, at the end of the tick, its cash and positions where they changed. `seq` is consecutive in each account over
 * the life of the exchange, whether anybody listens or not, so a replay of the journal gives every event the same
 * number. Events are read from here both to send them and to send them again, so the two are the same.
 *
 * ```
 *  entry, in doubles:  0 KIND | FLAGS, LENGTH (int)   1 TIMESTAMP   2 TICK
 *   order     3 NUMBER  4 NOTIONAL  5 CREATED_AT
 *             ints 12 BOOK 13 PRICE 14 QUANTITY 15 REMAINING 16 ORDER_FLAGS 17 STATUS | REASON << 8
 *             then, of a fill: f64 TRADE_ID, FEE; int PRICE, QUANTITY
 *             of a stop or GTD: f64 EXPIRE_AT; int STOP_PRICE, (none)
 *             with a client order id: its 16 ints
 *   balance   3 AVAILABLE  4 RESERVED
 *   position  3 AVAILABLE  4 RESERVED  int 10 SYMBOL
 * ```
 */
import { C_TEXT_INTS, readText } from "../core/command.ts";
import {
  EventFlag,
  EventKind,
  type Events,
  filledStatus,
  isPostOnly,
  type OrderFields,
  shownPrice,
  typeOfFlags,
} from "../core/event.ts";
import type { TickOutput, TickStage } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import { type Store, store } from "../lib/store.ts";
import { StreamBlocks } from "./stream-blocks.ts";

/** Events of an account that are kept, a block more or less (`StreamBlocks`). Clients may rely on 100,000. */
const EVENTS_PER_ACCOUNT_MAX = 131_072;

export const StreamKind = { ORDER: 1, BALANCE: 2, POSITION: 3 } as const;

/** Bits of FLAGS. */
const MAKER_FILL = 1;
const TAKER_FILL = 2;
const TERMS = 4;
const TEXT = 8;
const FILL = MAKER_FILL | TAKER_FILL;

const KIND = 0;
const LENGTH = 1;
const TIMESTAMP_F64 = 1;
const TICK_F64 = 2;
const NUMBER_F64 = 3;
const NOTIONAL_F64 = 4;
const CREATED_AT_F64 = 5;
const BOOK = 12;
const PRICE = 13;
const QUANTITY = 14;
const REMAINING = 15;
const ORDER_FLAGS = 16;
const STATUS = 17;
const ORDER_DOUBLES = 9;
const FILL_DOUBLES = 3;
const TERMS_DOUBLES = 2;
const TEXT_DOUBLES = C_TEXT_INTS / 2;
const AVAILABLE_F64 = 3;
const RESERVED_F64 = 4;
const SYMBOL = 10;
const BALANCE_DOUBLES = 5;
const POSITION_DOUBLES = 6;

/** The fill of an order event. */
export interface FillFields {
  price: number;
  quantity: number;
  tradeId: number;
  /** 0 maker, 1 taker. */
  liquidity: number;
  fee: number;
}

export interface AccountStreamsOptions {
  /** Memory for the events of all accounts. */
  bytes: number;
  eventsPerAccountMax?: number;
}

export class AccountStreams implements TickStage {
  readonly #blocks: StreamBlocks;
  readonly #view: CoreView;
  readonly #seqs: Float64Array;
  /** What each account was last told it has: available and reserved cash, and by position. */
  readonly #toldCash: Float64Array;
  readonly #toldShares: Float64Array;

  constructor(
    view: CoreView,
    { bytes, eventsPerAccountMax = EVENTS_PER_ACCOUNT_MAX }: AccountStreamsOptions,
  ) {
    this.#view = view;
    this.#blocks = new StreamBlocks({
      bytes,
      accountsMax: view.accountsMax,
      accountsEnd: view.nextAccount,
      entriesMax: eventsPerAccountMax,
    });
    this.#seqs = new Float64Array(view.accountsMax);
    this.#toldCash = new Float64Array(view.accountsMax * 2);
    this.#toldShares = new Float64Array(view.positionsMax * 2);
  }

  get stores(): Store[] {
    const { nextAccount, positionsEnd } = this.#view;
    return [
      store("account-seqs", this.#seqs, () => nextAccount() * 2),
      store("told-cash", this.#toldCash, () => nextAccount() * 4),
      store("told-shares", this.#toldShares, () => positionsEnd() * 4),
      ...this.#blocks.stores("account-streams"),
    ];
  }

  /** The stores have been emptied. */
  reset(): void {
    this.#blocks.reset();
  }

  /** The last `seq` given to an account. */
  lastSeq(account: number): number {
    return this.#seqs[account];
  }

  /** The oldest `seq` that can still be read; one above the last when there is none. */
  oldestSeq(account: number): number {
    const block = this.#blocks.oldest(account);
    return block === 0 ? this.#seqs[account] + 1 : this.#blocks.firstSeq(block);
  }

  onTick(output: TickOutput): void {
    const { events } = output;
    const end = events.end();
    for (let e = 0; e < end; e = events.next(e)) {
      switch (events.kind(e)) {
        case EventKind.TRADE:
          this.#order(events, e, events.maker(e), MAKER_FILL, output);
          this.#order(events, e, events.order(e), TAKER_FILL, output);
          break;
        case EventKind.ORDER:
          if ((events.flags(e) & EventFlag.NEWS) !== 0) {
            this.#order(events, e, events.order(e), 0, output);
          }
          break;
        case EventKind.CASH:
          this.#balance(events, e, output);
          break;
        case EventKind.POSITION:
          this.#position(events, e, output);
          break;
      }
    }
  }

  /**
   * Calls `onEvent` for the account's events from `fromSeq` on, until it returns false. Returns the `seq` after the
   * last one given. `fromSeq` must not be below `oldestSeq`.
   */
  replay(account: number, fromSeq: number, onEvent: (seq: number, at: number) => boolean): number {
    const blocks = this.#blocks;
    let block = blocks.newest(account);
    if (block !== 0 && fromSeq < blocks.firstSeq(block)) block = this.#blockOf(account, fromSeq);
    for (; block !== 0; block = blocks.next(block)) {
      let seq = blocks.firstSeq(block);
      const end = blocks.end(account, block);
      for (let at = blocks.begin(block); at < end; at += blocks.ints[at * 2 + LENGTH]) {
        if (seq >= fromSeq && !onEvent(seq, at)) return seq + 1;
        seq++;
      }
    }
    return this.#seqs[account] + 1;
  }

  /** The block of the account that has event `seq`. */
  #blockOf(account: number, seq: number): number {
    const blocks = this.#blocks;
    let block = blocks.oldest(account);
    for (let next = blocks.next(block); next !== 0; next = blocks.next(block)) {
      if (blocks.firstSeq(next) > seq) break;
      block = next;
    }
    return block;
  }

  /** Of an event: a `StreamKind`. */
  kind(at: number): number {
    return this.#blocks.ints[at * 2 + KIND] & 255;
  }

  timestamp(at: number): number {
    return this.#blocks.doubles[at + TIMESTAMP_F64];
  }

  tick(at: number): number {
    return this.#blocks.doubles[at + TICK_F64];
  }

  /** Of a balance (cents) or position (shares). */
  available(at: number): number {
    return this.#blocks.doubles[at + AVAILABLE_F64];
  }

  reserved(at: number): number {
    return this.#blocks.doubles[at + RESERVED_F64];
  }

  /** Of a position. */
  symbol(at: number): number {
    return this.#blocks.ints[at * 2 + SYMBOL];
  }

  /** Fills `target`, and `fill` when the event tells of one: whether it does. */
  readOrder(target: OrderFields, fill: FillFields, at: number): boolean {
    const { ints, doubles } = this.#blocks;
    const n = at * 2;
    const flags = ints[n + KIND] >> 8;
    const orderFlags = ints[n + ORDER_FLAGS];
    const type = typeOfFlags(orderFlags);
    let extra = at + ORDER_DOUBLES;
    target.orderNumber = doubles[at + NUMBER_F64];
    target.symbol = ints[n + BOOK] >> 1;
    target.side = ints[n + BOOK] & 1;
    target.type = type;
    target.timeInForce = (orderFlags >> 4) & 15;
    target.postOnly = isPostOnly(orderFlags);
    target.price = shownPrice(type, ints[n + PRICE]);
    target.quantity = ints[n + QUANTITY];
    target.filled = ints[n + QUANTITY] - ints[n + REMAINING];
    target.notional = doubles[at + NOTIONAL_F64];
    target.status = ints[n + STATUS] & 255;
    target.reason = ints[n + STATUS] >> 8;
    target.createdAt = doubles[at + CREATED_AT_F64];
    target.timestamp = doubles[at + TIMESTAMP_F64];
    target.tick = doubles[at + TICK_F64];
    target.duplicate = false;
    if ((flags & FILL) !== 0) {
      fill.tradeId = doubles[extra];
      fill.fee = doubles[extra + 1];
      fill.price = ints[extra * 2 + 4];
      fill.quantity = ints[extra * 2 + 5];
      fill.liquidity = (flags & MAKER_FILL) !== 0 ? 0 : 1;
      extra += FILL_DOUBLES;
    }
    const hasTerms = (flags & TERMS) !== 0;
    target.expireAt = hasTerms ? doubles[extra] : 0;
    target.stopPrice = hasTerms ? ints[extra * 2 + 2] : 0;
    if (hasTerms) extra += TERMS_DOUBLES;
    target.clientOrderId = (flags & TEXT) !== 0 ? readText(ints, extra * 2) : "";
    return (flags & FILL) !== 0;
  }

  #claim(account: number, kind: number, size: number, { timestamp, tick }: TickOutput): number {
    const seq = ++this.#seqs[account];
    const at = this.#blocks.claim(account, seq, size);
    const { ints, doubles } = this.#blocks;
    ints[at * 2 + KIND] = kind;
    ints[at * 2 + LENGTH] = size;
    doubles[at + TIMESTAMP_F64] = timestamp;
    doubles[at + TICK_F64] = tick;
    return at;
  }

  #order(events: Events, e: number, o: number, fillFlag: number, output: TickOutput): void {
    const clientId = events.clientId(o);
    const hasTerms = events.hasTerms(o);
    let flags = fillFlag;
    let size = ORDER_DOUBLES;
    if (fillFlag !== 0) size += FILL_DOUBLES;
    if (hasTerms) {
      flags |= TERMS;
      size += TERMS_DOUBLES;
    }
    if (clientId !== 0) {
      flags |= TEXT;
      size += TEXT_DOUBLES;
    }
    const at = this.#claim(events.account(o), StreamKind.ORDER | (flags << 8), size, output);
    const { ints, doubles } = this.#blocks;
    const n = at * 2;
    doubles[at + NUMBER_F64] = events.orderNumber(o);
    doubles[at + NOTIONAL_F64] = events.notional(o);
    doubles[at + CREATED_AT_F64] = events.createdAt(o);
    ints[n + BOOK] = (events.symbol(o) << 1) | events.side(o);
    ints[n + PRICE] = events.price(o);
    ints[n + QUANTITY] = events.quantity(o);
    ints[n + REMAINING] = events.remaining(o);
    ints[n + ORDER_FLAGS] = events.orderFlags(o);
    ints[n + STATUS] =
      fillFlag !== 0
        ? filledStatus(events.remaining(o))
        : events.status(e) | (events.reason(e) << 8);
    let extra = at + ORDER_DOUBLES;
    if (fillFlag !== 0) {
      doubles[extra] = events.tradeId(e);
      doubles[extra + 1] = events.fee(e, o);
      ints[extra * 2 + 4] = events.tradePrice(e);
      ints[extra * 2 + 5] = events.tradeQuantity(e);
      extra += FILL_DOUBLES;
    }
    if (hasTerms) {
      doubles[extra] = events.expireAt(e, o);
      ints[extra * 2 + 2] = events.stopPrice(e, o);
      ints[extra * 2 + 3] = 0;
      extra += TERMS_DOUBLES;
    }
    if (clientId !== 0) events.copyClientOrderId(e, o, ints, extra * 2);
  }

  #balance(events: Events, e: number, output: TickOutput): void {
    const account = events.holdingAccount(e);
    if (!this.#isNew(this.#toldCash, account, events, e)) return;
    const at = this.#claim(account, StreamKind.BALANCE, BALANCE_DOUBLES, output);
    this.#writeHolding(events, e, at);
  }

  #position(events: Events, e: number, output: TickOutput): void {
    if (!this.#isNew(this.#toldShares, events.holdingPosition(e), events, e)) return;
    const account = events.holdingAccount(e);
    const at = this.#claim(account, StreamKind.POSITION, POSITION_DOUBLES, output);
    this.#writeHolding(events, e, at);
    this.#blocks.ints[at * 2 + SYMBOL] = events.holdingSymbol(e);
    this.#blocks.ints[at * 2 + SYMBOL + 1] = 0;
  }

  #writeHolding(events: Events, e: number, at: number): void {
    this.#blocks.doubles[at + AVAILABLE_F64] = events.available(e);
    this.#blocks.doubles[at + RESERVED_F64] = events.reserved(e);
  }

  /** Whether a holding differs from what was told before; notes the new one. */
  #isNew(told: Float64Array, at: number, events: Events, e: number): boolean {
    const available = events.available(e);
    const reserved = events.reserved(e);
    if (told[at * 2] === available && told[at * 2 + 1] === reserved) return false;
    told[at * 2] = available;
    told[at * 2 + 1] = reserved;
    return true;
  }
}
