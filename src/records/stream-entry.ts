/**
 * An event of an account's stream as words of 32 bits. What is the same in most events is left out. So an order that
 * came in and rests takes three words, or four when its slot was used often.
 *
 * ```
 *  order    KIND 2 bits, flags 8, TYPE 2, TIME_IN_FORCE 2, POST_ONLY 1, BOOK 17
 *           SLOT 21 bits, GENERATION 11              WIDE_NUMBER: then all of GENERATION
 *           PRICE 16 bits, QUANTITY 16               WIDE_PRICE: a word each
 *           REMAINING, NOTIONAL i53                  only with FILLED; otherwise nothing is filled
 *           STATUS | REASON << 8                     only with STATUS; otherwise as the fill says, or ACCEPTED
 *           CREATED_AT i53                           only with AGED; otherwise it came in in this tick
 *           TRADE_ID i53, FEE i53, PRICE, QUANTITY   only with MAKER or TAKER: its fill
 *           EXPIRE_AT f64, STOP_PRICE                only of a stop or GTD
 *           the client order id                      only with TEXT: up to the word that has a zero
 *  holding  KIND 2 bits, WIDE 1, (none) 12, SYMBOL 17
 *           AVAILABLE, RESERVED                      WIDE: i53 both
 * ```
 *
 * i53: a whole number of up to 53 bits and a sign, in two words: the lower 31 bits, and the rest. The time of expiry is
 * a float64, because it may be any number.
 */
import { C_TEXT_INTS, orderNumber, readText } from "../core/command.ts";
import {
  filledStatus,
  hasTerms,
  isPostOnly,
  type OrderFields,
  packOrderFlags,
  shownPrice,
  typeOfFlags,
} from "../core/event.ts";
import { type FillFields, StreamKind } from "./stream-event.ts";

/** The bits of a `StreamKind`. No kind is 0. */
const KIND_MASK = 3;

/** Flags of an order. */
const MAKER = 1 << 2;
const TAKER = 1 << 3;
const TEXT = 1 << 4;
const STATUS = 1 << 5;
const FILLED = 1 << 6;
const AGED = 1 << 7;
const WIDE_NUMBER = 1 << 8;
const WIDE_PRICE = 1 << 9;
const FILL = MAKER | TAKER;
/** How many words each flag adds. TEXT adds as many as the text has. */
const FLAG_INTS = [
  [MAKER, 6],
  [TAKER, 6],
  [STATUS, 1],
  [FILLED, 3],
  [AGED, 2],
  [WIDE_NUMBER, 1],
  [WIDE_PRICE, 1],
] as const;
const TYPE_SHIFT = 10;
const TIME_IN_FORCE_SHIFT = 12;
const POST_ONLY_SHIFT = 14;
const BOOK_SHIFT = 15;
const SLOT_BITS = 21;
const SLOT_MASK = (1 << SLOT_BITS) - 1;
/** A generation below this is written in the same word as the slot. */
const GENERATION_END = 1 << (32 - SLOT_BITS);
/** The price in a word that price and quantity share. Each has 16 bits. */
const PRICE_MASK = 0xffff;

/** Flags and sizes of a holding. */
const WIDE = 1 << 2;
const SYMBOL_SHIFT = 15;
const HOLDING_INTS = 3;
const WIDE_HOLDING_INTS = 5;

const ORDER_INTS = 3;
const TERMS_INTS = 3;
/** More than any event has. */
const ENTRY_INTS_MAX = 64;

/** The bits that decide how many words an order has: flags, type and time in force. */
const SIZE_SHIFT = 2;
const SIZE_MASK = (1 << (POST_ONLY_SHIFT - SIZE_SHIFT)) - 1;
/** By these bits: the words of the order, without its text. */
const ORDER_SIZES = Uint8Array.from({ length: SIZE_MASK + 1 }, (_, bits) => {
  const head = bits << SIZE_SHIFT;
  const terms = hasTerms(orderFlagsOf(head)) ? TERMS_INTS : 0;
  return FLAG_INTS.reduce(
    (sum, [flag, ints]) => (head & flag ? sum + ints : sum),
    terms + ORDER_INTS,
  );
});

/** The lower word of an i53 is below this. */
const LOW_END = 2 ** 31;
/** A float64, and its halves. */
const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);
const text = new Int32Array(C_TEXT_INTS);

