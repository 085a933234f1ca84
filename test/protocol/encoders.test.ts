import { describe, expect, test } from "bun:test";
import { decode } from "@msgpack/msgpack";
import fc from "fast-check";
import { balanceEvent, positionEvent } from "../../src/protocol/holding-encoder.ts";
import { JsonWriter } from "../../src/protocol/json-writer.ts";
import {
  bboPush,
  bookPush,
  candlePush,
  depthPush,
  heartbeatPush,
  tickerPush,
  tradePush,
} from "../../src/protocol/market-data.ts";
import { encodeMessagePack } from "../../src/protocol/message-pack.ts";
import { MessagePackWriter } from "../../src/protocol/message-pack-writer.ts";
import {
  CANDLE_INTERVALS,
  LIQUIDITIES,
  ORDER_REASONS,
  ORDER_STATUSES,
  ORDER_TYPES,
  SIDES,
  TIMES_IN_FORCE,
} from "../../src/protocol/names.ts";
import { orderEvent, orderResponse } from "../../src/protocol/order-encoder.ts";
import {
  averagePrice,
  Fill,
  OrderState,
  orderStateObject,
  userOrderObject,
} from "../../src/protocol/order-state.ts";

const writer = new MessagePackWriter();
const jsonWriter = new JsonWriter();

/** The response as the second frame of two in one writer. */
function jsonResponse(id: string, state: OrderState): string {
  const ids = new TextEncoder().encode(`---${id}`);
  jsonWriter.reset();
  orderResponse.json(jsonWriter, ids, 3, ids.length - 3, state);
  const first = jsonWriter.text();
  orderResponse.json(jsonWriter, ids, 3, ids.length - 3, state);
  expect(jsonWriter.text()).toBe(first + first);
  return first;
}

/** The text and the bytes are exactly those of `message`, and read back as it. */
function expectFrames(message: object, json: string, bytes: Uint8Array): void {
  expect(json).toBe(JSON.stringify(message));
  expect(Buffer.from(bytes).toString("hex")).toBe(
    Buffer.from(encodeMessagePack(message)).toString("hex"),
  );
  expect(decode(bytes)).toEqual(JSON.parse(json));
}

interface Push<Args extends readonly unknown[]> {
  json(...args: Args): string;
  messagePack(writer: MessagePackWriter, ...args: Args): Uint8Array;
}

/** As `expectFrames`, of a push of `data` that `push` makes of `args`. */
function expectPush<const Args extends readonly unknown[]>(
  stream: string,
  push: Push<Args>,
  args: Args,
  data: object,
): void {
  expectFrames({ stream, data }, push.json(...args), push.messagePack(writer, ...args));
}

const integer31 = fc.integer({ min: 0, max: 0x7fff_ffff });
const cents = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
const moment = fc.oneof(fc.constant(1_640_995_200_000), fc.nat(2 ** 31 - 1), fc.maxSafeNat());

