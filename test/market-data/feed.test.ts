import { describe, expect, test } from "bun:test";
import { MarketDataFeed } from "../../src/market-data/feed.ts";
import type { ServedChannel } from "../../src/market-data/topics.ts";
import { ENCODINGS } from "../../src/protocol/encoding.ts";
import { decodeMessagePack } from "../../src/protocol/message-pack.ts";
import {
  amend,
  at,
  buy,
  type Command,
  cancel,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setSymbolRules,
  setSymbolState,
} from "../core/command-builder.ts";
import { CoreRun } from "../core/run.ts";

const run = new CoreRun();

const SET_UP = [
  listSymbol({ symbol: 0 }),
  listSymbol({ symbol: 3 }),
  openAccount({ account: 1 }),
  openAccount({ account: 2 }),
  depositCash({ account: 1, amount: 1e9 }),
  depositShares({ account: 2, symbol: 3, amount: 1e6 }),
];

function decode(frame: string | Uint8Array): unknown {
  return typeof frame === "string" ? JSON.parse(frame) : decodeMessagePack(frame);
}

/** A new exchange, on which `channels` of every symbol are heard in both encodings. */
function open(...channels: ServedChannel[]) {
  run.core.reset();
  const feed = new MarketDataFeed(run.core);
  const published: unknown[] = [];
  feed.connect((topic, frame) => {
    // JSON is published first, and the other encoding has to say the same.
    if (topic.endsWith("/json")) published.push(JSON.parse(frame as string));
    else expect(decode(frame)).toEqual(published.at(-1));
  });
  for (const channel of channels) {
    for (const encoding of ENCODINGS) feed.topics.count(channel, -1, encoding, 1);
  }
  let ticks = 0;
  /** Applies a tick at 1000 times its number; gives what it published. */
  const tick = (...commands: Command[]): unknown[] => {
    ticks++;
    const timestamp = ticks * 1000;
    run.beginTick();
    run.core.beginTick(ticks);
    for (const command of commands) run.apply(at(timestamp, command));
    feed.tick();
    return published.splice(0);
  };
  return { feed, tick };
}

const bid = (price: number, quantity: number, clientId?: string) =>
  buy({ account: 1, symbol: 3, price, quantity, ...(clientId !== undefined && { clientId }) });
const ask = (price: number, quantity: number) => sell({ account: 2, symbol: 3, price, quantity });
const book = (more: object) => ({
  stream: "market_data",
  data: { symbol: "SYMBOL_3", bids: [], asks: [], last_trade: null, ...more },
});
const trade = (trade_id: number, more: object) => ({
  stream: "trades",
  data: { symbol: "SYMBOL_3", trade_id, ...more },
});

describe("the book", () => {
  test("is told once a tick and symbol, best first, prices added up", () => {
    const { tick } = open("book");
    tick(...SET_UP);
    expect(tick(bid(10, 5), bid(12, 1), bid(10, 2), ask(20, 3), bid(11, 1), ask(19, 4))).toEqual([
      book({
        bids: [
          [12, 1],
          [11, 1],
          [10, 7],
        ],
        asks: [
          [19, 4],
          [20, 3],
        ],
        tick: 2,
      }),
    ]);
  });

  test("shows twenty levels, and the last trade", () => {
    const { tick } = open("book");
    tick(...SET_UP);
    const bids = Array.from({ length: 25 }, (_, i) => bid(100 + i, i + 1));
    const levels = Array.from({ length: 25 }, (_, i) => [124 - i, 25 - i]);
    expect(tick(...bids)).toEqual([book({ bids: levels.slice(0, 20), tick: 2 })]);
    const last_trade = { price: 124, quantity: 25, timestamp: 3000 };
    expect(tick(ask(124, 25))).toEqual([book({ bids: levels.slice(1, 21), last_trade, tick: 3 })]);
    expect(tick(bid(124, 25))).toEqual([book({ bids: levels.slice(0, 20), last_trade, tick: 4 })]);
  });

  test("is told when orders leave and change", () => {
    const { tick } = open("book");
    const [first, second] = [bid(10, 5), bid(11, 5)];
    tick(...SET_UP, first, second);
    const level = (price: number, quantity: number) => [price, quantity];
    expect(tick(amend({ account: 1, of: first, quantity: 2 }))).toEqual([
      book({ bids: [level(11, 5), level(10, 2)], tick: 2 }),
    ]);
    expect(tick(amend({ account: 1, of: first, price: 12 }))).toEqual([
      book({ bids: [level(12, 2), level(11, 5)], tick: 3 }),
    ]);
    expect(tick(cancel({ account: 1, of: second }))).toEqual([
      book({ bids: [level(12, 2)], tick: 4 }),
    ]);
  });

  test("is not told of what leaves it as it is", () => {
    const { tick, feed } = open("book", "bbo", "trades");
    tick(...SET_UP);
    const named = bid(10, 5, "named");
    tick(named);
    const before = feed.seq(3);
    const untouched = tick(
      named,
      bid(10, 0),
      ask(20, 1e7),
      sell({ account: 2, symbol: 3, price: 11, quantity: 1, timeInForce: "IOC" }),
      sell({ account: 2, symbol: 3, price: 11, quantity: 1, timeInForce: "FOK" }),
      cancel({ account: 2, of: named }),
      setSymbolRules({ symbol: 3, increment: 2 }),
      depositCash({ account: 1, amount: 1 }),
    );
    expect([untouched, feed.seq(3) - before, feed.seq(0)]).toEqual([[], 0, 0]);
  });

  test("counts its changes, one a tick, whether anybody hears them or not", () => {
    const { tick, feed } = open();
    tick(...SET_UP);
    tick(bid(10, 5), bid(11, 5));
    tick(ask(11, 5));
    expect([feed.seq(3), feed.seq(0)]).toEqual([2, 0]);
  });
});