/**
 * The event that is being written. For an order call `order` first, and then `fill`, `terms` and `text`, in this order,
 * as far as the event has them. For a balance or position call `holding` alone.
 */
export class StreamEntry {
  readonly words = new Int32Array(ENTRY_INTS_MAX);
  /** Words so far. */
  length = 0;

  /**
   * Begins the event of an order. `status`: STATUS | REASON << 8; 0 when it is ACCEPTED or the event is a fill. `now`:
   * when the event happened.
   */
  order(
    slot: number,
    generation: number,
    book: number,
    orderFlags: number,
    price: number,
    quantity: number,
    remaining: number,
    notional: number,
    status: number,
    createdAt: number,
    now: number,
  ): void {
    const { words } = this;
    let head =
      StreamKind.ORDER |
      (typeOfFlags(orderFlags) << TYPE_SHIFT) |
      (((orderFlags >> 4) & 3) << TIME_IN_FORCE_SHIFT) |
      (book << BOOK_SHIFT);
    if (isPostOnly(orderFlags)) head |= 1 << POST_ONLY_SHIFT;
    let n = 2;
    words[1] = slot | (generation << SLOT_BITS);
    if (generation < 0 || generation >= GENERATION_END) {
      head |= WIDE_NUMBER;
      words[n++] = generation;
    }
    if ((price | quantity) >>> 16 === 0) {
      words[n++] = price | (quantity << 16);
    } else {
      head |= WIDE_PRICE;
      words[n] = price;
      words[n + 1] = quantity;
      n += 2;
    }
    if (remaining !== quantity || notional !== 0) {
      head |= FILLED;
      words[n] = remaining;
      this.#i53(n + 1, notional);
      n += 3;
    }
    if (status !== 0) {
      head |= STATUS;
      words[n++] = status;
    }
    if (createdAt !== now) {
      head |= AGED;
      this.#i53(n, createdAt);
      n += 2;
    }
    words[0] = head;
    this.length = n;
  }

  fill(isMaker: boolean, tradeId: number, fee: number, price: number, quantity: number): void {
    const { words, length } = this;
    words[0] |= isMaker ? MAKER : TAKER;
    this.#i53(length, tradeId);
    this.#i53(length + 2, fee);
    words[length + 4] = price;
    words[length + 5] = quantity;
    this.length = length + 6;
  }

  /** Adds what a stop or GTD order has. */
  terms(expireAt: number, stopPrice: number): void {
    double[0] = expireAt;
    this.words[this.length] = halves[0];
    this.words[this.length + 1] = halves[1];
    this.words[this.length + 2] = stopPrice;
    this.length += TERMS_INTS;
  }

  /** Adds the client order id. The caller has written its 16 words at `words[length]`. */
  text(): void {
    this.words[0] |= TEXT;
    this.length += textInts(this.words, this.length);
  }

  /** Writes the event of a balance, or of a position in `symbol`. `symbol`: 0 for a balance. */
  holding(kind: number, symbol: number, available: number, reserved: number): void {
    const { words } = this;
    words[0] = kind | (symbol << SYMBOL_SHIFT);
    words[1] = available;
    words[2] = reserved;
    this.length = HOLDING_INTS;
    if (words[1] === available && words[2] === reserved) return;
    words[0] |= WIDE;
    this.#i53(1, available);
    this.#i53(3, reserved);
    this.length = WIDE_HOLDING_INTS;
  }

  /** Writes an i53. To write a float64 would be quicker, but to read one through its two words takes longer. */
  #i53(at: number, value: number): void {
    const high = Math.floor(value / LOW_END);
    this.words[at] = value - high * LOW_END;
    this.words[at + 1] = high;
  }
}

/** How many words of the text at `at` are kept: up to the first word with a zero, 16 at most. */
function textInts(words: Int32Array, at: number): number {
  let count = 1;
  while (count < C_TEXT_INTS && words[at + count - 1] >>> 24 !== 0) count++;
  return count;
}

/** The ORDER_FLAGS of an order, as far as an event keeps them. */
function orderFlagsOf(head: number): number {
  const type = (head >> TYPE_SHIFT) & 3;
  const timeInForce = (head >> TIME_IN_FORCE_SHIFT) & 3;
  return packOrderFlags(type, timeInForce, 0, (head >> POST_ONLY_SHIFT) & 1);
}

