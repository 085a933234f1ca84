import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FakeTime, skipsWithoutFakeTime } from "../host/fake-time.ts";
import { ANY_NUMBER, bare, invalid } from "./expectations.ts";
import { SeededRandom } from "./load-generator.ts";
import { RandomOrders } from "./random-orders.ts";
import { candlesOf, INTERVALS, tickerOf } from "./trade-figures.ts";
import { TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Encoding, type Members, type WireClient } from "./wire-client.ts";

const SEED = Number(Bun.env.WAIVER_CANDLES_SEED ?? Date.now() & 0x7fff_ffff);
const REQUESTS = 1_000;
const IN_FLIGHT = 16;

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

/** A reader of trades, bbo, tickers and the candles of every interval. */
async function watch(encoding: Encoding, symbol: string, at = venue): Promise<WireClient> {
  const reader = await at.open("/market-data", encoding);
  const symbols = [symbol];
  await reader.result("subscribe", { channels: ["trades", "bbo", "ticker"], symbols });
  for (const interval of Object.keys(INTERVALS)) {
    await reader.result("subscribe", { channels: ["candles"], symbols, interval });
  }
  return reader;
}

/** Of each stream, what came up to a push's tick; one connection tells a tick's trades and quotes first. */
function until(reader: WireClient, stream: string, { tick }: Members): Members[] {
  return reader.of(stream).filter((data) => Number(data.tick) <= Number(tick));
}

/** Every candle that was pushed is what the trades up to its tick come to. */
function expectCandles(reader: WireClient, symbol: string): void {
  for (const push of reader.of("candles")) {
    const { interval, start, closed } = push;
    const trades = until(reader, "trades", push);
    const candle = candlesOf(trades, String(interval)).find((each) => each.start === start);
    expect(push).toEqual({ symbol, interval, ...candle, closed, tick: push.tick });
  }
}

function expectTickers(reader: WireClient, symbol: string): void {
  for (const push of reader.of("ticker")) {
    const { bid, ask } = until(reader, "bbo", push).at(-1) ?? { bid: null, ask: null };
    const { timestamp, tick } = push;
    const figures = tickerOf(until(reader, "trades", push));
    expect(push).toEqual({ symbol, ...figures, bid, ask, timestamp, tick });
  }
}

/** What `candles.list` says of every interval, without `closed`, which only the time decides. */
async function listed(reader: WireClient, symbol: string): Promise<Record<string, Members[]>> {
  const all: Record<string, Members[]> = {};
  for (const [interval, length] of Object.entries(INTERVALS)) {
    const asked = { symbol, interval, limit: 1000 };
    const answer = await reader.result("candles.list", asked);
    const candles = answer.candles as Members[];
    expect(answer).toEqual({ symbol, interval, candles });
    const now = Number((await reader.result("time")).timestamp);
    all[interval] = candles.map(({ closed, ...candle }) => {
      const end = Number(candle.start) + length;
      // Nothing is closed before its time; one may close between the two answers.
      if (closed === true) expect(end).toBeLessThanOrEqual(now);
      return candle;
    });
  }
  return all;
}

/** The ticker that a subscriber gets first, without what is of the moment. */
async function currentTicker(encoding: Encoding, symbol: string): Promise<Members> {
  using reader = await venue.open("/market-data", encoding);
  await reader.result("subscribe", { channels: ["ticker"], symbols: [symbol] });
  await reader.until(() => reader.pushes.length === 1, "the ticker");
  const { timestamp, tick, ...figures } = reader.of("ticker")[0] ?? {};
  return figures;
}

test(`candles and tickers are what the trades come to, also after a restart (WAIVER_CANDLES_SEED=${SEED})`, async () => {
  const symbol = venue.symbol();
  const random = new SeededRandom(SEED);
  using text = await watch("json", symbol);
  using bytes = await watch("msgpack", symbol);
  for (let round = 0; round < 2; round++) {
    using ann = await RandomOrders.open(venue, [symbol], "json", random);
    using bob = await RandomOrders.open(venue, [symbol], "msgpack", random);
    await Promise.all([ann, bob].map((user) => user.run(REQUESTS, IN_FLIGHT)));
  }
  const expected = await Promise.all([text, bytes].map((reader) => allTold(reader, symbol)));
  expect(expected[1]).toEqual(expected[0] as Told);
  for (const end of ["kill", "stop", "kill"] as const) {
    await venue.server[end]();
    await venue.restart();
    for (const encoding of ENCODINGS) {
      using again = await venue.open("/market-data", encoding);
      const told = {
        candles: await listed(again, symbol),
        ticker: await currentTicker(encoding, symbol),
      };
      expect([end, encoding, told]).toEqual([end, encoding, expected[0]]);
    }
  }
});

interface Told {
  readonly candles: Record<string, Members[]>;
  readonly ticker: Members;
}

