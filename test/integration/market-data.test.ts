import { beforeAll, describe, expect, test } from "bun:test";
import { ANY_NUMBER, bare, detailed, invalid } from "./expectations.ts";
import { TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Encoding, type Members, type WireClient } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

const unknownSymbol = detailed(40003, { symbol: "SYMBOL_4095000" });

/** A reader that subscribed to `channels` of the symbol, and has the first push of each stream. */
async function subscribed(
  encoding: Encoding,
  symbol: string,
  channels: string[],
): Promise<WireClient> {
  const reader = await venue.open("/market-data", encoding);
  expect(await reader.result("subscribe", { channels, symbols: [symbol] })).toEqual({
    subscribed: channels.map((channel) => `${channel}.${symbol}`),
  });
  return reader;
}

const latest = (reader: WireClient, stream: string): Members => reader.of(stream).at(-1) ?? {};

/** Waits until the newest push of a stream has these members, and gives it. */
async function arrival(reader: WireClient, stream: string, members: Members): Promise<Members> {
  const matches = (): boolean => {
    const newest = latest(reader, stream);
    return Object.entries(members).every(([name, value]) => Bun.deepEquals(newest[name], value));
  };
  await reader.until(matches, `${stream} with ${JSON.stringify(members)}`);
  return latest(reader, stream);
}

