import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members, type WireClient } from "./wire-client.ts";

/** What is not a change is pushed to nobody, in no channel. */

const CHANNELS = ["book", "depth", "trades", "bbo", "ticker", "candles", "status"];

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open({ config: "[market]\nprice_increment = 5\nprice_band_percent = 50\n" });
});
afterAll(() => venue[Symbol.asyncDispose]());

/** Everything that came of a symbol but candles that only time has closed. */
const pushesOfSymbol = (reader: WireClient, symbol: string) =>
  reader.pushes.filter(
    ({ stream, data }) => data.symbol === symbol && !(stream === "candles" && data.closed === true),
  );

/** Waits until whatever waits for its second has been told: the second heartbeat from now. */
async function settle(reader: WireClient): Promise<void> {
  const beats = () => reader.of("heartbeat").length;
  const enough = beats() + 2;
  await reader.until(() => beats() >= enough, "heartbeats");
}

// They wait for seconds to pass, and so do it at the same time.
describe.each(ENCODINGS)("nothing is pushed in %s", (encoding) => {
  test.concurrent("where nothing changed", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    const pushesOf = (client: WireClient) => pushesOfSymbol(client, symbol);
    await ann.place("BUY", 100, 1);
    await bob.place("SELL", 100, 1);
    const bid = await ann.place("BUY", 95, 10, { client_order_id: "bid" });
    await bob.place("SELL", 105, 10, { client_order_id: "ask" });
    using reader = await venue.open("/market-data", encoding);
    await reader.result("subscribe", { channels: ["heartbeat"] });
    // What was done so far has been told to those who had subscribed before.
    await settle(reader);
    await reader.result("subscribe", { channels: CHANNELS, symbols: [symbol] });
    using everything = await venue.open("/market-data", encoding);
    await everything.result("subscribe", { channels: CHANNELS, symbols: ["*"] });
    await settle(reader);
    const before = [pushesOf(reader).length, pushesOf(everything).length, ann.events.pushes.length];
    // Each channel has told what is so, only trades had none; the candle is closed where its minute has ended.
    const told = reader.pushes.filter(({ data }) => data.symbol === symbol);
    expect(new Set(told.map(({ stream }) => stream)).size).toBe(CHANNELS.length - 1);

    const order = { symbol, side: "BUY", type: "LIMIT", price: 95, quantity: 10 };
    const refuse = async (method: string, params: Members, code: number) => {
      const refusal = await ann.orders.refusal(method, params);
      expect([params, refusal.code]).toEqual([params, code]);
    };
    const place = (params: Members, code: number) =>
      refuse("order.place", { ...order, ...params }, code);
    const amend = (params: Members, code: number) =>
      refuse("order.amend", { order_id: bid.order_id, ...params }, code);
    // Known already.
    const known = await ann.place("BUY", 95, 10, { client_order_id: "bid" });
    expect(known).toMatchObject({ order_id: bid.order_id, duplicate: true });
    // Refused.
    await place({ client_order_id: "bid", quantity: 9 }, 40911);
    await place({ price: 105, post_only: true }, 40901);
    await place({ price: 105, quantity: 11, time_in_force: "FOK" }, 40902);
    await place({ price: 200 }, 40904);
    await place({ price: 101 }, 40905);
    await place({ quantity: 1_000_000 }, 40906);
    await place({ side: "SELL", price: 105, quantity: 1_000_000 }, 40907);
    await place({ side: "SELL", price: 95 }, 40908);
    await place({ price: -1 }, 40001);
    await amend({ price: 200 }, 40904);
    await amend({ price: 101 }, 40905);
    await amend({ quantity: 1_000_000 }, 40906);
    await amend({ stop_price: 100 }, 40001);
    await refuse("order.cancel", { order_id: "ord_999999999" }, 40004);
    // Amended to what it is.
    const same = await ann.orders.result("order.amend", { order_id: bid.order_id, price: 95 });
    expect(same).toEqual(bid);
    expect(await ann.orders.result("order.cancel_all", { symbol: venue.symbol() })).toEqual({
      cancelled: 0,
    });
    await settle(reader);
    const now = () => [pushesOf(reader), pushesOf(everything)].map(({ length }) => length);
    expect([...now(), ann.events.pushes.length]).toEqual(before);

    // Stops that wait are the account's business alone; and what takes nothing and does not rest.
    const stop = { symbol, side: "BUY", type: "STOP", stop_price: 130, quantity: 1 };
    const waiting = await ann.orders.result("order.place", stop);
    const limited = { ...stop, type: "STOP_LIMIT", price: 130 };
    const second = await ann.orders.result("order.place", limited);
    const { order_id } = waiting;
    await ann.orders.result("order.amend", { order_id, stop_price: 135 });
    await ann.orders.result("order.amend", { order_id, quantity: 2 });
    await ann.orders.result("order.amend", { order_id: second.order_id, price: 125 });
    await ann.orders.result("order.cancel", { order_id });
    await ann.orders.result("order.place", stop);
    expect(await ann.place("BUY", 100, 1, { time_in_force: "IOC" })).toMatchObject({
      status: "EXPIRED",
    });
    await bob.orders.result("order.batch", {
      orders: [{ symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: -5, quantity: 1 }],
    });
    await settle(reader);
    expect(now()).toEqual(before.slice(0, 2));
    const events = ann.events.of("user_data").slice(before[2]);
    expect(events.filter(({ event }) => event === "order")).toBeArrayOfSize(8);

    // And then one change is one push in each of its channels.
    const { tick } = await ann.place("BUY", 95, 1);
    const streams = (client: WireClient, from = 0) =>
      pushesOf(client)
        .slice(from)
        .map(({ stream }) => stream);
    const changed = ["depth", "market_data", "bbo", "ticker"];
    await reader.until(() => streams(reader, before[0]).length >= changed.length, "the change");
    await settle(reader);
    expect(streams(reader, before[0])).toEqual(changed);
    expect(streams(everything, before[1])).toEqual(changed);
    const ticks = pushesOf(reader)
      .slice(before[0])
      .map(({ data }) => data.tick);
    expect(ticks).toEqual(changed.map(() => tick));
  });

  test.concurrent("of levels that a channel does not show", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const pushesOf = (client: WireClient) => pushesOfSymbol(client, symbol);
    const prices = Array.from({ length: 21 }, (_, n) => 1_000 - n * 5);
    for (const price of prices) await ann.place("BUY", price, 1);
    using reader = await venue.open("/market-data", encoding);
    await reader.result("subscribe", { channels: ["book", "bbo", "ticker"], symbols: [symbol] });
    await reader.result("subscribe", { channels: ["heartbeat"] });
    await settle(reader);
    const before = pushesOf(reader).length;
    // Beyond the twenty levels of the book, and behind the best.
    const far = await ann.place("BUY", 880, 1);
    await ann.orders.result("order.cancel", { order_id: far.order_id });
    await ann.place("BUY", 900, 5);
    await settle(reader);
    expect(pushesOf(reader).length).toBe(before);
    await ann.place("BUY", 905, 5);
    await settle(reader);
    expect(
      pushesOf(reader)
        .slice(before)
        .map(({ stream }) => stream),
    ).toEqual(["market_data"]);
  });
});