/** A `StreamKind`. */
export function entryKind(words: Int32Array, at: number): number {
  return words[at] & KIND_MASK;
}

/** How many words the event at `at` has. */
export function entryInts(words: Int32Array, at: number): number {
  const head = words[at];
  if ((head & KIND_MASK) !== StreamKind.ORDER) {
    return (head & WIDE) === 0 ? HOLDING_INTS : WIDE_HOLDING_INTS;
  }
  const size = ORDER_SIZES[(head >> SIZE_SHIFT) & SIZE_MASK];
  return (head & TEXT) === 0 ? size : size + textInts(words, at + size);
}

/** Of a balance (cents) or position (shares). */
export function entryAvailable(words: Int32Array, at: number): number {
  return (words[at] & WIDE) === 0 ? words[at + 1] : i53At(words, at + 1);
}

export function entryReserved(words: Int32Array, at: number): number {
  return (words[at] & WIDE) === 0 ? words[at + 2] : i53At(words, at + 3);
}

/** Of a position. */
export function entrySymbol(words: Int32Array, at: number): number {
  return words[at] >>> SYMBOL_SHIFT;
}

/**
 * Fills `target` with the order of the event at `at`, which happened at `timestamp` in tick `tick`. If the event is a
 * fill, also fills `fill`. Returns whether it is.
 */
export function readEntryOrder(
  target: OrderFields,
  fill: FillFields,
  words: Int32Array,
  at: number,
  timestamp: number,
  tick: number,
): boolean {
  const head = words[at];
  const orderFlags = orderFlagsOf(head);
  const type = typeOfFlags(orderFlags);
  const isFill = (head & FILL) !== 0;
  const slot = words[at + 1] & SLOT_MASK;
  let n = at + 2;
  const isWideNumber = (head & WIDE_NUMBER) !== 0;
  target.orderNumber = orderNumber(slot, isWideNumber ? words[n++] : words[at + 1] >>> SLOT_BITS);
  const isWidePrice = (head & WIDE_PRICE) !== 0;
  const price = isWidePrice ? words[n++] : words[n] & PRICE_MASK;
  const quantity = isWidePrice ? words[n++] : words[n++] >>> 16;
  const isFilled = (head & FILLED) !== 0;
  const remaining = isFilled ? words[n] : quantity;
  target.notional = isFilled ? i53At(words, n + 1) : 0;
  if (isFilled) n += 3;
  const status = (head & STATUS) === 0 ? 0 : words[n++];
  target.createdAt = (head & AGED) === 0 ? timestamp : i53At(words, n);
  if ((head & AGED) !== 0) n += 2;
  target.symbol = head >>> (BOOK_SHIFT + 1);
  target.side = (head >>> BOOK_SHIFT) & 1;
  target.type = type;
  target.timeInForce = (head >> TIME_IN_FORCE_SHIFT) & 3;
  target.postOnly = isPostOnly(orderFlags);
  target.price = shownPrice(type, price);
  target.quantity = quantity;
  target.filled = quantity - remaining;
  target.status = isFill ? filledStatus(remaining) : status & 255;
  target.reason = status >> 8;
  target.timestamp = timestamp;
  target.tick = tick;
  target.duplicate = false;
  if (isFill) {
    fill.tradeId = i53At(words, n);
    fill.fee = i53At(words, n + 2);
    fill.price = words[n + 4];
    fill.quantity = words[n + 5];
    fill.liquidity = (head & MAKER) !== 0 ? 0 : 1;
    n += 6;
  }
  const isWithTerms = hasTerms(orderFlags);
  target.expireAt = isWithTerms ? doubleAt(words, n) : 0;
  target.stopPrice = isWithTerms ? words[n + 2] : 0;
  if (isWithTerms) n += TERMS_INTS;
  target.clientOrderId = (head & TEXT) === 0 ? "" : textAt(words, n);
  return isFill;
}

function textAt(words: Int32Array, at: number): string {
  text.fill(0);
  for (let i = 0; i < textInts(words, at); i++) text[i] = words[at + i];
  return readText(text, 0);
}

function doubleAt(words: Int32Array, at: number): number {
  halves[0] = words[at];
  halves[1] = words[at + 1];
  return double[0];
}

function i53At(words: Int32Array, at: number): number {
  return words[at + 1] * LOW_END + words[at];
}
