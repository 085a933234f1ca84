import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  C_TEXT_BYTES,
  C_TEXT_INTS,
  OrderType,
  orderNumber,
  TimeInForce,
} from "../../src/core/command.ts";
import { filledStatus, hasTerms, packOrderFlags } from "../../src/core/event.ts";
import { OrderState } from "../../src/protocol/order-state.ts";
import {
  entryAvailable,
  entryInts,
  entryKind,
  entryReserved,
  entrySymbol,
  readEntryOrder,
  StreamEntry,
} from "../../src/records/stream-entry.ts";
import { type FillFields, StreamKind } from "../../src/records/stream-event.ts";

const INT_MAX = 2 ** 31 - 1;
const SYMBOLS_MAX = 65_536;
const NOW = 1_700_000_000_000;
/** What stands before an event and behind it. */
const OTHER = -1;
const AT = 7;

/** Small numbers, the ends of what a part of a word holds, and all the others. */
const whole = (max: number) =>
  fc.oneof(
    fc.nat({ max: Math.min(max, 10) }),
    fc.constantFrom(
      ...[2_047, 2_048, 65_535, 65_536, INT_MAX, 2 ** 31, 2 ** 32, max].filter((n) => n <= max),
    ),
    fc.integer({ min: 0, max }),
  );
const exact = whole(2 ** 53 - 1);
const signed = exact.chain((value) => fc.constantFrom(value, value === 0 ? 0 : -value));

const ORDER = fc.record({
  slot: fc.integer({ min: 1, max: 2 ** 21 - 1 }),
  generation: whole(2 ** 32 - 1),
  symbol: whole(SYMBOLS_MAX - 1),
  side: fc.constantFrom(0, 1),
  type: fc.constantFrom(...Object.values(OrderType)),
  timeInForce: fc.constantFrom(...Object.values(TimeInForce)),
  selfTrade: fc.nat({ max: 4 }),
  postOnly: fc.boolean(),
  price: whole(INT_MAX),
  quantity: whole(INT_MAX),
  part: fc.constantFrom(0, 0.5, 1),
  notional: exact,
  status: fc.nat({ max: 5 }),
  reason: fc.nat({ max: 13 }),
  createdAt: fc.oneof(fc.constant(NOW), fc.integer({ min: 0, max: NOW })),
  expireAt: fc.oneof(exact, fc.constantFrom(1e300, Number.POSITIVE_INFINITY)),
  stopPrice: whole(INT_MAX),
  clientOrderId: fc.string({
    unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)),
    maxLength: C_TEXT_BYTES,
  }),
  fill: fc.option(
    fc.record({
      tradeId: exact,
      fee: signed,
      price: whole(INT_MAX),
      quantity: whole(INT_MAX),
      liquidity: fc.constantFrom(0, 1),
    }),
  ),
});

/** The event's words among others, where their length says that they are. */
function placed(entry: StreamEntry): Int32Array {
  const words = new Int32Array(AT + entry.length + C_TEXT_INTS).fill(OTHER);
  words.set(entry.words.subarray(0, entry.length), AT);
  expect(entryInts(words, AT)).toBe(entry.length);
  return words;
}

test("an order's event is read as it was written, whatever it is", () => {
  const entry = new StreamEntry();
  fc.assert(
    fc.property(ORDER, (order) => {
      const { slot, generation, symbol, side, type, timeInForce, price, quantity, fill } = order;
      const flags = packOrderFlags(type, timeInForce, order.selfTrade, order.postOnly ? 1 : 0);
      const filled = Math.floor(quantity * order.part);
      const notional = order.part === 0 ? 0 : order.notional;
      const status = fill === null ? order.status | (order.reason << 8) : 0;
      entry.order(
        slot,
        generation | 0,
        (symbol << 1) | side,
        flags,
        price,
        quantity,
        quantity - filled,
        notional,
        status,
        order.createdAt,
        NOW,
      );
      if (fill !== null) {
        entry.fill(fill.liquidity === 0, fill.tradeId, fill.fee, fill.price, fill.quantity);
      }
      const isWithTerms = hasTerms(flags);
      if (isWithTerms) entry.terms(order.expireAt, order.stopPrice);
      if (order.clientOrderId !== "") {
        const text = new Uint8Array(C_TEXT_BYTES);
        new TextEncoder().encodeInto(order.clientOrderId, text);
        entry.words.set(new Int32Array(text.buffer), entry.length);
        entry.text();
      }
      const words = placed(entry);
      const [target, itsFill] = [new OrderState(), {} as FillFields];
      expect(entryKind(words, AT)).toBe(StreamKind.ORDER);
      expect(readEntryOrder(target, itsFill, words, AT, NOW, 5)).toBe(fill !== null);
      expect(itsFill).toEqual((fill ?? {}) as FillFields);
      expect({ ...target }).toEqual({
        orderNumber: orderNumber(slot, generation),
        clientOrderId: order.clientOrderId,
        symbol,
        side,
        type,
        timeInForce,
        postOnly: order.postOnly,
        price: type === OrderType.STOP ? 0 : price,
        stopPrice: isWithTerms ? order.stopPrice : 0,
        expireAt: isWithTerms ? order.expireAt : 0,
        quantity,
        filled,
        notional,
        status: fill === null ? order.status : filledStatus(quantity - filled),
        reason: fill === null ? order.reason : 0,
        createdAt: order.createdAt,
        timestamp: NOW,
        tick: 5,
        duplicate: false,
      });
    }),
    { numRuns: 2_000 },
  );
});

test("a balance and a position are read as they were written", () => {
  const entry = new StreamEntry();
  const kinds = fc.constantFrom(StreamKind.BALANCE, StreamKind.POSITION);
  fc.assert(
    fc.property(kinds, whole(SYMBOLS_MAX - 1), signed, signed, (kind, of, available, reserved) => {
      const symbol = kind === StreamKind.BALANCE ? 0 : of;
      entry.holding(kind, symbol, available, reserved);
      const words = placed(entry);
      expect([entryKind(words, AT), entrySymbol(words, AT)]).toEqual([kind, symbol]);
      const read = [entryAvailable(words, AT), entryReserved(words, AT)];
      expect(read).toEqual([available, reserved]);
    }),
  );
});

test("an order that came in and rests takes three words, four of a slot that was used often", () => {
  const entry = new StreamEntry();
  const sizes = [0, 2_047, 2_048].map((generation) => {
    entry.order(2 ** 21 - 1, generation, 131_071, 0, 65_535, 65_535, 65_535, 0, 0, NOW, NOW);
    return entry.length;
  });
  expect(sizes).toEqual([3, 3, 4]);
});