test("every trade is told, in order, with its taker's side", () => {
  const { tick } = open("trades");
  tick(...SET_UP);
  tick(bid(10, 5), bid(11, 5), ask(30, 4));
  const at = { timestamp: 3000, tick: 3 };
  expect(tick(ask(10, 7), bid(30, 1))).toEqual([
    trade(1, { price: 11, quantity: 5, taker_side: "SELL", ...at }),
    trade(2, { price: 10, quantity: 2, taker_side: "SELL", ...at }),
    trade(3, { price: 30, quantity: 1, taker_side: "BUY", ...at }),
  ]);
});

describe("best bid and offer", () => {
  const bbo = (best: object, tick: number) => ({
    stream: "bbo",
    data: { symbol: "SYMBOL_3", bid: null, ask: null, ...best, tick, timestamp: tick * 1000 },
  });

  test("are told when price or quantity change, and not for what lies behind", () => {
    const { tick } = open("bbo");
    tick(...SET_UP);
    const best = bid(10, 5);
    expect(tick(best)).toEqual([bbo({ bid: [10, 5] }, 2)]);
    expect(tick(bid(9, 5))).toEqual([]);
    expect(tick(bid(10, 1))).toEqual([bbo({ bid: [10, 6] }, 4)]);
    expect(tick(ask(20, 3), ask(21, 3))).toEqual([bbo({ bid: [10, 6], ask: [20, 3] }, 5)]);
    expect(tick(ask(10, 6))).toEqual([bbo({ bid: [9, 5], ask: [20, 3] }, 6)]);
    expect(tick(ask(9, 5))).toEqual([bbo({ ask: [20, 3] }, 7)]);
    const passing = bid(15, 1);
    expect(tick(passing, cancel({ account: 1, of: passing }))).toEqual([]);
  });

  test("go on from what a newcomer was told", () => {
    const { feed, tick } = open();
    tick(...SET_UP, bid(10, 5));
    expect(decode(feed.current("bbo", 3, "json") as string)).toEqual(bbo({ bid: [10, 5] }, 1));
    for (const encoding of ENCODINGS) feed.topics.count("bbo", 3, encoding, 1);
    expect(tick(bid(9, 5))).toEqual([]);
    expect(tick(bid(11, 1))).toEqual([bbo({ bid: [11, 1] }, 3)]);
  });
});

test("a symbol's halts and resumes are told, each once", () => {
  const { tick } = open("status");
  const status = (symbol: string, state: string, at: number) => ({
    stream: "status",
    data: { event: "symbol", symbol, state, timestamp: at * 1000, tick: at },
  });
  expect(tick(...SET_UP)).toEqual([
    status("SYMBOL_0", "TRADING", 1),
    status("SYMBOL_3", "TRADING", 1),
  ]);
  const set = (state: "HALTED" | "CANCEL_ONLY" | "TRADING") => setSymbolState({ symbol: 3, state });
  expect(tick(set("HALTED"), set("HALTED"), set("CANCEL_ONLY"))).toEqual([
    status("SYMBOL_3", "HALTED", 2),
    status("SYMBOL_3", "CANCEL_ONLY", 2),
  ]);
  expect(tick(set("TRADING"))).toEqual([status("SYMBOL_3", "TRADING", 3)]);
});

describe("a newcomer", () => {
  test("is told how things stand, the same in both encodings", () => {
    const { feed, tick } = open();
    tick(...SET_UP, bid(10, 5), ask(20, 3), bid(20, 1));
    const current = (channel: ServedChannel, symbol: number) => {
      const [json, binary] = ENCODINGS.map((encoding) => feed.current(channel, symbol, encoding));
      if (json === null || binary === null) return [json, binary];
      expect(decode(binary)).toEqual(decode(json));
      return decode(json);
    };
    const last_trade = { price: 20, quantity: 1, timestamp: 1000 };
    expect(current("book", 3)).toEqual(
      book({ bids: [[10, 5]], asks: [[20, 2]], last_trade, tick: 1 }),
    );
    expect(current("book", 0)).toEqual({
      stream: "market_data",
      data: { symbol: "SYMBOL_0", bids: [], asks: [], last_trade: null, tick: 1 },
    });
    expect(current("bbo", 3)).toEqual({
      stream: "bbo",
      data: { symbol: "SYMBOL_3", bid: [10, 5], ask: [20, 2], tick: 1, timestamp: 1000 },
    });
    expect(current("status", 3)).toEqual({
      stream: "status",
      data: { event: "symbol", symbol: "SYMBOL_3", state: "TRADING", timestamp: 1000, tick: 1 },
    });
    expect(current("trades", 3)).toEqual([null, null]);
  });

  test("finds the levels and trades asked for", () => {
    const { feed, tick } = open();
    tick(...SET_UP, bid(10, 5), bid(9, 4), bid(8, 3), ask(10, 1));
    expect(feed.levels(3, 0, 2)).toEqual([
      [10, 4],
      [9, 4],
    ]);
    expect(feed.levels(3, 1, 2)).toEqual([]);
    expect(feed.lastTrade(3)).toEqual({ price: 10, quantity: 1, timestamp: 1000 });
    expect(feed.lastTrade(0)).toBeNull();
    expect(feed.trades.list(3, 5)).toEqual([
      { trade_id: 1, price: 10, quantity: 1, taker_side: 1, timestamp: 1000, tick: 1 },
    ]);
  });
});