const orderState = fc
  .record({
    orderNumber: fc.oneof(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.maxSafeNat()),
    clientOrderId: fc.oneof(fc.constant(""), fc.stringMatching(/^[!#-[\]-~]{1,64}$/)),
    symbol: fc.oneof(fc.nat(4095), integer31),
    side: fc.nat(SIDES.length - 1),
    type: fc.nat(ORDER_TYPES.length - 1),
    timeInForce: fc.nat(TIMES_IN_FORCE.length - 1),
    postOnly: fc.boolean(),
    price: fc.oneof(fc.constant(0), integer31),
    stopPrice: fc.oneof(fc.constant(0), integer31),
    expireAt: fc.oneof(fc.constant(0), moment),
    quantity: integer31,
    filled: fc.oneof(fc.constant(0), integer31),
    notional: fc.maxSafeNat(),
    status: fc.nat(ORDER_STATUSES.length - 1),
    reason: fc.nat(ORDER_REASONS.length - 1),
    createdAt: moment,
    timestamp: moment,
    tick: moment,
    duplicate: fc.boolean(),
  })
  .map((fields) => Object.assign(new OrderState(), fields));
const fill = fc
  .record({
    price: integer31,
    quantity: integer31,
    tradeId: fc.maxSafeNat(),
    liquidity: fc.nat(LIQUIDITIES.length - 1),
    fee: cents,
  })
  .map((fields) => Object.assign(new Fill(), fields));

describe("order states", () => {
  test("as responses", () => {
    const id = fc.option(fc.oneof(fc.string({ maxLength: 64 }), fc.maxSafeNat()), {
      nil: undefined,
    });
    fc.assert(
      fc.property(id, orderState, (value, state) => {
        const idBytes = value === undefined ? new Uint8Array(0) : encodeMessagePack(value);
        const idJson = value === undefined ? "" : JSON.stringify(value);
        expectFrames(
          { ...(value !== undefined && { id: value }), result: orderStateObject(state) },
          jsonResponse(idJson, state),
          orderResponse.messagePack(writer, idBytes, 0, idBytes.length, state),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("as events", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), orderState, fc.option(fill), (seq, state, last) => {
        const data = userOrderObject(seq, state, last);
        expectPush("user_data", orderEvent, [seq, state, last], data);
      }),
      { numRuns: 1000 },
    );
  });

  test("have only the members that apply", () => {
    const state = Object.assign(new OrderState(), {
      orderNumber: 5,
      symbol: 1,
      side: 1,
      type: 1,
      quantity: 10,
      timeInForce: 1,
      status: 4,
      reason: 7,
      createdAt: 1,
      timestamp: 2,
      tick: 3,
    });
    expect(orderStateObject(state)).toEqual({
      order_id: "ord_5",
      symbol: "SYMBOL_1",
      side: "SELL",
      type: "MARKET",
      time_in_force: "IOC",
      quantity: 10,
      filled_quantity: 0,
      status: "EXPIRED",
      reason: "TIME_IN_FORCE",
      created_at: 1,
      timestamp: 2,
      tick: 3,
    });
  });
});

test.each<[number, number, number]>([
  [150, 1, 150],
  [448, 3, 149.3333],
  [449, 3, 149.6667],
  [1, 20_000, 0.0001],
  [3, 20_000, 0.0002],
  [1, 20_001, 0],
  [2 ** 31 * 2 ** 21, 2 ** 31 - 1, 2_097_152.001],
  [Number.MAX_SAFE_INTEGER, 3, 3_002_399_751_580_330.5],
])("the average price of %d over %d is %d", (notional, filled, expected) => {
  expect(averagePrice(notional, filled)).toBe(expected);
});

test("an average price is that of exact arithmetic", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 53 - 1 }),
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      (notional, filled) => {
        fc.pre(notional / filled <= 2 ** 31);
        const [n, d] = [BigInt(notional) * 10_000n, BigInt(filled)];
        const rounded = (2n * n + d) / (2n * d);
        expect(averagePrice(notional, filled)).toBe(Number(rounded) / 10_000);
      },
    ),
  );
});

test("balances and positions", () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.maxSafeNat(), integer31, integer31),
      cents,
      cents,
      moment,
      moment,
      ([seq, account, symbol], available, reserved, timestamp, tick) => {
        const holding = { available, reserved, total: available + reserved };
        const account_id = `acc_${account}`;
        expectPush(
          "user_data",
          balanceEvent,
          [seq, account, available, reserved, timestamp, tick],
          { seq, event: "balance", account_id, ...holding, timestamp, tick },
        );
        const data = { seq, event: "position", account_id, symbol: `SYMBOL_${symbol}`, ...holding };
        expectPush(
          "user_data",
          positionEvent,
          [seq, account, symbol, available, reserved, timestamp, tick],
          { ...data, timestamp, tick },
        );
      },
    ),
  );
});

const levels = fc.array(fc.tuple(integer31, fc.maxSafeNat()), { maxLength: 25 });

/** A side of a book as the encoders take it. */
const sideArgs = (side: [number, number][]): [Float64Array, number] => [
  Float64Array.from(side.flat()),
  side.length,
];

test("books", () => {
  fc.assert(
    fc.property(
      integer31,
      levels,
      levels,
      fc.option(fc.tuple(integer31, fc.integer({ min: 1, max: 9 }), moment)),
      moment,
      (symbol, bids, asks, last, tick) => {
        const [price, quantity, timestamp] = last ?? [0, 0, 0];
        const last_trade = last === null ? null : { price, quantity, timestamp };
        expectPush(
          "market_data",
          bookPush,
          [symbol, ...sideArgs(bids), ...sideArgs(asks), price, quantity, timestamp, tick],
          { symbol: `SYMBOL_${symbol}`, bids, asks, last_trade, tick },
        );
      },
    ),
  );
});

