import { describe, expect, test } from "bun:test";
import { EVERY } from "../../../src/market-data/topics.ts";
import { CANDLE_INTERVALS } from "../../../src/protocol/names.ts";
import { ask, bid, Market, type Message, MIDNIGHT, topic } from "../market.ts";

const candle = (start: number, prices: number[], more: object) => ({
  stream: "candles",
  data: {
    symbol: "SYMBOL_0",
    interval: "1m",
    start: MIDNIGHT + start,
    open: prices[0],
    high: Math.max(...prices),
    low: Math.min(...prices),
    close: prices.at(-1),
    volume: prices.length,
    trades: prices.length,
    closed: false,
    ...more,
  },
});

const trade = (market: Market, price: number): Message[] => market.tick(bid(price), ask(price));

describe("candles", () => {
  test("the running candle is sent at most once a second, the closed one when its minute has passed", () => {
    const market = new Market();
    market.listen(topic("candles"));
    expect(trade(market, 10)).toEqual([candle(0, [10], { tick: 2 })]);
    expect([trade(market, 14), trade(market, 12)]).toEqual([[], []]);
    expect(market.pass(1000)).toEqual([candle(0, [10, 14, 12], { tick: 4 })]);
    expect(market.pass(58_900)).toEqual([]);
    expect(trade(market, 9)).toEqual([candle(0, [10, 14, 12, 9], { tick: 5 })]);
    expect(trade(market, 8)).toEqual([]);
    // The change that waited is in the closed candle.
    const closed = candle(0, [10, 14, 12, 9, 8], { tick: 6, closed: true });
    expect(market.pass(5000)).toEqual([closed]);
    expect(market.pass(300_000)).toEqual([]);
  });

  test("a trade of a later minute closes the last candle before the clock does", () => {
    const market = new Market();
    market.listen(topic("candles", 0));
    trade(market, 10);
    market.now += 60_000;
    market.monotonic += 60_000;
    expect(trade(market, 11)).toEqual([
      candle(0, [10], { tick: 3, closed: true }),
      candle(60_000, [11], { tick: 3 }),
    ]);
    expect(market.pass(60_000)).toEqual([candle(60_000, [11], { tick: 3, closed: true })]);
  });

  test("no candle is closed while a tick is in flight that may still trade in it", () => {
    const market = new Market();
    market.listen(topic("candles"));
    trade(market, 10);
    market.now += 59_900;
    const inFlight = market.run.tick(market.now, bid(11), ask(11));
    expect(market.pass(1000)).toEqual([]);
    for (const stage of [market.levelChanges, market.candles, market.broadcaster]) {
      stage.onTick(inFlight);
    }
    expect(market.pass(1000)).toEqual([
      candle(0, [10, 11], { tick: 3 }),
      candle(0, [10, 11], { tick: 3, closed: true }),
    ]);
  });

  test("each interval has its own topics", () => {
    const market = new Market();
    market.listen(...CANDLE_INTERVALS.map((_, interval) => topic("candles", EVERY, interval)));
    const each = (of: (interval: string) => object) => CANDLE_INTERVALS.map(of);
    expect(trade(market, 10)).toEqual(
      each((interval) => candle(0, [10], { interval, tick: 2 })) as unknown as Message[],
    );
    market.pass(120_000);
    expect(trade(market, 12)).toEqual(
      each((interval) =>
        interval === "1m"
          ? candle(120_000, [12], { interval, tick: 3 })
          : candle(0, [10, 12], { interval, tick: 3 }),
      ) as unknown as Message[],
    );
    const closed = market
      .pass(3_600_000)
      .map(({ data }) => [data.interval, data.close, data.closed]);
    expect(closed).toEqual([
      ["1m", 12, true],
      ["5m", 12, true],
      ["15m", 12, true],
      ["1h", 12, true],
    ]);
  });

  test("a new subscriber gets the last candle, and its close if it is still running", () => {
    const market = new Market();
    expect(market.current(topic("candles", 0))).toEqual([]);
    trade(market, 10);
    expect(market.current(topic("candles", 0))).toEqual([candle(0, [10], { tick: 2 })]);
    market.listen(topic("candles", 0));
    expect(market.pass(60_000)).toEqual([candle(0, [10], { tick: 2, closed: true })]);
    expect(market.current(topic("candles", 0), "msgpack")).toEqual([
      candle(0, [10], { tick: 2, closed: true }),
    ]);
    expect(market.current(topic("candles", 0, 1))).toEqual([
      candle(0, [10], { interval: "5m", tick: 2 }),
    ]);
  });
});
