/** The view: what other rooms may see of the core. */
import { beforeEach, expect, test } from "bun:test";
import {
  OrderType,
  orderGeneration,
  orderNumber,
  orderSlot,
  Side,
  SymbolState,
  TimeInForce,
} from "../../src/core/command.ts";
import { type OrderFields, OrderStatus } from "../../src/core/event.ts";
import {
  amend,
  at,
  buy,
  cancel,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setFees,
  setProtection,
  setSymbolRules,
  setSymbolState,
} from "./command-builder.ts";
import { createOrderFields } from "./read-events.ts";
import { CoreRun } from "./run.ts";
import { createTestCore } from "./test-core.ts";

const core = createTestCore(4);
const { view } = core;

const bid = buy({
  account: 1,
  symbol: 2,
  price: 100,
  quantity: 10,
  timeInForce: "GTD",
  expireAt: 9_000,
  clientId: "mine",
});
const stop = buy({ account: 1, symbol: 2, type: "STOP", stopPrice: 110, quantity: 5 });
const offer = sell({ account: 1, symbol: 0, price: 300, quantity: 2, postOnly: true });

beforeEach(() => {
  core.reset();
  const run = new CoreRun(core);
  run.setUp(
    listSymbol({ symbol: 0, text: "first" }),
    listSymbol({ symbol: 2, text: "third", increment: 5 }),
    openAccount({ account: 1, user: 7 }),
    openAccount({ account: 2, user: 8 }),
    depositCash({ account: 1, amount: 10_000 }),
    depositShares({ account: 1, symbol: 0, amount: 5 }),
    depositShares({ account: 2, symbol: 2, amount: 50 }),
    at(1_000, bid),
    at(1_000, stop),
    at(1_001, offer),
    at(1_002, buy({ account: 1, symbol: 2, price: 95, quantity: 1 })),
  );
  run.beginTick();
  run.setUp(at(2_000, sell({ account: 2, symbol: 2, price: 100, quantity: 4 })));
});

const bidFields: OrderFields = {
  orderNumber: 1,
  clientOrderId: "mine",
  symbol: 2,
  side: Side.BUY,
  type: OrderType.LIMIT,
  timeInForce: TimeInForce.GTD,
  postOnly: false,
  price: 100,
  stopPrice: 0,
  expireAt: 9_000,
  quantity: 10,
  filled: 4,
  notional: 400,
  status: OrderStatus.PARTIALLY_FILLED,
  reason: 0,
  createdAt: 1_000,
  timestamp: 2_000,
  tick: 2,
  duplicate: false,
};
const stopFields: OrderFields = {
  ...bidFields,
  orderNumber: 2,
  clientOrderId: "",
  type: OrderType.STOP,
  timeInForce: TimeInForce.GTC,
  // Not the cap, which is no price of the order's.
  price: 0,
  stopPrice: 110,
  expireAt: 0,
  quantity: 5,
  filled: 0,
  notional: 0,
  status: OrderStatus.PENDING_TRIGGER,
  timestamp: 1_000,
  tick: 1,
};
const offerFields: OrderFields = {
  ...stopFields,
  orderNumber: 3,
  symbol: 0,
  side: Side.SELL,
  type: OrderType.LIMIT,
  postOnly: true,
  price: 300,
  stopPrice: 0,
  quantity: 2,
  status: OrderStatus.ACCEPTED,
  createdAt: 1_001,
  timestamp: 1_001,
};

/** The open orders of an account from one on, `most` at most, and where the walk ended. */
function walk(
  account: number,
  from: number,
  most = Infinity,
  skippedMax?: number,
): [OrderFields[], number] {
  const orders: OrderFields[] = [];
  const fields = createOrderFields();
  const onOrder = (): boolean => {
    if (orders.length === most) return false;
    orders.push({ ...fields });
    return true;
  };
  const end = view.walkOpenOrders(account, from, fields, onOrder, undefined, skippedMax);
  return [orders, end];
}

test("an open order", () => {
  const read = [1, 2, 3].map((order) => {
    const fields = createOrderFields();
    view.readOpenOrder(fields, order);
    return fields;
  });
  expect(read).toEqual([bidFields, stopFields, offerFields]);
  expect([1, 2, 5].map(view.isOpen)).toEqual([true, true, false]);
  expect([view.openOrderCount(), view.accountOfOpen(1)]).toEqual([4, 1]);
});

