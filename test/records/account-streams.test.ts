import { expect, test } from "bun:test";
import { OrderType, TimeInForce } from "../../src/core/command.ts";
import { EndReason, OrderStatus } from "../../src/core/event.ts";
import { OrderState } from "../../src/protocol/order-state.ts";
import {
  amend,
  buy,
  cancel,
  cancelAll,
  depositCash,
  depositShares,
  sell,
  setFees,
} from "../core/command-builder.ts";
import { streamEvent } from "./stream-lines.ts";
import { openStreams, SET_UP } from "./stream-run.ts";

test("changed holdings are reported at the end of the tick", () => {
  const { tick } = openStreams();
  expect(tick(...SET_UP)).toEqual(["1#1 cash 1000 + 0", "2#1 shares of 0 50 + 0"]);
  expect(tick(buy({ account: 1, price: 10, quantity: 5 }))).toEqual([
    "1#2 order, 5 left",
    "1#3 cash 950 + 50",
  ]);
  expect(tick(sell({ account: 2, price: 20, quantity: 5 }))).toEqual([
    "2#2 order, 5 left",
    "2#3 shares of 0 45 + 5",
  ]);
  expect(
    tick(depositCash({ account: 1, amount: 7 }), depositCash({ account: 1, amount: -7 })),
  ).toEqual([]);
});

test("a trade is reported to the maker and to the taker, each with its own sequence number", () => {
  const { tick, streams } = openStreams();
  const bid = buy({ account: 1, price: 10, quantity: 5 });
  tick(...SET_UP, setFees({ maker: 0, taker: 1000 }), bid);
  expect([streams.lastSeq(1), streams.lastSeq(2)]).toEqual([2, 1]);
  expect(
    tick(sell({ account: 2, price: 9, quantity: 7 }), cancel({ account: 1, of: bid })),
  ).toEqual([
    "0#1 cash 5 + 0",
    "1#3 maker, 0 left",
    "1#4 cash 950 + 0",
    "1#5 shares of 0 5 + 0",
    "2#2 taker, 2 left",
    "2#3 cash 45 + 0",
    "2#4 shares of 0 43 + 2",
  ]);
});

test("holdings that return to their old value within a tick are not reported; the orders are", () => {
  const { tick } = openStreams();
  tick(...SET_UP);
  const bid = buy({ account: 1, price: 10, quantity: 5 });
  const ask = sell({ account: 2, price: 20, quantity: 5 });
  expect(tick(bid, ask, cancel({ account: 1, of: bid }), cancelAll({ account: 2 }))).toEqual([
    "1#2 order, 5 left",
    "1#3 order, 5 left",
    "2#2 order, 5 left",
    "2#3 order, 5 left",
  ]);
});

test("a refusal, a repeat and an amendment that changes nothing are not reported", () => {
  const { tick, streams } = openStreams();
  const bid = buy({ account: 1, price: 10, quantity: 5, clientId: "a" });
  tick(...SET_UP, bid);
  const before = [streams.lastSeq(1), streams.lastSeq(2)];
  expect(
    tick(
      bid,
      buy({ account: 1, price: 1000, quantity: 5 }),
      sell({ account: 2, price: 10, quantity: 51 }),
      amend({ account: 1, of: bid, quantity: 5 }),
      cancel({ account: 2, of: bid }),
      cancelAll({ account: 2 }),
    ),
  ).toEqual([]);
  expect([streams.lastSeq(1), streams.lastSeq(2)]).toEqual(before);
});

test("an account that trades with itself gets the events of both sides", () => {
  const { tick } = openStreams();
  tick(
    ...SET_UP,
    depositShares({ account: 1, amount: 5 }),
    sell({ account: 1, price: 10, quantity: 5 }),
  );
  const crossing = buy({ account: 1, price: 10, quantity: 5, selfTrade: "NONE" });
  expect(tick(crossing)).toEqual([
    "1#4 maker, 0 left",
    "1#5 taker, 0 left",
    "1#6 shares of 0 5 + 0",
  ]);
});

