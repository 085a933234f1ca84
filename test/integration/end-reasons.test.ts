import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { beforeEnd } from "./in-time.ts";
import { SHARES, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

/** Why an order ended: in its event, its state and the history, also after a crash. */

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open({ config: "[market]\nprice_band_percent = 10\n" });
});
afterAll(() => venue[Symbol.asyncDispose]());

describe.each(ENCODINGS)("in %s", (encoding) => {
  test("each ended order has its reason, also after kill -9", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    /** By client order id. */
    const reasons = new Map<string, string>();
    const place = async (client_order_id: string, reason: string, more: Members) => {
      reasons.set(client_order_id, reason);
      const order = { symbol, side: "BUY", type: "LIMIT", price: 95, quantity: 1 };
      const all = Object.entries({ ...order, ...more, client_order_id });
      const params = Object.fromEntries(all.filter(([, value]) => value !== undefined));
      return ann.orders.result("order.place", params);
    };
    const toldEnds = () => ann.events.of("user_data").filter(({ reason }) => reason !== undefined);
    const ended = () =>
      ann.events.until(() => toldEnds().length >= reasons.size, `${reasons.size} ends`);

    await place("cancel", "USER", {});
    await ann.orders.result("order.cancel", { client_order_id: "cancel" });
    await place("all-1", "CANCEL_ALL", {});
    await place("all-2", "CANCEL_ALL", { type: "STOP", price: undefined, stop_price: 109 });
    expect(await ann.orders.result("order.cancel_all")).toEqual({ cancelled: 2 });
    const { order_id } = await place("operator", "OPERATOR", {});
    const cancelled = await venue.server.ask<Members>("POST", `/orders/${order_id}/cancel`);
    expect(cancelled).toMatchObject({ status: "CANCELLED", reason: "OPERATOR" });

    await place("switch", "DEAD_MANS_SWITCH", {});
    await ann.orders.result("orders.cancel_all_after", { timeout_ms: 1 });
    await ended();
    await place("lost", "DISCONNECT", {});
    using lost = await venue.open("/orders", encoding);
    const { api_key, api_secret } = ann.user;
    await lost.result("auth.login", { api_key, api_secret, cancel_on_disconnect: true });
    await lost.close();
    await ended();
    await beforeEnd(100, (expire_at) =>
      place("gtd", "EXPIRE_AT", { time_in_force: "GTD", expire_at }),
    );
    await ended();
    await place("ioc", "TIME_IN_FORCE", { time_in_force: "IOC" });
    await bob.place("SELL", 100, 1);
    const market = { type: "MARKET", price: undefined, quantity: 2 };
    const rest = await place("market", "TIME_IN_FORCE", market);
    expect(rest).toMatchObject({ filled_quantity: 1, status: "EXPIRED", reason: "TIME_IN_FORCE" });

    // Against oneself: the one that waits, the one that comes in, and both.
    await place("own-old", "SELF_TRADE", { price: 98 });
    const sell = { side: "SELL", price: 98 };
    await place("own-new", "USER", { ...sell, self_trade_prevention: "CANCEL_OLDEST" });
    await ann.orders.result("order.cancel", { client_order_id: "own-new" });
    await ended();

    // Stops that a rule keeps out when they come in, at 105.
    const stop = { stop_price: 105, price: 106 };
    await place("stop-band", "PRICE_BAND", { type: "STOP_LIMIT", ...stop, price: 150 });
    await place("stop-post", "POST_ONLY", { type: "STOP_LIMIT", ...stop, post_only: true });
    const fok = { type: "STOP_LIMIT", ...stop, time_in_force: "FOK", quantity: 900 };
    await place("stop-fok", "FILL_OR_KILL", fok);
    const rests = { type: "STOP", price: undefined, stop_price: 105, quantity: 3 };
    await place("stop-rest", "TIME_IN_FORCE", rests);
    await bob.place("SELL", 105, 2);
    await bob.place("BUY", 105, 1, { self_trade_prevention: "NONE" });
    await ended();

    const ends = toldEnds();
    const told = ends.map(({ client_order_id, reason }) => [client_order_id, reason]);
    expect(new Map(told as [string, string][])).toEqual(reasons);
    expect(ends.length).toBe(reasons.size);
    const status = ({ reason }: Members) =>
      ["TIME_IN_FORCE", "EXPIRE_AT"].includes(String(reason)) ? "EXPIRED" : "CANCELLED";
    expect(ends.map((end) => end.status)).toEqual(ends.map(status));

    const states = async (client: typeof ann.orders) => {
      const { orders } = await client.result("orders.history", { limit: 100 });
      const done = orders as Members[];
      for (const state of done) {
        const asked = { client_order_id: state.client_order_id };
        expect(await client.result("order.status", asked)).toEqual(state);
      }
      return done;
    };
    const before = await states(ann.orders);
    // Last done first; an event is the state that it led to.
    expect(before).toEqual(ends.toReversed().map(({ seq, event, last_fill, ...state }) => state));
    await venue.crash();
    using again = await venue.connect("/orders", encoding, ann.user);
    expect(await states(again)).toEqual(before);
  });

  test("an order state has the times when it came in and when it last changed", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    const placed = await ann.place("BUY", 100, 5);
    expect(placed.timestamp).toBe(placed.created_at);
    const { order_id, created_at } = placed;
    const witness = await bob.place("BUY", 90, 1);
    const unchanged = await ann.orders.result("order.status", { order_id });
    expect(unchanged).toEqual(placed);
    const amended = await ann.orders.result("order.amend", { order_id, quantity: 4 });
    const sold = await bob.place("SELL", 100, 1, { self_trade_prevention: "NONE" });
    const filled = await ann.orders.result("order.status", { order_id });
    const ended = await ann.orders.result("order.cancel", { order_id });
    const later = [amended, filled, ended];
    expect(later.map((state) => state.created_at)).toEqual(later.map(() => created_at));
    expect([filled.timestamp, filled.tick]).toEqual([sold.timestamp, sold.tick]);
    expect(Number(amended.tick)).toBeGreaterThan(Number(witness.tick));
    const times = [placed, ...later].map(({ timestamp }) => Number(timestamp));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const ticks = [placed, ...later].map(({ tick }) => Number(tick));
    expect(ticks).toEqual([...new Set(ticks)].toSorted((a, b) => a - b));
    expect(await ann.orders.result("order.status", { order_id })).toEqual(ended);
    expect((await ann.orders.result("account.positions")).positions).toMatchObject([
      { total: SHARES + 1 },
    ]);
  });
});
