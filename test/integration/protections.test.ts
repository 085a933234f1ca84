import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { bare, detailed } from "./expectations.ts";
import { TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

const PAUSE_MS = 100;
/** So long has the test for two orders that it sends at once. */
const AUCTION_MS = 2000;
const CONFIG = `
[market]
max_order_quantity = 500
max_order_notional = 40000
max_open_orders = 3
volatility_move_percent = 10
volatility_window_ms = 3600000
volatility_pause_ms = ${PAUSE_MS}
volatility_auction_ms = ${AUCTION_MS}
`;

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open({ config: CONFIG });
});
afterAll(() => venue[Symbol.asyncDispose]());

describe.each(ENCODINGS)("in %s", (encoding) => {
  test("a price that moves too far pauses its symbol, which opens again by an auction", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    using watch = await venue.open("/market-data", encoding);
    await watch.result("subscribe", { channels: ["status", "trades"], symbols: [symbol] });
    const trade = async (price: number): Promise<void> => {
      await bob.place("SELL", price, 1);
      await ann.place("BUY", price, 1);
    };
    await trade(100);
    await trade(110);
    await trade(111);
    const states = (): Members[] => watch.of("status").filter(({ symbol: of }) => of === symbol);
    const reached = (state: string) =>
      watch.until(() => states().at(-1)?.state === state, `the state ${state}`);
    await reached("AUCTION");
    // At once: the auction is over soon.
    await Promise.all([ann.place("BUY", 121, 5), bob.place("SELL", 119, 5)]);
    expect(watch.of("trades").map(({ price }) => price)).toEqual([100, 110, 111]);
    await reached("TRADING");
    await watch.until(() => watch.of("trades").length === 4, "the trade of the auction");
    expect(watch.of("trades")[3]).toMatchObject({ price: 119, quantity: 5 });
    const [halted, auction, trading] = states().slice(-3);
    expect([halted, auction, trading].map(({ state }) => state)).toEqual([
      "HALTED",
      "AUCTION",
      "TRADING",
    ]);
    const [from, to, end] = [halted, auction, trading].map(({ timestamp }) => Number(timestamp));
    expect(to - from).toBeGreaterThanOrEqual(PAUSE_MS);
    expect(end - from).toBeGreaterThanOrEqual(PAUSE_MS + AUCTION_MS);
    await trade(119);
  });

  test("the limits of the configuration hold for every order", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const other = venue.symbol();
    const refused = (params: Members) =>
      ann.orders.refusal("order.place", {
        symbol,
        side: "BUY",
        type: "LIMIT",
        price: 1,
        quantity: 1,
        ...params,
      });
    const limit = (key: string) => detailed(40910, { limit: `market.${key}` });
    expect(await refused({ quantity: 501 })).toEqual(limit("max_order_quantity"));
    expect(await refused({ quantity: 400, price: 101 })).toEqual(limit("max_order_notional"));
    const first = await ann.place("BUY", 100, 400);
    await ann.place("BUY", 1, 1);
    const stop = { symbol, side: "BUY", type: "STOP", stop_price: 200, quantity: 1 };
    await ann.orders.result("order.place", stop);
    expect(await refused({})).toEqual(limit("max_open_orders"));
    // An order that cannot rest, and one on another symbol, are beside that limit.
    expect(await ann.place("BUY", 1, 1, { time_in_force: "IOC" })).toMatchObject({
      status: "EXPIRED",
    });
    const elsewhere = { symbol: other, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    await ann.orders.result("order.place", elsewhere);
    const { order_id } = first;
    expect(await ann.orders.refusal("order.amend", { order_id, price: 101 })).toEqual(
      limit("max_order_notional"),
    );
    await ann.orders.result("order.cancel", { order_id });
    expect(await ann.place("BUY", 1, 1)).toMatchObject({ status: "ACCEPTED" });
    expect(await refused({})).toEqual(limit("max_open_orders"));
  });

  test("a band that an operator sets has the configured window, and a run of trades does not move it along", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    const trade = async (price: number): Promise<void> => {
      await bob.place("SELL", price, 1);
      await ann.place("BUY", price, 1);
    };
    const set = (band: Members) => venue.server.ask("POST", "/symbols/bands", { symbol, ...band });
    const edges = async (): Promise<unknown> => {
      const order = { symbol, side: "BUY", type: "LIMIT", price: 5_000, quantity: 1 };
      return (await ann.orders.refusal("order.place", order)).details;
    };
    await trade(100);
    for (const off of [{}, { price_band_window_ms: 5 }]) {
      await set({ price_band_bps: 0, ...off });
      await set({ price_band_bps: 500 });
      expect(await venue.server.ask("GET", `/symbols/${symbol}`)).toMatchObject({
        price_band_window_ms: 300_000,
      });
    }
    await trade(105);
    expect(await edges()).toEqual({ low: 95, high: 105 });
    // Where there is a band, its window stays as it is.
    await set({ price_band_bps: 500, price_band_window_ms: 0 });
    await set({ price_band_bps: 400 });
    await trade(105);
    expect(await edges()).toEqual({ low: 100, high: 110 });
  });

  test("a pause goes on after kill -9, and ends by itself", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    const order = {
      symbol,
      side: "BUY",
      type: "LIMIT",
      price: 1,
      quantity: 1,
      time_in_force: "IOC",
    };
    await bob.place("SELL", 100, 1);
    await ann.place("BUY", 100, 1);
    await bob.place("SELL", 150, 1);
    // At once: the pause is over soon.
    const [, refused] = await Promise.all([
      ann.place("BUY", 150, 1),
      ann.orders.refusal("order.place", order),
    ]);
    expect(refused).toEqual(bare(40909));
    await venue.crash();
    using watch = await venue.open("/market-data", encoding);
    await watch.result("subscribe", { channels: ["status"], symbols: [symbol] });
    await watch.until(() => watch.of("status").at(-1)?.state === "TRADING", "the opening");
    using orders = await venue.connect("/orders", encoding, ann.user);
    expect(await orders.result("order.place", order)).toMatchObject({ status: "EXPIRED" });
  });
});