test("an account's open orders, newest first, page by page", () => {
  const [[newest], next] = walk(1, 0, 1);
  expect(newest?.orderNumber).toBe(4);
  expect(walk(1, next)).toEqual([[offerFields, stopFields, bidFields], 0]);
  expect(walk(2, 0)).toEqual([[], 0]);
});

test("a walk continues after an order that ended in the meantime", () => {
  const run = new CoreRun(core);
  const [[newest, stoppedAt], next] = walk(1, 0, 2);
  expect([newest?.orderNumber, stoppedAt?.orderNumber]).toEqual([4, 3]);
  run.apply(cancel({ account: 1, clientId: "mine" }));
  expect(walk(1, next)).toEqual([[stopFields], 0]);
});

test("a walk begins at the order at which the last one stopped, and skips none", () => {
  const [, next] = walk(1, 0, 2);
  expect(walk(1, next, Infinity, 0)).toEqual([[stopFields, bidFields], 0]);
});

test("a walk that reaches its limit of skipped orders continues from there", () => {
  const run = new CoreRun(core);
  const small = buy({ account: 1, symbol: 2, price: 90, quantity: 1 });
  const [before] = walk(1, 0);
  run.apply(buy({ account: 1, symbol: 2, price: 90, quantity: 1, clientId: "named" }));
  const [, next] = walk(1, 0, 0);
  for (let i = 0; i < 5; i++) run.apply(small);
  run.apply(cancel({ account: 1, clientId: "named" }));
  const told: OrderFields[][] = [];
  for (let from = next; from !== 0; ) {
    const [orders, end] = walk(1, from, Infinity, 2);
    told.push(orders);
    from = end;
  }
  expect(told).toEqual([[], [], before]);
});

test("a walk that starts at an unknown order or another account's returns only the account's own orders, each once", () => {
  for (const cursor of [1, 2 ** 21, 2 ** 40 + 3, 2 ** 53 - 1]) {
    const [orders, end] = walk(1, cursor);
    expect(end).toBe(0);
    expect(new Set(orders.map(({ orderNumber }) => orderNumber)).size).toBe(orders.length);
    expect(walk(2, cursor)).toEqual([[], 0]);
  }
});

