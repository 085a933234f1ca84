import { describe, expect, test } from "bun:test";
import { CommandKind } from "../../src/core/command.ts";
import { checkParams, compileCheck } from "../../src/protocol/check.ts";
import { ENCODINGS } from "../../src/protocol/encoding.ts";
import { type MethodName, methods } from "../../src/protocol/schemas.ts";
import { CASH, type GatewayRig, openGateway, SHARES } from "../gateway/rig.ts";
import type { FakeSocket } from "../gateway/websocket/fake-socket.ts";

const place = (params: object = {}) => ({
  method: "order.place",
  params: { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", quantity: 1, price: 100, ...params },
});

interface OpenPage {
  orders: { order_id: string }[];
  seq: number;
  next?: number;
}

/** Asks, and holds the answer to the method's schema. */
async function ask(rig: GatewayRig, socket: FakeSocket, method: MethodName, params: object = {}) {
  expect(checkParams(method, params)).toBeNull();
  const answer = (await rig.ask(socket, { method, params })) as { result?: object; error?: object };
  if (answer.result !== undefined) {
    expect(compileCheck(methods[method].result)(answer.result)).toBeNull();
  }
  return answer;
}

describe("orders.open", () => {
  async function open(orders: number) {
    const rig = await openGateway();
    const socket = rig.connectAs(await rig.createUser());
    for (let i = 0; i < orders; i++) rig.send(socket, place({ symbol: `SYMBOL_${i % 2}` }));
    await rig.loop.drained();
    socket.take();
    const page = async (params: object): Promise<OpenPage> =>
      (await ask(rig, socket, "orders.open", params)).result as OpenPage;
    return { rig, socket, page };
  }
  const ids = ({ orders }: OpenPage) => orders.map(({ order_id }) => order_id);
  const of = (...numbers: number[]) => numbers.map((number) => `ord_${number}`);

  test("comes in pages, newest first", async () => {
    const { rig, page } = await open(5);
    await using _ = rig;
    const first = await page({ limit: 2 });
    const second = await page({ limit: 2, before: first.next });
    const third = await page({ limit: 2, before: second.next });
    expect([first, second, third].map(ids)).toEqual([of(5, 4), of(3, 2), of(1)]);
    expect([third.next, (await page({ limit: 5 })).next]).toEqual([undefined, undefined]);
    const ofOne = await page({ limit: 2, symbol: "BBETA" });
    expect(ids(ofOne)).toEqual(of(4, 2));
    // There are others before them, but none of this symbol.
    expect(ofOne.next).toBeUndefined();
    expect(first.seq).toBe(rig.streams.lastSeq(1));
  });

  test("continues after the last page, whatever has happened to its orders since", async () => {
    const { rig, socket, page } = await open(6);
    await using _ = rig;
    const first = await page({ limit: 2 });
    expect(ids(first)).toEqual(of(6, 5));
    for (const order_id of of(6, 5, 4)) {
      await rig.ask(socket, { method: "order.cancel", params: { order_id } });
    }
    await rig.ask(socket, place());
    expect(ids(await page({ before: first.next }))).toEqual(of(3, 2, 1));
    // A new place in the book is one at the front.
    await rig.ask(socket, { method: "order.amend", params: { order_id: "ord_2", quantity: 5 } });
    expect(ids(await page({ before: first.next }))).toEqual(of(3, 1));
    expect(ids(await page({ limit: 1 }))).toEqual(of(2));
  });
});

describe("symbols", () => {
  test("are listed with ticker, player and state, and found by each", async () => {
    await using rig = await openGateway();
    const socket = rig.connect("market-data");
    await rig.control.submit({ kind: CommandKind.SET_SYMBOL_STATE, symbol: 1, quantity: 3 });
    rig.players.adopt(3, "unheard-of", 1000);
    const row = {
      symbol: "SYMBOL_1",
      ticker: "BBETA",
      player_id: "player-1",
      player_name: "Ben Beta",
      team: "KC",
      position: "QB",
      number: 1,
      player_status: "Active",
      state: "HALTED",
      price_increment: 1,
    };
    expect(await ask(rig, socket, "symbols.list", { query: "beta" })).toEqual({
      result: { symbols: [row] },
    });
    const { result } = await ask(rig, socket, "symbols.list");
    const { symbols } = result as { symbols: object[] };
    expect(symbols).toHaveLength(4);
    expect(symbols[3]).toEqual({
      symbol: "SYMBOL_3",
      player_id: "unheard-of",
      player_name: "unheard-of",
      team: null,
      position: null,
      number: null,
      player_status: "Unknown",
      state: "TRADING",
      price_increment: 1,
    });
  });

  test("can be named by their ticker in every request", async () => {
    await using rig = await openGateway();
    const [a, b] = [rig.connectAs(await rig.createUser()), rig.connectAs(await rig.createUser())];
    const market = rig.connect("market-data");
    const symbol = "BBETA";
    const placed = await rig.ask(a, place({ symbol }));
    expect(placed).toMatchObject({ result: { order_id: "ord_1", symbol: "SYMBOL_1" } });
    await rig.ask(b, place({ symbol, side: "SELL" }));
    const named = { result: { symbol: "SYMBOL_1" } };
    expect(await ask(rig, market, "book.snapshot", { symbol })).toMatchObject(named);
    expect(await ask(rig, market, "trades.recent", { symbol })).toMatchObject(named);
    const interval = "1m";
    expect(await ask(rig, market, "candles.list", { symbol, interval })).toMatchObject(named);
    expect(await ask(rig, a, "orders.history", { symbol })).toMatchObject({
      result: { orders: [{ symbol: "SYMBOL_1" }] },
    });
    expect(await ask(rig, a, "account.trades", { symbol })).toMatchObject({
      result: { trades: [{ symbol: "SYMBOL_1" }] },
    });
    expect(await ask(rig, a, "orders.open", { symbol })).toMatchObject({ result: { orders: [] } });
    await rig.ask(a, place({ symbol }));
    const cancelled = { result: { cancelled: 1 } };
    const cancelAll = { method: "order.cancel_all", params: { symbol } };
    expect(await rig.ask(a, cancelAll)).toEqual(cancelled);
  });

  test("that do not exist are refused everywhere", async () => {
    await using rig = await openGateway();
    const trader = rig.connectAs(await rig.createUser());
    const market = rig.connect("market-data");
    for (const symbol of ["SYMBOL_7", "NOBODY", "SYMBOL_01", "bbeta"]) {
      const unknown = { error: { code: 40003, message: "Unknown symbol" } };
      expect(await ask(rig, market, "book.snapshot", { symbol })).toEqual(unknown);
      expect(await ask(rig, market, "trades.recent", { symbol })).toEqual(unknown);
      expect(await ask(rig, market, "candles.list", { symbol, interval: "1d" })).toEqual(unknown);
      expect(await ask(rig, trader, "orders.open", { symbol })).toEqual(unknown);
      expect(await ask(rig, trader, "orders.history", { symbol })).toEqual(unknown);
      expect(await ask(rig, trader, "account.trades", { symbol })).toEqual(unknown);
      expect(await rig.ask(trader, place({ symbol }))).toEqual(unknown);
      const cancelAll = { method: "order.cancel_all", params: { symbol } };
      expect(await rig.ask(trader, cancelAll)).toEqual(unknown);
      const cancel = { method: "order.cancel", params: { order_id: "ord_1", symbol } };
      for (const encoding of ENCODINGS) {
        expect(await rig.ask(trader, cancel, encoding)).toEqual(unknown);
      }
    }
  });
});

test("candles come newest first, in pages, and say whether they can still change", async () => {
  await using rig = await openGateway();
  const [a, b] = [rig.connectAs(await rig.createUser()), rig.connectAs(await rig.createUser())];
  const market = rig.connect("market-data");
  for (const price of [100, 101, 102]) {
    await rig.ask(a, place({ price }));
    await rig.ask(b, place({ side: "SELL", price, quantity: 1 }));
    rig.clock.now += 60_000;
  }
  rig.clock.now -= 60_000;
  const symbol = "SYMBOL_1";
  const candle = (minute: number, price: number, closed: boolean) => ({
    start: minute * 60_000,
    ...{ open: price, high: price, low: price, close: price },
    volume: 1,
    trades: 1,
    closed,
  });
  const params = { symbol, interval: "1m", limit: 2 };
  expect(await ask(rig, market, "candles.list", params)).toEqual({
    result: {
      symbol,
      interval: "1m",
      candles: [candle(2, 102, false), candle(1, 101, true)],
      next: 60_000,
    },
  });
  expect(await ask(rig, market, "candles.list", { ...params, before: 60_000 })).toEqual({
    result: { symbol, interval: "1m", candles: [candle(0, 100, true)] },
  });
  // A closed one does not open again when the clock is set back.
  rig.clock.now -= 120_000;
  expect(await ask(rig, market, "candles.list", params)).toMatchObject({
    result: { candles: [{ closed: false }, { closed: true }] },
  });
});

test("cash and positions have the sequence number of the account's last event", async () => {
  await using rig = await openGateway();
  const socket = rig.connectAs(await rig.createUser(), "user-data");
  const holding = (total: number) => ({ available: total, reserved: 0, total });
  expect(await ask(rig, socket, "account.balances")).toEqual({
    result: { account_id: "acc_1", cash: holding(CASH), seq: 5 },
  });
  const positions = [3, 2, 1, 0].map((n) => ({ symbol: `SYMBOL_${n}`, ...holding(SHARES) }));
  expect(await ask(rig, socket, "account.positions")).toEqual({
    result: { account_id: "acc_1", positions, seq: 5 },
  });
});

test("records can still be queried when the core is ahead of a journal that failed", async () => {
  await using rig = await openGateway();
  const [a, b] = [rig.connectAs(await rig.createUser()), rig.connectAs(await rig.createUser())];
  const market = rig.connect("market-data");
  await rig.ask(a, place());
  await rig.ask(b, place({ side: "SELL" }));
  rig.journal.isHolding = true;
  rig.send(a, place());
  await rig.inFlight();
  rig.disk.flushFault = new Error("EIO");
  rig.journal.letGo();
  const failed = { error: { code: 50700, message: "Storage failed" } };
  for (const method of ["account.balances", "account.positions", "orders.open"] as const) {
    expect(await ask(rig, a, method)).toEqual(failed);
  }
  const symbol = "SYMBOL_1";
  expect(await ask(rig, market, "book.snapshot", { symbol })).toEqual(failed);
  const one = { result: { trades: [{ trade_id: 1 }] } };
  expect(await ask(rig, market, "trades.recent", { symbol })).toMatchObject(one);
  expect(await ask(rig, a, "account.trades")).toMatchObject(one);
  expect(await ask(rig, a, "orders.history")).toMatchObject({
    result: { orders: [{ order_id: "ord_1", status: "FILLED" }] },
  });
});
