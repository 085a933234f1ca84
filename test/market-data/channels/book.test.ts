import { expect, test } from "bun:test";
import { amend, cancel } from "../../core/command-builder.ts";
import { ask, bid, Market, MIDNIGHT, topic } from "../market.ts";

const book = (more: object) => ({
  stream: "market_data",
  data: { symbol: "SYMBOL_0", bids: [], asks: [], last_trade: null, ...more },
});

function open(): Market {
  const market = new Market();
  market.listen(topic("book"));
  return market;
}

test("once for each tick and symbol, best price first, with the total at each price", () => {
  const market = open();
  const commands = [bid(10, 5), bid(12, 1), bid(10, 2), ask(20, 3), bid(11, 1), ask(19, 4)];
  const bids = [
    [12, 1],
    [11, 1],
    [10, 7],
  ];
  const asks = [
    [19, 4],
    [20, 3],
  ];
  expect(market.tick(...commands)).toEqual([book({ bids, asks, tick: 2 })]);
  expect(market.tick(bid(1, 1, 1), bid(2, 2, 2))).toEqual([
    book({ symbol: "SYMBOL_1", bids: [[1, 1]], tick: 3 }),
    book({ symbol: "SYMBOL_2", bids: [[2, 2]], tick: 3 }),
  ]);
});

test("with twenty levels and the last trade, and not if only deeper levels changed", () => {
  const market = open();
  const levels = Array.from({ length: 25 }, (_, i) => [124 - i, 25 - i]);
  const bids = Array.from({ length: 25 }, (_, i) => bid(100 + i, i + 1));
  expect(market.tick(...bids)).toEqual([book({ bids: levels.slice(0, 20), tick: 2 })]);
  const last_trade = { price: 124, quantity: 25, timestamp: MIDNIGHT };
  expect(market.tick(ask(124, 25))).toEqual([
    book({ bids: levels.slice(1, 21), last_trade, tick: 3 }),
  ]);
  expect(market.tick(bid(101, 1))).toEqual([]);
});

test("when orders leave and change, and when a trade leaves the levels as they were", () => {
  const market = open();
  const [first, second] = [bid(10, 5), bid(11, 5)];
  market.tick(first, second);
  expect(market.tick(amend({ account: 1, of: first, price: 12 }))).toEqual([
    book({
      bids: [
        [12, 5],
        [11, 5],
      ],
      tick: 3,
    }),
  ]);
  expect(market.tick(cancel({ account: 1, of: first }))).toEqual([
    book({ bids: [[11, 5]], tick: 4 }),
  ]);
  const last_trade = { price: 11, quantity: 2, timestamp: MIDNIGHT };
  expect(market.tick(ask(11, 2), bid(11, 2))).toEqual([
    book({ bids: [[11, 5]], last_trade, tick: 5 }),
  ]);
});

test("not for an order that came and left in one tick", () => {
  const market = open();
  market.tick(bid(10, 5));
  const passing = bid(11, 1);
  expect(market.tick(passing, cancel({ account: 1, of: passing }))).toEqual([]);
});

test("a new subscriber gets the book, and then later changes", () => {
  const market = new Market();
  const first = bid(10, 5);
  market.tick(first);
  market.listen(topic("book", 0));
  market.leave(topic("book", 0));
  market.tick(bid(11, 5));
  const bids = [
    [11, 5],
    [10, 5],
  ];
  expect(market.current(topic("book", 0))).toEqual([book({ bids, tick: 3 })]);
  expect(market.current(topic("book", 0), "msgpack")).toEqual([book({ bids, tick: 3 })]);
  market.listen(topic("book", 0));
  const second = bid(12, 1);
  expect(market.tick(second, cancel({ account: 1, of: second }))).toEqual([]);
  expect(market.tick(cancel({ account: 1, of: first }))).toEqual([
    book({ bids: [[11, 5]], tick: 5 }),
  ]);
});