test("trades", () => {
  fc.assert(
    fc.property(
      integer31,
      fc.maxSafeNat(),
      integer31,
      integer31,
      fc.nat(1),
      moment,
      moment,
      (symbol, tradeId, price, quantity, side, timestamp, tick) => {
        const traded = { trade_id: tradeId, price, quantity, taker_side: SIDES[side] };
        expectPush("trades", tradePush, [symbol, tradeId, price, quantity, side, timestamp, tick], {
          symbol: `SYMBOL_${symbol}`,
          ...traded,
          timestamp,
          tick,
        });
      },
    ),
  );
});

const level = fc.option(fc.tuple(integer31, fc.integer({ min: 1, max: 2 ** 40 })));

test("best bids and offers", () => {
  fc.assert(
    fc.property(integer31, level, level, moment, moment, (symbol, bid, ask, tick, timestamp) => {
      expectPush(
        "bbo",
        bboPush,
        [symbol, ...(bid ?? [0, 0]), ...(ask ?? [0, 0]), tick, timestamp],
        { symbol: `SYMBOL_${symbol}`, bid, ask, tick, timestamp },
      );
    }),
  );
});

test("depth", () => {
  fc.assert(
    fc.property(
      fc.tuple(integer31, moment, moment, fc.integer({ min: 0, max: 0xffff_ffff })),
      levels,
      levels,
      fc.boolean(),
      moment,
      moment,
      ([symbol, first_seq, last_seq, checksum], bids, asks, snapshot, tick, timestamp) => {
        const seqs = { first_seq, last_seq };
        const full = { checksum, ...(snapshot && { snapshot }) };
        expectPush(
          "depth",
          depthPush,
          [
            ...([symbol, first_seq, last_seq] as const),
            ...sideArgs(bids),
            ...sideArgs(asks),
            ...([checksum, snapshot, tick, timestamp] as const),
          ],
          { symbol: `SYMBOL_${symbol}`, ...seqs, bids, asks, ...full, tick, timestamp },
        );
      },
    ),
  );
});

test("tickers", () => {
  const price = fc.option(fc.integer({ min: 1, max: 0x7fff_ffff }));
  fc.assert(
    fc.property(
      fc.tuple(integer31, price, price, price, price),
      fc.maxSafeNat(),
      cents,
      level,
      level,
      moment,
      moment,
      ([symbol, open, high, low, last], volume, change, bid, ask, timestamp, tick) => {
        const prices = [open ?? 0, high ?? 0, low ?? 0, last ?? 0] as const;
        const best = [...(bid ?? [0, 0]), ...(ask ?? [0, 0])] as [number, number, number, number];
        const figures = { open, high, low, last, volume, change, bid, ask };
        expectPush(
          "ticker",
          tickerPush,
          [symbol, ...prices, volume, change, ...best, timestamp, tick],
          { symbol: `SYMBOL_${symbol}`, ...figures, timestamp, tick },
        );
      },
    ),
  );
});

test("candles", () => {
  fc.assert(
    fc.property(
      fc.tuple(integer31, fc.nat(CANDLE_INTERVALS.length - 1), moment),
      fc.tuple(integer31, integer31, integer31, integer31),
      fc.maxSafeNat(),
      fc.nat(),
      fc.boolean(),
      moment,
      ([symbol, interval, start], [open, high, low, close], volume, trades, closed, tick) => {
        const name = CANDLE_INTERVALS[interval];
        const figures = { open, high, low, close, volume, trades, closed };
        expectPush(
          "candles",
          candlePush,
          [symbol, interval, start, open, high, low, close, volume, trades, closed, tick],
          { symbol: `SYMBOL_${symbol}`, interval: name, start, ...figures, tick },
        );
      },
    ),
  );
});

test("heartbeats", () => {
  fc.assert(
    fc.property(moment, moment, moment, (timestamp, tick, sequence) => {
      const data = { timestamp, tick, sequence };
      expectPush("heartbeat", heartbeatPush, [timestamp, tick, sequence], data);
    }),
  );
});
