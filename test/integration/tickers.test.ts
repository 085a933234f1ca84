import { beforeAll, describe, expect, test } from "bun:test";
import { bare } from "./expectations.ts";
import { type Key, Venue } from "./venue.ts";
import { ENCODINGS, type Encoding, type Members } from "./wire-client.ts";

/** A ticker stands wherever a request names a symbol; answers say `SYMBOL_<n>`. */

const TICKER = "KCQB1";
const UNKNOWN = "NOBODY7";

let venue: Venue;
let symbol: string;
beforeAll(async () => {
  venue = await Venue.warm();
  using reader = await venue.open("/market-data");
  const { symbols } = await reader.result("symbols.list");
  const rows = symbols as Members[];
  symbol = String(rows.find(({ ticker }) => ticker === TICKER)?.symbol);
});

const connect = (encoding: Encoding, key: Key) => venue.connect("/orders", encoding, key);

describe.each(ENCODINGS)("a ticker in %s", (encoding) => {
  test("is the player's, who is found by it", async () => {
    using reader = await venue.open("/market-data", encoding);
    const { symbols } = await reader.result("symbols.list", { query: TICKER });
    expect(symbols).toEqual([
      {
        ...{ symbol, ticker: TICKER, player_id: "KC-QB1", player_name: "Kansas City QB1" },
        ...{ team: "KC", position: "QB", number: null, player_status: "Active" },
        ...{ state: "TRADING", price_increment: 1 },
      },
    ]);
  });

  test("names the symbol of orders", async () => {
    const user = await venue.user({ cash: 100_000 });
    using orders = await connect(encoding, user);
    const limit = { symbol: TICKER, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
    const ask = (method: string, params: Members = {}) => orders.result(method, params);
    const placed = await ask("order.place", { ...limit, client_order_id: "a" });
    expect(placed).toMatchObject({ symbol, status: "ACCEPTED" });
    // The same order, whatever it calls its symbol.
    expect(await ask("order.place", { ...limit, symbol, client_order_id: "a" })).toMatchObject({
      order_id: placed.order_id,
      duplicate: true,
    });
    const { results } = await ask("order.batch", {
      orders: [
        limit,
        { ...limit, symbol: UNKNOWN },
        { ...limit, type: "STOP", price: null, stop_price: 20 },
      ],
    });
    expect(results).toMatchObject([
      { result: { symbol, status: "ACCEPTED" } },
      { error: bare(40003) },
      { result: { symbol, status: "PENDING_TRIGGER" } },
    ]);
    const other = venue.symbol();
    await ask("order.place", { ...limit, symbol: other });
    const open = async (filter: Members) => (await ask("orders.open", filter)).orders as Members[];
    expect(await open({})).toBeArrayOfSize(4);
    expect(await open({ symbol: TICKER })).toEqual(await open({ symbol }));
    expect(await open({ symbol: TICKER })).toBeArrayOfSize(3);
    const wrong = { client_order_id: "a", symbol: other };
    expect(await orders.refusal("order.cancel", wrong)).toEqual(bare(40004));
    expect(await ask("order.cancel", { client_order_id: "a", symbol: TICKER })).toMatchObject({
      ...{ order_id: placed.order_id, symbol, status: "CANCELLED" },
    });
    expect(await ask("order.cancel_all", { symbol: TICKER })).toEqual({ cancelled: 2 });
    expect(await open({})).toMatchObject([{ symbol: other }]);
    const history = (await ask("orders.history", { symbol: TICKER })).orders as Members[];
    expect(history).toBeArrayOfSize(3);
    expect(history).toEqual((await ask("orders.history", { symbol })).orders as Members[]);
    await ask("order.cancel_all");
  });

  test("names the symbol of fills and market data", async () => {
    const seller = await venue.user({ positions: { [TICKER]: 100 } });
    const buyer = await venue.user({ cash: 100_000 });
    using sells = await connect(encoding, seller);
    using buys = await connect(encoding, buyer);
    using reader = await venue.open("/market-data", encoding);
    const channels = ["book", "depth", "trades", "bbo", "ticker", "candles", "status"];
    const subscribed = channels.map((channel) => `${channel}.${symbol}`);
    const both = { channels, symbols: [TICKER, symbol] };
    expect(await reader.result("subscribe", both)).toEqual({ subscribed });
    expect(await reader.result("subscriptions")).toEqual({ subscribed });
    const order = { symbol: TICKER, type: "LIMIT", price: 10, quantity: 3 };
    await sells.result("order.place", { ...order, side: "SELL" });
    await buys.result("order.place", { ...order, side: "BUY" });
    await reader.until(() => reader.of("trades").length === 1, "the trade");
    expect(new Set(reader.pushes.map(({ data }) => data.symbol))).toEqual(new Set([symbol]));
    const requests: [string, Members][] = [
      ["book.snapshot", {}],
      ["trades.recent", {}],
      ["candles.list", { interval: "1m" }],
    ];
    for (const [method, params] of requests) {
      const answer = await reader.result(method, { ...params, symbol: TICKER });
      expect(answer).toMatchObject({ symbol });
      const { tick, candles, ...rest } = answer;
      const again = await reader.result(method, { ...params, symbol });
      const { tick: _, candles: __, ...restAgain } = again;
      expect(rest).toEqual(restAgain);
      expect(await reader.refusal(method, { ...params, symbol: UNKNOWN })).toEqual(bare(40003));
    }
    const { seq } = await reader.result("book.snapshot", { symbol: TICKER });
    const resume = { symbol: TICKER, from_seq: Number(seq) + 1 };
    expect(await reader.result("depth.resume", resume)).toMatchObject({ symbol });
    const fills = (await buys.result("account.trades", { symbol: TICKER })).trades;
    expect(fills).toMatchObject([{ symbol, price: 10, quantity: 3 }]);
    expect(await reader.result("unsubscribe", { channels, symbols: [TICKER] })).toEqual({
      unsubscribed: subscribed,
    });
    const unknown = { channels, symbols: [TICKER, UNKNOWN] };
    expect((await reader.refusal("subscribe", unknown)).code).toBe(40003);
  });
});

test("the admin API takes tickers too", async () => {
  const { server } = venue;
  const halted = await server.ask<Members>("POST", `/symbols/${TICKER}/halt`);
  expect(halted).toEqual({ symbol, state: "HALTED", tick: expect.any(Number) });
  await server.ask("POST", `/symbols/${symbol}/resume`);
  const { account_id } = await venue.user({ positions: { [TICKER]: 5 } });
  const deposit = await server.ask("POST", `/accounts/${account_id}/deposit`, {
    positions: { [TICKER]: 2 },
  });
  expect(deposit).toEqual({ account_id, positions: { [symbol]: 7 } });
  const unknown = await server.admin("POST", `/symbols/${UNKNOWN}/halt`);
  expect([unknown.status, (unknown.body as Members).code]).toEqual([404, 40003]);
});
