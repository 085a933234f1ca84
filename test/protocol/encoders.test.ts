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
        expectFrames(
          { stream: "user_data", data: userOrderObject(seq, state, last) },
          orderEvent.json(seq, state, last),
          orderEvent.messagePack(writer, seq, state, last),
        );
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
        expectFrames(
          {
            stream: "user_data",
            data: { seq, event: "balance", account_id, ...holding, timestamp, tick },
          },
          balanceEvent.json(seq, account, available, reserved, timestamp, tick),
          balanceEvent.messagePack(writer, seq, account, available, reserved, timestamp, tick),
        );
        expectFrames(
          {
            stream: "user_data",
            data: {
              seq,
              event: "position",
              account_id,
              symbol: `SYMBOL_${symbol}`,
              ...holding,
              timestamp,
              tick,
            },
          },
          positionEvent.json(seq, account, symbol, available, reserved, timestamp, tick),
          positionEvent.messagePack(
            writer,
            seq,
            account,
            symbol,
            available,
            reserved,
            timestamp,
            tick,
          ),
        );
      },
    ),
  );
});

const levels = fc.array(fc.tuple(integer31, fc.maxSafeNat()), { maxLength: 25 });

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
        const args = [
          symbol,
          Float64Array.from(bids.flat()),
          bids.length,
          Float64Array.from(asks.flat()),
          asks.length,
          price,
          quantity,
          timestamp,
          tick,
        ] as const;
        expectFrames(
          {
            stream: "market_data",
            data: { symbol: `SYMBOL_${symbol}`, bids, asks, last_trade, tick },
          },
          bookPush.json(...args),
          bookPush.messagePack(writer, ...args),
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
        const args = [symbol, tradeId, price, quantity, side, timestamp, tick] as const;
        expectFrames(
          {
            stream: "trades",
            data: {
              symbol: `SYMBOL_${symbol}`,
              trade_id: tradeId,
              price,
              quantity,
              taker_side: SIDES[side],
              timestamp,
              tick,
            },
          },
          tradePush.json(...args),
          tradePush.messagePack(writer, ...args),
        );
      },
    ),
  );
});

const level = fc.option(fc.tuple(integer31, fc.integer({ min: 1, max: 2 ** 40 })));

test("best bids and offers", () => {
  fc.assert(
    fc.property(integer31, level, level, moment, moment, (symbol, bid, ask, tick, timestamp) => {
      const args = [symbol, ...(bid ?? [0, 0]), ...(ask ?? [0, 0]), tick, timestamp] as const;
      expectFrames(
        { stream: "bbo", data: { symbol: `SYMBOL_${symbol}`, bid, ask, tick, timestamp } },
        bboPush.json(...args),
        bboPush.messagePack(writer, ...args),
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
        const args = [
          symbol,
          first_seq,
          last_seq,
          Float64Array.from(bids.flat()),
          bids.length,
          Float64Array.from(asks.flat()),
          asks.length,
          checksum,
          snapshot,
          tick,
          timestamp,
        ] as const;
        expectFrames(
          {
            stream: "depth",
            data: {
              symbol: `SYMBOL_${symbol}`,
              first_seq,
              last_seq,
              bids,
              asks,
              checksum,
              ...(snapshot && { snapshot }),
              tick,
              timestamp,
            },
          },
          depthPush.json(...args),
          depthPush.messagePack(writer, ...args),
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
        const args = [symbol, ...prices, volume, change, ...best, timestamp, tick] as const;
        expectFrames(
          {
            stream: "ticker",
            data: {
              symbol: `SYMBOL_${symbol}`,
              open,
              high,
              low,
              last,
              volume,
              change,
              bid,
              ask,
              timestamp,
              tick,
            },
          },
          tickerPush.json(...args),
          tickerPush.messagePack(writer, ...args),
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
        const args = [
          symbol,
          interval,
          start,
          open,
          high,
          low,
          close,
          volume,
          trades,
          closed,
          tick,
        ] as const;
        expectFrames(
          {
            stream: "candles",
            data: {
              symbol: `SYMBOL_${symbol}`,
              interval: CANDLE_INTERVALS[interval],
              start,
              open,
              high,
              low,
              close,
              volume,
              trades,
              closed,
              tick,
            },
          },
          candlePush.json(...args),
          candlePush.messagePack(writer, ...args),
        );
      },
    ),
  );
});

test("heartbeats", () => {
  fc.assert(
    fc.property(moment, moment, moment, (timestamp, tick, sequence) => {
      expectFrames(
        { stream: "heartbeat", data: { timestamp, tick, sequence } },
        heartbeatPush.json(timestamp, tick, sequence),
        heartbeatPush.messagePack(writer, timestamp, tick, sequence),
      );
    }),
  );
});
