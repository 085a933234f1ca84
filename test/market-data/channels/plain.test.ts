import { describe, expect, test } from "bun:test";
import { TradesChannel } from "../../../src/market-data/channels/trades.ts";
import { EVERY, type Frame } from "../../../src/market-data/topics.ts";
import { cancel, setSymbolState } from "../../core/command-builder.ts";
import { MarketRun, setUp } from "../../records/market-run.ts";
import { ask, bid, Market, MIDNIGHT, topic } from "../market.ts";

test("trades: every one in order, with its taker's side; a new subscriber gets none of the past", () => {
  const market = new Market();
  market.listen(topic("trades"));
  const trade = (trade_id: number, more: object) => ({
    stream: "trades",
    data: { symbol: "SYMBOL_0", trade_id, ...more, timestamp: MIDNIGHT, tick: 3 },
  });
  expect(market.tick(bid(10, 5), bid(11, 5), ask(30, 4))).toEqual([]);
  expect(market.tick(ask(10, 7), bid(30, 1))).toEqual([
    trade(1, { price: 11, quantity: 5, taker_side: "SELL" }),
    trade(2, { price: 10, quantity: 2, taker_side: "SELL" }),
    trade(3, { price: 30, quantity: 1, taker_side: "BUY" }),
  ]);
  expect(market.current(topic("trades", 0))).toEqual([]);
  market.leave(topic("trades"));
  market.listen(topic("trades", 1));
  expect(market.tick(bid(30, 1))).toEqual([]);
});

describe("trades of a tick with very many", () => {
  /** One order of so many shares takes as many offers of one; gives the ids of the trades as they go out. */
  function sweep(channel: TradesChannel, run: MarketRun, trades: number): void {
    const offers = Array.from({ length: trades }, () => ask(30));
    channel.onTick(run.tick(MIDNIGHT, ...offers, bid(30, trades)));
  }

  test("go out in slices, all of them and in order", async () => {
    const run = new MarketRun();
    run.tick(MIDNIGHT, ...setUp(1));
    const ids: number[] = [];
    const channel = new TradesChannel(run.core.view, (_, frame) => {
      ids.push(JSON.parse(frame as string).data.trade_id);
    });
    for (let subscriber = 0; subscriber < 1023; subscriber++) channel.topics().join(0, "json");
    sweep(channel, run, 10);
    expect(ids).toEqual([1, 2, 3, 4]);
    sweep(channel, run, 2);
    expect(ids.length).toBe(4);
    while (ids.length < 12) await new Promise(setImmediate);
    expect(ids).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    sweep(channel, run, 1);
    expect(ids.at(-1)).toBe(13);
  });

  test("are sent in order when their buffer starts again, and the limit can be reached repeatedly", async () => {
    const run = new MarketRun();
    run.tick(MIDNIGHT, ...setUp(1));
    const ids: number[] = [];
    const channel = new TradesChannel(
      run.core.view,
      (_, frame) => void ids.push(JSON.parse(frame as string).data.trade_id ?? 0),
      6,
    );
    for (let subscriber = 0; subscriber < 1023; subscriber++) channel.topics().join(0, "json");
    sweep(channel, run, 6);
    sweep(channel, run, 4);
    sweep(channel, run, 1);
    // 0 stands for the status that says that a trade was left out.
    expect(ids).toEqual([1, 2, 3, 4, 0]);
    while (ids.length < 11) await new Promise(setImmediate);
    expect(ids.slice(5)).toEqual([5, 6, 7, 8, 9, 10]);
    sweep(channel, run, 2);
    expect(ids.slice(11)).toEqual([12, 13]);
  });

  test("are left out above a limit, and a status message says so first", () => {
    const run = new MarketRun();
    run.tick(MIDNIGHT, ...setUp(1));
    const messages: unknown[] = [];
    const publish = (_: string, frame: Frame) => void messages.push(JSON.parse(frame as string));
    const channel = new TradesChannel(run.core.view, publish, 2);
    channel.topics().join(EVERY, "json");
    sweep(channel, run, 3);
    const data = {
      event: "resync",
      symbol: "SYMBOL_0",
      message: "Trades of this symbol were left out: their trade_ids are missing in what follows",
      timestamp: MIDNIGHT,
      tick: 2,
    };
    expect(messages).toEqual([
      { stream: "status", data },
      ...[1, 2].map((trade_id) => ({
        stream: "trades",
        data: expect.objectContaining({ trade_id, price: 30, quantity: 1 }),
      })),
    ]);
  });
});

