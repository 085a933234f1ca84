import { expect, test } from "bun:test";
import { cancel } from "../../core/command-builder.ts";
import { ask, bid, Market, MIDNIGHT, topic } from "../market.ts";

const DAY = 24 * 3_600_000;

const ticker = (passed: number, more: object) => ({
  stream: "ticker",
  data: {
    symbol: "SYMBOL_0",
    open: null,
    high: null,
    low: null,
    last: null,
    volume: 0,
    change: 0,
    bid: null,
    ask: null,
    timestamp: MIDNIGHT + passed,
    ...more,
  },
});

const traded = { open: 10, high: 12, low: 9, last: 9, volume: 6, change: -1 };

test("at once, then at most once a second, and only when it changed", () => {
  const market = new Market();
  market.listen(topic("ticker"));
  expect(market.tick(bid(10, 1), bid(12, 2), bid(9, 9))).toEqual([
    ticker(0, { bid: [12, 2], tick: 2 }),
  ]);
  expect(market.pass(300)).toEqual([]);
  expect(market.tick(ask(12, 2))).toEqual([]);
  expect(market.tick(ask(9, 4))).toEqual([]);
  // Trades at 12, 10 and 9: the first price was 12.
  const window = { ...traded, open: 12, change: -3, bid: [9, 6] };
  expect(market.pass(600)).toEqual([]);
  expect(market.pass(100)).toEqual([ticker(1000, { ...window, tick: 4 })]);
  const passing = bid(11);
  market.tick(passing);
  market.tick(cancel({ account: 1, of: passing }));
  expect(market.pass(20_000)).toEqual([]);
  expect(market.tick(bid(9, 1))).toEqual([ticker(21_000, { ...window, bid: [9, 7], tick: 7 })]);
});

test("when a trade leaves the window because time passes", () => {
  const market = new Market();
  market.tick(bid(10), ask(10));
  market.pass(60_000);
  market.tick(bid(12, 2), ask(12, 2));
  market.current(topic("ticker", 0));
  market.listen(topic("ticker", 0));
  const window = { open: 10, last: 12, tick: 3 };
  // From here on the buckets that fall out are the first and the second of the day.
  market.skip(DAY - 60_200);
  expect(market.pass(100)).toEqual([]);
  expect(market.pass(100)).toEqual([
    ticker(DAY, { ...window, high: 12, low: 10, volume: 2, change: 2 }),
  ]);
  expect(market.pass(59_900)).toEqual([]);
  const still = { ...window, open: 12, high: 12, low: 12 };
  expect(market.pass(100)).toEqual([ticker(DAY + 60_000, still)]);
  expect(market.pass(600_000)).toEqual([]);
});

test("a new subscriber gets the current ticker, and the next push only after a change", () => {
  const market = new Market();
  expect(market.current(topic("ticker", 0))).toEqual([ticker(0, { tick: 1 })]);
  market.tick(bid(12, 2), bid(10, 1), bid(9, 9), ask(9, 6));
  const window = {
    open: 12,
    high: 12,
    low: 9,
    last: 9,
    volume: 6,
    change: -3,
    bid: [9, 6],
    tick: 2,
  };
  expect(market.current(topic("ticker", 0), "msgpack")).toEqual([ticker(0, window)]);
  expect(market.broadcaster.ticker(0)).toEqual(
    ticker(0, window).data as unknown as ReturnType<typeof market.broadcaster.ticker>,
  );
  market.listen(topic("ticker", 0));
  market.tick(bid(8));
  expect(market.pass(120_000)).toEqual([]);
});
