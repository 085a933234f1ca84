import { describe, expect, test } from "bun:test";
import { CANDLES_MIN, CandleSeries, ONE_DAY } from "../../src/records/candle-series.ts";
import { Candles, createCandle, isClosed } from "../../src/records/candles.ts";
import { createTicker, Tickers } from "../../src/records/tickers.ts";
import { buy, type Command, sell } from "../core/command-builder.ts";
import { Random } from "../core/fuzz/random.ts";
import { drawCommand, MarketRun, START, setUp, type TradeSeen, tradesOf } from "./market-run.ts";
import { INTERVALS, naiveCandles, naiveTicker } from "./naive-candles.ts";
import { contents, copyStores } from "./stores.ts";

const SYMBOLS = 3;

function open(): { run: MarketRun; candles: Candles; tickers: Tickers } {
  const run = new MarketRun();
  const candles = new Candles(run.core.view);
  return { run, candles, tickers: new Tickers(run.core.view, candles) };
}

/** Compares everything that can be asked with what all the trades say. */
function check(candles: Candles, tickers: Tickers, seen: readonly TradeSeen[], now: number): void {
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    const trades = seen.filter((trade) => trade.symbol === symbol);
    for (const interval of INTERVALS.keys()) {
      const expected = naiveCandles(trades, interval).slice(0, CANDLES_MIN[interval]);
      expect(candles.list(symbol, interval, CANDLES_MIN[interval] ?? 0)).toEqual(expected);
      const target = createCandle();
      expect(candles.readNewest(target, symbol, interval)).toBe(trades.length > 0);
      if (trades.length > 0) expect([target]).toEqual(expected.slice(0, 1));
    }
    const ticker = createTicker();
    tickers.read(ticker, symbol, now);
    expect([now, ticker]).toEqual([now, naiveTicker(trades, now)]);
  }
}

/** From nearly none to days: most ticks share a minute, some lie far apart. */
const STEPS = [0, 1, 700, 20_000, 60_000, 300_000, 4_000_000, 40_000_000, 200_000_000];

describe("candles and tickers are what the trades say", () => {
  test.each([1, 2, 3, 4, 5, 6])("on random stream %d, from stores half-way too", (seed) => {
    const random = new Random(seed);
    const { run, candles, tickers } = open();
    let restored = { candles, tickers };
    const placed: Command[] = [];
    const seen: TradeSeen[] = [];
    let now = START;
    run.tick(now, ...setUp(SYMBOLS));
    for (let tick = 0; tick < 400; tick++) {
      now += random.pick(STEPS.slice(0, random.once(8) ? 9 : 5));
      const commands = Array.from({ length: random.between(1, 8) }, () =>
        drawCommand(random, SYMBOLS, placed),
      );
      const output = run.tick(now, ...commands);
      seen.push(...tradesOf(output));
      candles.onTick(output);
      if (restored.candles !== candles) restored.candles.onTick(output);
      if (tick % 40 === 0 || tick > 395) {
        const later = now + random.pick(STEPS);
        check(candles, tickers, seen, later);
        check(restored.candles, restored.tickers, seen, later);
      }
      if (tick === 200) {
        const copy = new Candles(run.core.view);
        copyStores(candles.stores, copy.stores);
        restored = { candles: copy, tickers: new Tickers(run.core.view, copy) };
      }
    }
    expect(contents(restored.candles.stores)).toEqual(contents(candles.stores));
  });
});

/** A tick with one trade. */
function trade(run: MarketRun, candles: Candles, timestamp: number, price = 100): TradeSeen[] {
  const order = { symbol: 0, price, quantity: 1 };
  const output = run.tick(timestamp, buy({ account: 1, ...order }), sell({ account: 2, ...order }));
  candles.onTick(output);
  return tradesOf(output);
}

describe("what is kept is bounded", () => {
  test("to so many candles of each interval, and at least those promised", () => {
    const { run, candles, tickers } = open();
    run.tick(START, ...setUp(1));
    const seen: TradeSeen[] = [];
    const count = 12_000;
    for (let minute = 0; minute < count; minute++) {
      seen.push(...trade(run, candles, START + minute * 60_000, 1000 + (minute % 97)));
    }
    check(candles, tickers, seen, START + count * 60_000);
    const kept = INTERVALS.map((_, interval) => candles.list(0, interval, 1e6).length);
    expect(kept.slice(0, 2)).toEqual([1472, 2017]);
    expect(candles.stores.map((store) => store.used() * 4)).toEqual([
      // Pages of 1 KB: 46 of 1m, 64 of 5m, 26 of 801 candles of 15m, 7 of 200 of 1h, 1 of 9 days.
      (46 + 64 + 26 + 7 + 1) * 1024,
      190 * 4,
      5 * 4,
      4,
      8,
    ]);
  });

  test("to nothing for symbols that have not traded", () => {
    const { run, candles } = open();
    run.tick(START, ...setUp(SYMBOLS));
    expect(candles.stores.map((store) => store.used())).toEqual([0, 0, 0, SYMBOLS, 2]);
  });
});

describe("candles can be asked for", () => {
  test("page by page, and by their start", () => {
    const { run, candles } = open();
    run.tick(START, ...setUp(1));
    const starts = [0, 1, 2, 5, 9].map((minute) => START - (START % 60_000) + minute * 60_000);
    for (const start of starts) trade(run, candles, start);
    const startsOf = (interval: number, limit: number, before?: number) =>
      candles.list(0, interval, limit, before).map(({ start }) => start);
    expect([
      startsOf(0, 2),
      startsOf(0, 9, starts[3]),
      startsOf(0, 9, starts[0]),
      startsOf(0, 0),
    ]).toEqual([[starts[4], starts[3]], [starts[2], starts[1], starts[0]], [], []] as number[][]);
    const found = [...starts, START - 60_000, START + 6e7].map((start) => {
      const candle = createCandle();
      return candles.read(candle, 0, 0, start) && candle.start === start;
    });
    expect(found).toEqual([true, true, true, true, true, false, false]);
    const day = createCandle();
    expect(candles.read(day, 0, 4, START - (START % 86_400_000))).toBe(true);
    expect(day.trades).toBe(5);
  });

  test("and are closed when their interval has passed", () => {
    const start = 1_700_006_400_000;
    expect([isClosed(start, 1, start + 299_999), isClosed(start, 1, start + 300_000)]).toEqual([
      false,
      true,
    ]);
  });
});

test("a candle counts more trades than 31 bits hold", () => {
  const series = new CandleSeries(new MarketRun().core.view);
  const place = series.append(0, ONE_DAY, 0);
  series.addTrade(place, 100, 1);
  for (let i = 0; i < 31; i++) series.addCandle(place, place);
  const candle = createCandle();
  series.read(candle, place);
  expect(candle).toMatchObject({ trades: 2 ** 31, volume: 2 ** 31, close: 100 });
});