/** Waits until the reader has heard of all that was traded, and holds it to the trades that it heard of. */
async function allTold(reader: WireClient, symbol: string): Promise<Told> {
  using asker = await venue.open("/market-data", reader.encoding);
  const book = await asker.result("book.snapshot", { symbol, levels: 1 });
  const recent = (await asker.result("trades.recent", { symbol, limit: 1 })).trades as Members[];
  const lastTrade = recent[0]?.trade_id;
  const trades = () => reader.of("trades");
  await reader.until(() => trades().at(-1)?.trade_id === lastTrade, "the last trade");
  // What waits for its second is told at the latest then.
  const figures = tickerOf(trades());
  const last = (stream: string) => reader.of(stream).at(-1) ?? {};
  const bid = (book.bids as unknown[])[0] ?? null;
  const ask = (book.asks as unknown[])[0] ?? null;
  const isTold = (): boolean => {
    const { timestamp, tick, ...told } = last("ticker");
    return Bun.deepEquals(told, { symbol, ...figures, bid, ask });
  };
  await reader.until(isTold, "the last ticker");
  for (const interval of Object.keys(INTERVALS)) {
    const [newest] = candlesOf(trades(), interval);
    const push = () => reader.of("candles").findLast((data) => data.interval === interval) ?? {};
    const isLast = () => push().volume === newest?.volume && push().start === newest?.start;
    await reader.until(isLast, `the last candle of ${interval}`);
  }
  expect(trades().length).toBeGreaterThan(100);
  expectCandles(reader, symbol);
  expectTickers(reader, symbol);

  const candles = Object.fromEntries(
    Object.keys(INTERVALS).map((interval) => [interval, candlesOf(trades(), interval)]),
  );
  expect(await listed(asker, symbol)).toEqual(candles);
  const ticker = await currentTicker(reader.encoding, symbol);
  expect(ticker).toEqual({ symbol, ...figures, bid, ask });
  return { candles, ticker };
}

describe.each(ENCODINGS)("candles and tickers in %s", (encoding) => {
  test("are told at most once a second, however much is traded", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    using reader = await watch(encoding, symbol);
    const begin = performance.now();
    for (let n = 0; n < 50; n++) {
      await ann.place("BUY", 100 + (n % 5), 1);
      await bob.place("SELL", 100, 1);
    }
    await reader.until(() => reader.of("ticker").at(-1)?.volume === 50, "the last ticker");
    const minute = () => reader.of("candles").filter(({ interval }) => interval === "1m");
    await reader.until(() => minute().at(-1)?.close === 104, "the last candle");
    const seconds = (performance.now() - begin) / 1000;
    // The first at once and the one that was there before; a minute's end adds two candles.
    expect(reader.of("ticker").length).toBeLessThanOrEqual(seconds + 2);
    expect(minute().length).toBeLessThanOrEqual(seconds + 4);
    expectCandles(reader, symbol);
    expectTickers(reader, symbol);
  });

  test("candles.list gives pages, and refuses bad parameters", async () => {
    using reader = await venue.open("/market-data", encoding);
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    const list = { symbol, interval: "1m" };
    expect(await reader.result("candles.list", list)).toEqual({ ...list, candles: [] });
    await ann.place("BUY", 100, 2);
    const sold = await bob.place("SELL", 100, 1);
    const candle = {
      start: Number(sold.timestamp) - (Number(sold.timestamp) % 60_000),
      ...{ open: 100, high: 100, low: 100, close: 100, volume: 1, trades: 1 },
      closed: expect.any(Boolean),
    };
    const { start } = candle;
    const page = async (params: Members) =>
      (await reader.result("candles.list", { ...list, ...params })).candles;
    expect(await page({ limit: 1 })).toEqual([candle]);
    expect(await page({ before: start + 1 })).toEqual([candle]);
    expect(await page({ before: start })).toEqual([]);
    const refused = (params: Members) => reader.refusal("candles.list", { ...list, ...params });
    expect(await refused({ interval: "2m" })).toEqual(invalid("interval"));
    expect(await refused({ limit: 0 })).toEqual(invalid("limit"));
    expect(await refused({ symbol: "SYMBOL_4095000" })).toEqual(bare(40003));
  });
});

const closedAlone = "a closed candle is told when its minute ends, in both encodings";
test.skipIf(skipsWithoutFakeTime())(closedAlone, async () => {
  const time = new FakeTime();
  await using own = await Venue.open({ env: time.env });
  using pair = await TwoTraders.meet(own, "json", "msgpack");
  const { symbol, ann, bob } = pair;
  using text = await watch("json", symbol, own);
  using bytes = await watch("msgpack", symbol, own);
  await ann.place("BUY", 100, 2);
  const { tick } = await bob.place("SELL", 100, 2);
  const closed = (reader: WireClient) =>
    reader.of("candles").filter((data) => data.interval === "1m" && data.closed === true);
  const [trade] = (await text.result("trades.recent", { symbol })).trades as [Members];
  const [candle] = candlesOf([trade], "1m");
  // Nothing trades any more: the clock alone ends the minute.
  time.set(Math.ceil((Number(candle?.start) + 60_000 - Date.now()) / 1000));
  for (const reader of [text, bytes]) {
    await reader.until(() => closed(reader).length > 0, "the closed candle");
    expect(closed(reader)).toEqual([
      { symbol, interval: "1m", ...candle, closed: true, tick: ANY_NUMBER },
    ]);
    expect(Number(closed(reader)[0]?.tick)).toBeGreaterThanOrEqual(Number(tick));
  }
  const list = await text.result("candles.list", { symbol, interval: "1m" });
  expect(list.candles).toEqual([{ ...candle, closed: true }]);
});