test("a position that a trade opened is reported", () => {
  const { tick } = openStreams();
  tick(...SET_UP, depositShares({ account: 2, symbol: 1, amount: 3 }));
  tick(sell({ account: 2, symbol: 1, price: 1, quantity: 1 }));
  expect(tick(buy({ account: 1, symbol: 1, price: 1, quantity: 1 }))).toEqual([
    "1#2 taker, 0 left",
    "1#3 cash 999 + 0",
    "1#4 shares of 1 1 + 0",
    "2#5 maker, 0 left",
    "2#6 cash 1 + 0",
    "2#7 shares of 1 2 + 0",
  ]);
});

test("an event describes its order and its fill completely", () => {
  const { tick, streams } = openStreams();
  tick(...SET_UP, setFees({ maker: 1000, taker: 2000 }));
  const bid = buy({
    account: 1,
    price: 10,
    quantity: 5,
    clientId: "mine",
    timeInForce: "GTD",
    expireAt: 9_000,
  });
  const stop = sell({ account: 2, type: "STOP", stopPrice: 8, quantity: 1 });
  tick(bid, stop);
  tick(sell({ account: 2, price: 9, quantity: 2 }), cancel({ account: 1, of: bid }));
  const seen: unknown[] = [];
  for (const account of [1, 2]) {
    streams.replay(account, 2, (seq, at) => {
      seen.push({ account, seq, ...streamEvent(streams, at) });
      return true;
    });
  }
  const mine = {
    ...new OrderState(),
    orderNumber: 1,
    clientOrderId: "mine",
    timeInForce: TimeInForce.GTD,
    expireAt: 9_000,
    price: 10,
    quantity: 5,
    createdAt: 1_002,
    timestamp: 1_002,
    tick: 2,
  };
  const then = { tick: 2, timestamp: 1_002 };
  const now = { tick: 3, timestamp: 1_003 };
  const fill = { price: 10, quantity: 2, tradeId: 1 };
  const filled = { ...mine, ...now, filled: 2, notional: 20 };
  const theirs = { ...mine, clientOrderId: "", timeInForce: 0, expireAt: 0, side: 1 };
  const stopped = { orderNumber: 2, type: OrderType.STOP, price: 0, stopPrice: 8, quantity: 1 };
  expect(seen).toEqual([
    { account: 1, seq: 2, kind: "order", ...then, order: mine, fill: null },
    { account: 1, seq: 3, kind: "balance", ...then, available: 940, reserved: 60 },
    {
      ...{ account: 1, seq: 4, kind: "order", ...now },
      order: { ...filled, status: OrderStatus.PARTIALLY_FILLED },
      fill: { ...fill, liquidity: 0, fee: 2 },
    },
    {
      ...{ account: 1, seq: 5, kind: "order", ...now },
      order: { ...filled, status: OrderStatus.CANCELLED, reason: EndReason.USER },
      fill: null,
    },
    { account: 1, seq: 6, kind: "balance", ...now, available: 978, reserved: 0 },
    { account: 1, seq: 7, kind: "position", ...now, symbol: 0, available: 2, reserved: 0 },
    {
      ...{ account: 2, seq: 2, kind: "order", ...then },
      order: { ...theirs, ...stopped, status: OrderStatus.PENDING_TRIGGER },
      fill: null,
    },
    {
      ...{ account: 2, seq: 3, kind: "position", ...then },
      ...{ symbol: 0, available: 49, reserved: 1 },
    },
    {
      ...{ account: 2, seq: 4, kind: "order", ...now },
      order: {
        ...theirs,
        ...now,
        orderNumber: 3,
        price: 9,
        quantity: 2,
        filled: 2,
        notional: 20,
        createdAt: 1_003,
        status: OrderStatus.FILLED,
      },
      fill: { ...fill, liquidity: 1, fee: 4 },
    },
    { account: 2, seq: 5, kind: "balance", ...now, available: 16, reserved: 0 },
    {
      ...{ account: 2, seq: 6, kind: "position", ...now },
      ...{ symbol: 0, available: 47, reserved: 1 },
    },
  ]);
});