describe("bbo", () => {
  const bbo = (best: object, tick: number) => ({
    stream: "bbo",
    data: { symbol: "SYMBOL_0", bid: null, ask: null, ...best, tick, timestamp: MIDNIGHT },
  });

  test("is sent when price or quantity change, and not for deeper levels", () => {
    const market = new Market();
    market.listen(topic("bbo"));
    expect(market.tick(bid(10, 5))).toEqual([bbo({ bid: [10, 5] }, 2)]);
    expect(market.tick(bid(9, 5))).toEqual([]);
    expect(market.tick(bid(10, 1))).toEqual([bbo({ bid: [10, 6] }, 4)]);
    expect(market.tick(ask(20, 3), ask(21, 3))).toEqual([bbo({ bid: [10, 6], ask: [20, 3] }, 5)]);
    expect(market.tick(ask(10, 6))).toEqual([bbo({ bid: [9, 5], ask: [20, 3] }, 6)]);
    expect(market.tick(ask(9, 5))).toEqual([bbo({ ask: [20, 3] }, 7)]);
    const passing = bid(15);
    expect(market.tick(passing, cancel({ account: 1, of: passing }))).toEqual([]);
  });

  test("continues from what a new subscriber received", () => {
    const market = new Market();
    market.tick(bid(10, 5));
    expect(market.current(topic("bbo", 0))).toEqual([bbo({ bid: [10, 5] }, 2)]);
    expect(market.current(topic("bbo", 0), "msgpack")).toEqual([bbo({ bid: [10, 5] }, 2)]);
    market.listen(topic("bbo", 0));
    expect(market.tick(bid(9, 5))).toEqual([]);
    expect(market.tick(bid(11, 1))).toEqual([bbo({ bid: [11, 1] }, 4)]);
  });
});

test("status: halts and resumes once each, and the current state for a new subscriber", () => {
  const market = new Market();
  market.listen(topic("status"));
  const status = (state: string, tick: number, symbol = "SYMBOL_0") => ({
    stream: "status",
    data: { event: "symbol", symbol, state, timestamp: MIDNIGHT, tick },
  });
  const set = (state: "HALTED" | "CANCEL_ONLY" | "TRADING") => setSymbolState({ symbol: 0, state });
  expect(market.tick(set("HALTED"), set("HALTED"), set("CANCEL_ONLY"))).toEqual([
    status("HALTED", 2),
    status("CANCEL_ONLY", 2),
  ]);
  expect(market.tick(set("TRADING"))).toEqual([status("TRADING", 3)]);
  expect([market.current(topic("status", 0)), market.current(topic("status", 3))]).toEqual([
    [status("TRADING", 3)],
    [],
  ]);
  expect(market.current(topic("status"), "msgpack")).toEqual([
    status("TRADING", 3),
    status("TRADING", 3, "SYMBOL_1"),
    status("TRADING", 3, "SYMBOL_2"),
  ]);
});

test("heartbeat: every second while it has subscribers, with the last durable tick", () => {
  const market = new Market();
  const sequence = market.run.tick(market.now, bid(9)).sequence;
  market.listen(topic("heartbeat"));
  const beat = (passed: number, tick: number, last: number) => ({
    stream: "heartbeat",
    data: { timestamp: MIDNIGHT + passed, tick, sequence: last },
  });
  // Tick 2 is in flight: nobody has been told of it.
  expect(market.pass(1500)).toEqual([beat(100, 1, sequence - 1), beat(1100, 1, sequence - 1)]);
  market.tick(bid(10), bid(11));
  expect(market.pass(1000)).toEqual([beat(2100, 3, sequence + 2)]);
  // The clock of the beats is not the one on the wall.
  market.now -= 60_000;
  expect(market.pass(1000)).toEqual([beat(3100 - 60_000, 3, sequence + 2)]);
  market.leave(topic("heartbeat"));
  expect([market.pass(5000), market.current(topic("heartbeat"))]).toEqual([[], []]);
});
