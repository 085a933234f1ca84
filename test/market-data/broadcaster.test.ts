import { describe, expect, test } from "bun:test";
import { SymbolState } from "../../src/core/command.ts";
import type { SYMBOL_STATES } from "../../src/protocol/schemas/market-data.ts";
import { stateName } from "../../src/protocol/schemas/market-data.ts";
import {
  amend,
  buy,
  type Command,
  cancel,
  depositCash,
  sell,
  setSymbolRules,
} from "../core/command-builder.ts";
import { ask, bid, EVERYTHING, Market, topic } from "./market.ts";

const named = buy({ account: 1, price: 10, quantity: 5, clientId: "named" });
const stop = buy({ account: 1, type: "STOP", stopPrice: 50, quantity: 1 });
const waiting = buy({ account: 1, type: "STOP", stopPrice: 51, quantity: 1 });

const nothing: [what: string, ...commands: Command[]][] = [
  ["a stop that waits", buy({ account: 1, type: "STOP", stopPrice: 60, quantity: 1 })],
  ["a stop that is cancelled", cancel({ account: 1, of: stop })],
  ["a stop that is amended", amend({ account: 1, of: waiting, quantity: 2 })],
  ["an order that is repeated", named],
  ["an order that is refused", ask(20, 0), bid(2 ** 31 - 1, 2 ** 31 - 1)],
  ["an amendment that is refused", amend({ account: 2, of: named, quantity: 1 })],
  ["a cancel that is refused", cancel({ account: 2, of: named })],
  [
    "an order that may not rest and finds nobody",
    sell({ account: 2, price: 11, quantity: 1, timeInForce: "IOC" }),
    sell({ account: 2, price: 11, quantity: 1, timeInForce: "FOK" }),
  ],
  ["money and rules", depositCash({ account: 1, amount: 1 }), setSymbolRules({ increment: 2 })],
];

describe("no channel sends anything", () => {
  test.each(nothing)("of %s", (_what, ...commands) => {
    const market = new Market();
    market.tick(named, stop, waiting, bid(4), ask(30), bid(30));
    market.listen(...EVERYTHING.filter(({ channel }) => channel !== "heartbeat"));
    for (const topic of EVERYTHING) market.current(topic);
    // The candle of the trade above is closed, so that no minute's end follows.
    market.pass(1000);
    expect(market.tick(...commands)).toEqual([]);
    expect(market.pass(3000)).toEqual([]);
  });

  test("to nobody", () => {
    const market = new Market();
    market.listen(...EVERYTHING);
    market.leave(...EVERYTHING);
    expect(market.tick(named, ask(10))).toEqual([]);
    expect(market.pass(120_000)).toEqual([]);
  });
});

test("a tick is sent as trades, levels and figures, each once", () => {
  const market = new Market();
  market.listen(...EVERYTHING);
  market.tick(bid(10, 5));
  const pushed = market.tick(ask(10, 2), bid(9), ask(10, 1));
  expect(pushed.map(({ stream, data }) => [stream, data.tick])).toEqual([
    ["trades", 3],
    ["trades", 3],
    ["depth", 3],
    ["market_data", 3],
    ["bbo", 3],
    ["candles", 3],
    ["candles", 3],
    ["candles", 3],
    ["candles", 3],
    ["candles", 3],
  ]);
});

describe("at the end of the exchange", () => {
  /** A market of which more than a slice of trades waits, and a change of a conflated book. */
  function busy() {
    const market = new Market(1);
    for (let i = 0; i < 1000; i++) market.listen(topic("trades"));
    market.listenConflated(topic("depth"));
    market.tick(bid(20));
    market.tick(...Array.from({ length: 10 }, () => ask(30)), bid(30, 10), bid(21));
    return market;
  }
  test("all that waits is told: trades of later slices, conflated changes", async () => {
    const market = busy();
    await market.broadcaster.end();
    const pushed = market.during(() => undefined);
    const trades = pushed.filter(({ stream }) => stream === "trades");
    expect(trades.map(({ data }) => data.trade_id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const last = pushed.filter(({ stream }) => stream === "depth").at(-1);
    expect(last?.data.bids).toEqual([[21, 1]]);
  });

  test("it waits for trades only so long", async () => {
    const market = busy();
    const ended = market.broadcaster.end();
    market.skip(5000);
    await ended;
    const pushed = market.during(() => undefined);
    expect(pushed.filter(({ stream }) => stream === "trades").length).toBeLessThan(10);
  });
});

test("the wire's names of states are in the order of the core's numbers", () => {
  const states = Object.entries(SymbolState).filter(([name]) => name !== "UNLISTED");
  expect(states.map(([, state]) => stateName(state))).toEqual(
    states.map(([name]) => name) as (typeof SYMBOL_STATES)[number][],
  );
});