describe.each(ENCODINGS)("market data in %s:", (encoding) => {
  test("a book subscriber gets the current book first, then its changes", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await ann.place("BUY", 98, 5);
    await ann.place("BUY", 99, 3);
    const second = await bob.place("SELL", 101, 7);
    using reader = await subscribed(encoding, symbol, ["book"]);
    await reader.until(() => reader.pushes.length > 0, "the first book");
    expect(reader.pushes).toEqual([
      {
        stream: "market_data",
        data: {
          symbol,
          bids: [
            [99, 3],
            [98, 5],
          ],
          asks: [[101, 7]],
          last_trade: null,
          tick: ANY_NUMBER,
        },
      },
    ]);
    expect(Number(latest(reader, "market_data").tick)).toBeGreaterThanOrEqual(Number(second.tick));

    const sold = await bob.place("SELL", 99, 4);
    const trade = { price: 99, quantity: 3, timestamp: sold.timestamp };
    const asks = [
      [99, 1],
      [101, 7],
    ];
    const traded = await arrival(reader, "market_data", { tick: sold.tick });
    expect(traded).toEqual({
      symbol,
      bids: [[98, 5]],
      asks,
      last_trade: trade,
      tick: sold.tick,
    });

    const cancelled = await bob.orders.result("order.cancel", { order_id: sold.order_id });
    expect(await arrival(reader, "market_data", { tick: cancelled.tick })).toEqual({
      symbol,
      bids: [[98, 5]],
      asks: [[101, 7]],
      last_trade: trade,
      tick: cancelled.tick,
    });
    const all = await ann.orders.result("order.cancel_all");
    expect(all).toEqual({ cancelled: 1 });
    await arrival(reader, "market_data", { bids: [] });
    const ticks = reader.of("market_data").map(({ tick }) => tick);
    expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => Number(a) - Number(b)));
    expect(reader.pushes).toBeArrayOfSize(4);
  });

  test("a book shows twenty levels a side, summed by price, best first", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    for (let level = 0; level < 25; level++) {
      await ann.place("BUY", 100 - level, 1 + level);
      await ann.place("BUY", 100 - level, 1);
      await bob.place("SELL", 200 + level, 2 + level);
    }
    const bids = Array.from({ length: 25 }, (_, level) => [100 - level, 2 + level]);
    const asks = Array.from({ length: 25 }, (_, level) => [200 + level, 2 + level]);
    using reader = await subscribed(encoding, symbol, ["book"]);
    await reader.until(() => reader.pushes.length > 0, "the first book");
    expect(latest(reader, "market_data")).toMatchObject({
      bids: bids.slice(0, 20),
      asks: asks.slice(0, 20),
    });
    await bob.place("SELL", 100, 2);
    const next = await arrival(reader, "market_data", { bids: bids.slice(1, 21) });
    expect(next.asks).toEqual(asks.slice(0, 20));
    await ann.place("BUY", 76, 10);
    const snapshot = await reader.result("book.snapshot", { symbol, levels: 1000 });
    expect(snapshot).toEqual({
      symbol,
      bids: [...bids.slice(1, 24), [76, 36]],
      asks,
      last_trade: { price: 100, quantity: 1, timestamp: ANY_NUMBER },
      seq: ANY_NUMBER,
      tick: ANY_NUMBER,
    });
    const few = await reader.result("book.snapshot", { symbol, levels: 2 });
    expect([few.bids, few.asks]).toEqual([bids.slice(1, 3), asks.slice(0, 2)]);
  });

  test("each trade is told, in order, and the recent ones can be asked for", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    using reader = await subscribed(encoding, symbol, ["trades"]);
    await ann.place("BUY", 98, 5);
    await ann.place("BUY", 99, 3);
    const sold = await bob.place("SELL", 98, 6);
    await bob.place("SELL", 100, 1);
    const bought = await ann.place("BUY", 105, 1);
    await reader.until(() => reader.of("trades").length >= 3, "three trades");
    const at = ({ timestamp, tick }: Members) => ({ timestamp, tick });
    const trades = [
      { price: 99, quantity: 3, taker_side: "SELL", ...at(sold) },
      { price: 98, quantity: 3, taker_side: "SELL", ...at(sold) },
      { price: 100, quantity: 1, taker_side: "BUY", ...at(bought) },
    ];
    const told = reader.of("trades");
    const first = Number(told[0]?.trade_id);
    const numbered = trades.map((trade, index) => ({ trade_id: first + index, ...trade }));
    expect(told).toEqual(numbered.map((trade) => ({ symbol, ...trade })));
    const newestFirst = numbered.toReversed();
    expect(await reader.result("trades.recent", { symbol })).toEqual({
      symbol,
      trades: newestFirst,
    });
    expect(await reader.result("trades.recent", { symbol, limit: 2 })).toEqual({
      symbol,
      trades: newestFirst.slice(0, 2),
    });
  });

  test("bbo tells the best bid and offer when they change", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    using reader = await subscribed(encoding, symbol, ["bbo"]);
    await arrival(reader, "bbo", { bid: null, ask: null });
    const bid = await ann.place("BUY", 98, 5);
    const behind = await ann.place("BUY", 97, 5);
    const offer = await bob.place("SELL", 101, 7);
    const fill = await bob.place("SELL", 98, 2);
    await arrival(reader, "bbo", { tick: fill.tick });
    const at = ({ timestamp, tick }: Members) => ({ timestamp, tick });
    const pushes = reader.of("bbo").slice(1);
    expect(pushes.filter(({ tick }) => tick !== behind.tick)).toEqual([
      { symbol, bid: [98, 5], ask: null, ...at(bid) },
      { symbol, bid: [98, 5], ask: [101, 7], ...at(offer) },
      { symbol, bid: [98, 3], ask: [101, 7], ...at(fill) },
    ]);
    expect(pushes).toBeArrayOfSize(3);
  });

  test("halts and resumes are told to status subscribers", async () => {
    const symbol = venue.symbol();
    using reader = await subscribed(encoding, symbol, ["status"]);
    using everything = await subscribed(encoding, "*", ["status"]);
    const steps: [string, string][] = [
      ["halt", "HALTED"],
      ["resume", "TRADING"],
      ["cancel-only", "CANCEL_ONLY"],
      ["resume", "TRADING"],
    ];
    for (const [order, state] of steps) {
      const before = [reader.pushes.length, everything.pushes.length];
      await venue.server.ask("POST", `/symbols/${symbol}/${order}`);
      for (const client of [reader, everything]) {
        const pushed = await arrival(client, "status", { symbol, state });
        expect(pushed).toEqual({
          event: "symbol",
          symbol,
          state,
          timestamp: ANY_NUMBER,
          tick: ANY_NUMBER,
          ...("message" in pushed ? { message: expect.any(String) } : {}),
        });
      }
      expect([reader.pushes.length, everything.pushes.length]).not.toEqual(before);
    }
  });

  test("`*` is every symbol, the current state of each first", async () => {
    using reader = await venue.open("/market-data", encoding);
    const { symbols } = await reader.result("symbols.list");
    const names = (symbols as Members[]).map(({ symbol }) => symbol);
    await reader.result("subscribe", { channels: ["book"], symbols: ["*"] });
    await reader.until(() => reader.pushes.length >= names.length, "every book");
    expect(
      reader
        .of("market_data")
        .map(({ symbol }) => symbol)
        .sort(),
    ).toEqual(names.sort());
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const placed = await pair.ann.place("BUY", 98, 5);
    const pushed = await arrival(reader, "market_data", { symbol: pair.symbol });
    expect(pushed).toEqual({
      symbol: pair.symbol,
      bids: [[98, 5]],
      asks: [],
      last_trade: null,
      tick: placed.tick,
    });
  });

  test("a symbol subscribed to twice, or also by `*`, comes once", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    using reader = await subscribed(encoding, symbol, ["book"]);
    await reader.result("subscribe", { channels: ["book"], symbols: [symbol] });
    await reader.result("subscribe", { channels: ["book"], symbols: ["*"] });
    const placed = await ann.place("BUY", 98, 5);
    const marker = await ann.place("BUY", 97, 5);
    await arrival(reader, "market_data", { symbol, tick: marker.tick });
    const copies = reader
      .of("market_data")
      .filter(({ tick, symbol: of }) => tick === placed.tick && of === symbol);
    expect(copies).toBeArrayOfSize(1);
  });

  test("who subscribes again is told again how things stand, and then what changes", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    using one = await subscribed(encoding, symbol, ["depth", "bbo"]);
    using all = await venue.open("/market-data", encoding);
    await all.result("subscribe", { channels: ["depth", "bbo"], symbols: ["*"] });
    const first = await ann.place("BUY", 98, 5);
    for (const reader of [one, all]) await arrival(reader, "bbo", { symbol, tick: first.tick });
    for (const reader of [one, all]) {
      const heard = () => reader.pushes.filter(({ data }) => data.symbol === symbol);
      const before = heard().length;
      await reader.result("subscribe", { channels: ["depth", "bbo"], symbols: [symbol] });
      await reader.until(() => heard().length === before + 2, "the present state");
      const [whole, quotes] = heard()
        .slice(before)
        .map(({ data }) => data);
      expect(whole).toMatchObject({ symbol, snapshot: true, bids: [[98, 5]], asks: [] });
      expect(quotes).toMatchObject({ symbol, bid: [98, 5], ask: null });
      const after = await ann.place("BUY", 97, 5);
      const change = await arrival(reader, "depth", { symbol, tick: after.tick });
      expect(change.first_seq).toBe(Number(whole?.last_seq) + 1);
      const { tick } = await ann.orders.result("order.cancel", { order_id: after.order_id });
      for (const each of [one, all]) await arrival(each, "depth", { symbol, tick });
    }
  });

  test("what was unsubscribed from stays away", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    using leaver = await subscribed(encoding, symbol, ["book", "bbo"]);
    using stayer = await subscribed(encoding, symbol, ["book"]);
    expect((await leaver.result("subscriptions")).subscribed).toEqual([
      `book.${symbol}`,
      `bbo.${symbol}`,
    ]);
    await leaver.until(() => leaver.pushes.length >= 2, "the first book and bbo");
    expect(await leaver.result("unsubscribe", { channels: ["book"], symbols: [symbol] })).toEqual({
      unsubscribed: [`book.${symbol}`],
    });
    expect(await leaver.result("subscriptions")).toEqual({ subscribed: [`bbo.${symbol}`] });
    const placed = await ann.place("BUY", 98, 5);
    await arrival(stayer, "market_data", { tick: placed.tick });
    await arrival(leaver, "bbo", { tick: placed.tick });
    await leaver.result("ping");
    expect(leaver.of("market_data")).toBeArrayOfSize(1);
  });

  test("one symbol's subscriber hears nothing of another", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const quiet = venue.symbol();
    using reader = await subscribed(encoding, quiet, ["book", "trades", "bbo", "status"]);
    using other = await subscribed(encoding, pair.symbol, ["book"]);
    const placed = await pair.ann.place("BUY", 98, 5);
    await arrival(other, "market_data", { tick: placed.tick });
    await reader.result("ping");
    expect(reader.pushes.filter(({ data }) => data.symbol !== quiet)).toEqual([]);
  });

  test("symbols are found by name, team and position, and described whole", async () => {
    using reader = await venue.open("/market-data", encoding);
    const all = (await reader.result("symbols.list")).symbols as Members[];
    expect(all).toBeArrayOfSize(512);
    const [one] = all;
    expect(one).toEqual({
      symbol: expect.stringMatching(/^SYMBOL_\d+$/),
      ticker: expect.stringMatching(/^[A-Z0-9]+$/),
      player_id: expect.any(String),
      player_name: expect.any(String),
      team: expect.any(String),
      position: expect.any(String),
      number: null,
      player_status: "Active",
      state: "TRADING",
      price_increment: 1,
    });
    expect(new Set(all.map(({ ticker }) => ticker)).size).toBe(512);
    const found = async (query: string) =>
      (await reader.result("symbols.list", { query })).symbols as Members[];
    const byName = await found("kansas city qb1");
    expect(byName.map(({ player_name }) => player_name)).toEqual(["Kansas City QB1"]);
    const byTeam = await found("KC");
    expect(byTeam.map(({ team }) => team)).toEqual(Array(16).fill("KC"));
    const byPosition = await found("def");
    expect(byPosition.map(({ position }) => position)).toEqual(Array(32).fill("DEF"));
    expect(await found("no such player")).toEqual([]);
  });

  test("an unknown symbol, channel or level count is refused", async () => {
    using reader = await venue.open("/market-data", encoding);
    const symbol = venue.symbol();
    const book = { channels: ["book"], symbols: ["SYMBOL_4095000"] };
    expect(await reader.refusal("subscribe", book)).toEqual(unknownSymbol);
    for (const method of ["book.snapshot", "trades.recent"]) {
      expect(await reader.refusal(method, { symbol: "SYMBOL_4095000" })).toEqual(bare(40003));
      expect((await reader.refusal(method, {})).code).toBe(40001);
    }
    for (const levels of [0, -1, 1.5, 1e9, "5"]) {
      expect(await reader.refusal("book.snapshot", { symbol, levels })).toEqual(invalid("levels"));
    }
    for (const limit of [0, -1, 1.5, 1e9, "5"]) {
      expect(await reader.refusal("trades.recent", { symbol, limit })).toEqual(invalid("limit"));
    }
    const bad: Members[] = [
      { channels: ["books"], symbols: [symbol] },
      { channels: [], symbols: "*" },
      { channels: "book", symbols: [symbol] },
      { symbols: [symbol] },
      { channels: ["book"] },
    ];
    for (const params of bad) {
      expect([params, (await reader.refusal("subscribe", params)).code]).toEqual([params, 40001]);
    }
    expect(await reader.result("subscriptions")).toEqual({ subscribed: [] });
  });

  test("a subscription with one bad symbol among good ones takes none", async () => {
    using reader = await venue.open("/market-data", encoding);
    const symbols = [venue.symbol(), "SYMBOL_4095000", venue.symbol()];
    expect(await reader.refusal("subscribe", { channels: ["book"], symbols })).toEqual(
      unknownSymbol,
    );
    expect(await reader.result("subscriptions")).toEqual({ subscribed: [] });
    expect(reader.pushes).toEqual([]);
  });
});