test("client order ids, also of orders that are done", () => {
  const run = new CoreRun(core);
  const clientId = view.findClientOrderId(1, "mine")?.clientId;
  expect(view.findClientOrderId(1, "mine")).toEqual({ order: 1, clientId: 1 });
  run.apply(cancel({ account: 1, clientId: "mine" }));
  expect(view.findClientOrderId(1, "mine")).toEqual({ order: 1, clientId: clientId ?? 0 });
  const others: [number, string][] = [
    [2, "mine"],
    [1, "min"],
    [1, "mine2"],
    [1, "x".repeat(65)],
  ];
  expect(others.map(([account, text]) => view.findClientOrderId(account, text))).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("symbols and their books", () => {
  expect([view.symbolsMax, view.symbolsEnd(), view.listedSymbols()]).toEqual([4, 3, [0, 2]]);
  expect([0, 1, 2].map(view.isListed)).toEqual([true, false, true]);
  expect([0, 2].map(view.symbolText)).toEqual(["first", "third"]);
  expect([0, 2].map(view.priceIncrement)).toEqual([1, 5]);
  expect([0, 1, 2].map(view.symbolState)).toEqual([
    SymbolState.TRADING,
    SymbolState.UNLISTED,
    SymbolState.TRADING,
  ]);
  expect([0, 2].map(view.lastTrade)).toEqual([null, { price: 100, quantity: 4, timestamp: 2_000 }]);
  const out = new Float64Array(6);
  const depth = (symbol: number, side: number, most: number): number[] => [
    ...out.subarray(0, 2 * view.depth(symbol, side, out, most)),
  ];
  expect([depth(2, 0, 3), depth(2, 0, 1), depth(2, 1, 3), depth(0, 1, 3)]).toEqual([
    [100, 6, 95, 1],
    [100, 6],
    [],
    [300, 2],
  ]);
  expect([view.bestPrice(2, 0), view.bestPrice(2, 1), view.bestPrice(0, 1)]).toEqual([100, 0, 300]);
});

test("accounts", () => {
  expect([view.nextAccount(), view.isAccount(2), view.isAccount(3)]).toEqual([3, true, false]);
  expect([1, 2].map(view.userOf)).toEqual([7, 8]);
  const cash = [1, 2].map((account) => [view.cashAvailable(account), view.cashReserved(account)]);
  // 6 at 100, 1 at 95, 5 at twice 110.
  expect(cash).toEqual([
    [7_805, 1_795],
    [400, 0],
  ]);
  expect([view.cashTotal(), view.sharesTotal(0), view.sharesTotal(2)]).toEqual([10_000, 5, 50]);
  expect([1, 2].map(view.holdings)).toEqual([
    [
      { symbol: 2, available: 4, reserved: 0 },
      { symbol: 0, available: 3, reserved: 2 },
    ],
    [{ symbol: 2, available: 46, reserved: 0 }],
  ]);
});

test("the clock", () => {
  const { tick, sequence, trades, timestamp } = view;
  expect([tick(), sequence(), trades(), timestamp()]).toEqual([2, 12, 1, 2_000]);
});

test("the rules that symbols are listed with", () => {
  const run = new CoreRun(core);
  run.setUp(
    setFees({ maker: -5, taker: 25 }),
    setSymbolRules({ symbol: -1, quantityMax: 1_000, bandBps: 2_000, bandMs: 90 }),
    setProtection({
      symbol: -1,
      openOrdersMax: 3,
      notionalMax: 5_000,
      moveBps: 700,
      windowMs: 60,
      pauseMs: 70,
      auctionMs: 80,
    }),
    setSymbolState({ symbol: 2, state: "HALTED" }),
  );
  expect(view.marketRules()).toEqual({
    orderQuantityMax: 1_000,
    priceBandBps: 2_000,
    priceBandWindowMs: 90,
    orderNotionalMax: 5_000,
    openOrdersMax: 3,
    volatilityMoveBps: 700,
    volatilityWindowMs: 60,
    volatilityPauseMs: 70,
    volatilityAuctionMs: 80,
    makerFeeBps: -5,
    takerFeeBps: 25,
  });
  expect(view.symbolState(2)).toBe(SymbolState.HALTED);
});

test("a slot that is used again holds a different order", () => {
  const run = new CoreRun(core);
  run.apply(cancel({ account: 1, clientId: "mine" }));
  run.apply(buy({ account: 1, symbol: 2, price: 90, quantity: 1 }));
  const second = orderNumber(1, 1);
  expect([orderSlot(second), orderGeneration(second)]).toEqual([1, 1]);
  expect([view.isOpen(1), view.isOpen(second)]).toEqual([false, true]);
});

test("an amended order shows its new values", () => {
  const run = new CoreRun(core);
  run.apply(at(3_000, amend({ account: 1, clientId: "mine", price: 90 })));
  const fields = createOrderFields();
  view.readOpenOrder(fields, 1);
  expect(fields).toEqual({ ...bidFields, price: 90, timestamp: 3_000, tick: 1 });
});

test("the band is the one that the rules compute, and says whether it contains a multiple of the increment", () => {
  const run = new CoreRun(core);
  expect(view.bandOf(2)).toBeNull();
  // The last trade was at 100; the increment is 5.
  const around100 = { bps: 300, reference: 100, low: 97, high: 103, increment: 5 };
  expect(view.bandWith(2, 300, 0, 0)).toEqual({ ...around100, hasPrices: true });
  expect(view.bandWith(2, 300, 60_000, 0)).toEqual({ ...around100, hasPrices: true });
  expect(view.bandWith(2, 0, 60_000, 0)).toBeNull();
  expect(view.bandWith(0, 300, 60_000, 0)).toBeNull();
  for (const reference of [1, 2, 4, 5, 52, 97, 98, 99, 101, 102, 103]) {
    for (const bandBps of [1, 100, 200, 300, 10_000]) {
      const band = view.bandWith(2, bandBps, 60_000, reference);
      run.setUp(setSymbolRules({ symbol: 2, bandBps, bandMs: 60_000, reference }));
      expect(view.bandOf(2)).toEqual(band);
      expect(view.bandWith(2, bandBps, 60_000, 0)).toEqual(band);
      const { low = 0, high = 0 } = band ?? {};
      const multiples = Array.from({ length: high - low + 1 }, (_, i) => low + i).filter(
        (price) => price % 5 === 0,
      );
      expect(band?.hasPrices).toBe(multiples.length > 0);
    }
  }
});
