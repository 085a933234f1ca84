import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ANY_NUMBER, detailed, invalid, orderState, resting } from "./expectations.ts";
import { CASH, SHARES, type Trader, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

const status = (trader: Trader, order: Members): Promise<Members> =>
  trader.orders.result("order.status", { order_id: order.order_id });

const stampOf = ({ tick, timestamp }: Members): Members => ({ tick, timestamp });

const cashOf = async ({ orders }: Trader): Promise<unknown> =>
  (await orders.result("account.balances")).cash;

describe.each(ENCODINGS)("a stop order in %s", (encoding) => {
  const meet = () => TwoTraders.meet(venue, encoding, encoding);
  /** Places a STOP, or with a price a STOP_LIMIT. */
  const stop = (
    { orders }: Trader,
    symbol: string,
    side: "BUY" | "SELL",
    stop_price: number,
    quantity: number,
    more: Members = {},
  ): Promise<Members> => {
    const type = more.price === undefined ? "STOP" : "STOP_LIMIT";
    return orders.result("order.place", { symbol, side, type, stop_price, quantity, ...more });
  };

  test("to buy waits outside the book, reserves, and takes when the last trade reaches it", async () => {
    using pair = await meet();
    const { symbol, ann, bob } = pair;
    const order = await stop(ann, symbol, "BUY", 110, 5);
    const asked = { symbol, side: "BUY", type: "STOP", stop_price: 110, quantity: 5 };
    const pending = { ...asked, filled_quantity: 0, status: "PENDING_TRIGGER" };
    expect(order).toEqual(orderState(pending));
    expect(await ann.orders.result("orders.open")).toEqual({ orders: [order], seq: ANY_NUMBER });
    // Without a band it reserves for twice its stop price.
    expect(await cashOf(ann)).toEqual({ available: CASH - 1100, reserved: 1100, total: CASH });
    await bob.place("SELL", 109, 1);
    await bob.place("SELL", 110, 1);
    await bob.place("SELL", 112, 9);
    await ann.place("BUY", 109, 1);
    expect(await status(ann, order)).toEqual(order);
    await ann.place("BUY", 110, 1);
    expect(await status(ann, order)).toEqual(
      orderState({ ...asked, filled_quantity: 5, average_price: 112, status: "FILLED" }),
    );
    const total = CASH - 109 - 110 - 560;
    expect(await cashOf(ann)).toEqual({ available: total, reserved: 0, total });
    const told = () =>
      ann.events.of("user_data").filter(({ order_id }) => order_id === order.order_id);
    await ann.events.until(() => told().length === 2, "both events of the stop");
    expect(told().map((event) => [event.status, event.filled_quantity, event.stop_price])).toEqual([
      ["PENDING_TRIGGER", 0, 110],
      ["FILLED", 5, 110],
    ]);
    expect(told()[1].last_fill).toMatchObject({ price: 112, quantity: 5, liquidity: "TAKER" });
  });

  test("with a limit rests at that limit once it has triggered", async () => {
    using pair = await meet();
    const { symbol, ann, bob } = pair;
    const order = await stop(ann, symbol, "SELL", 90, 5, { price: 95 });
    const asked = { symbol, side: "SELL", stop_price: 90, price: 95, quantity: 5 };
    expect(order).toMatchObject({ ...asked, type: "STOP_LIMIT", status: "PENDING_TRIGGER" });
    await bob.place("BUY", 90, 1);
    await ann.place("SELL", 90, 1);
    expect(await status(ann, order)).toEqual(resting({ ...asked, type: "STOP_LIMIT" }));
    using reader = await venue.open("/market-data", encoding);
    const book = await reader.result("book.snapshot", { symbol });
    expect([book.bids, book.asks]).toEqual([[], [[95, 5]]]);
  });

  test("takes what is there, and the rest of it expires", async () => {
    using pair = await meet();
    const { symbol, ann, bob } = pair;
    const order = await stop(ann, symbol, "SELL", 90, 5);
    await bob.place("BUY", 90, 1);
    await bob.place("BUY", 80, 3);
    await ann.place("SELL", 90, 1);
    expect(await status(ann, order)).toMatchObject({
      filled_quantity: 3,
      average_price: 80,
      status: "EXPIRED",
      reason: "TIME_IN_FORCE",
    });
    const { positions } = await ann.orders.result("account.positions");
    const left = SHARES - 4;
    expect(positions).toContainEqual({ symbol, available: left, reserved: 0, total: left });
  });

  test("can trigger others by its trades, by trigger price, the older first", async () => {
    using pair = await meet();
    const { symbol, ann, bob } = pair;
    for (const price of [100, 99, 98, 97, 96]) await bob.place("BUY", price, 1);
    const last = await stop(ann, symbol, "SELL", 98, 1, { client_order_id: "98" });
    const older = await stop(ann, symbol, "SELL", 99, 1, { client_order_id: "99-older" });
    const newer = await stop(ann, symbol, "SELL", 99, 1, { client_order_id: "99-newer" });
    const first = await stop(ann, symbol, "SELL", 100, 1, { client_order_id: "100" });
    await ann.place("SELL", 100, 1);
    const prices: unknown[] = [];
    for (const order of [first, older, newer, last]) {
      prices.push((await status(ann, order)).average_price);
    }
    expect(prices).toEqual([99, 98, 97, 96]);
    using reader = await venue.open("/market-data", encoding);
    const { trades } = await reader.result("trades.recent", { symbol, limit: 10 });
    expect((trades as Members[]).map(({ price }) => price)).toEqual([96, 97, 98, 99, 100]);
  });

  test("whose stop price is already reached triggers right after its answer", async () => {
    using pair = await meet();
    const { symbol, ann, bob } = pair;
    await bob.place("SELL", 100, 1);
    await ann.place("BUY", 100, 1);
    await bob.place("SELL", 103, 5);
    const order = await stop(ann, symbol, "BUY", 100, 5);
    expect(order.status).toBe("PENDING_TRIGGER");
    expect(await status(ann, order)).toMatchObject({ status: "FILLED", average_price: 103 });
  });

  test("is cancelled when a rule keeps it out at its trigger", async () => {
    using pair = await meet();
    const { symbol, ann, bob } = pair;
    const late = [
      await stop(ann, symbol, "BUY", 100, 5, { price: 105, post_only: true }),
      await stop(ann, symbol, "BUY", 100, 5, { price: 105, time_in_force: "FOK" }),
      await stop(ann, symbol, "BUY", 100, 5, { post_only: true }),
    ];
    await bob.place("SELL", 100, 1);
    await bob.place("SELL", 101, 4);
    await ann.place("BUY", 100, 1);
    const reasons = ["POST_ONLY", "FILL_OR_KILL", "POST_ONLY"];
    for (const [n, order] of late.entries()) {
      const cancelled = { filled_quantity: 0, status: "CANCELLED", reason: reasons[n] };
      expect(await status(ann, order)).toMatchObject(cancelled);
    }
    expect(await cashOf(ann)).toMatchObject({ reserved: 0 });
    expect((await bob.orders.result("orders.open")).orders).toBeArrayOfSize(1);
  });

  test("is amended and cancelled while it waits", async () => {
    using pair = await meet();
    const { symbol, ann } = pair;
    const order = await stop(ann, symbol, "BUY", 100, 5);
    const which = { order_id: order.order_id };
    const amended = await ann.orders.result("order.amend", { ...which, quantity: 8 });
    expect(amended).toEqual({ ...order, ...stampOf(amended), quantity: 8 });
    expect(await cashOf(ann)).toEqual({ available: CASH - 1600, reserved: 1600, total: CASH });
    const priced = { ...which, price: 101 };
    expect(await ann.orders.refusal("order.amend", priced)).toEqual(invalid("price"));

    const limited = await stop(ann, symbol, "BUY", 100, 5, { price: 100 });
    const { order_id } = limited;
    for (const change of [{ price: 102 }, { stop_price: 101 }]) {
      const now = await ann.orders.result("order.amend", { order_id, ...change });
      Object.assign(limited, change, { tick: now.tick, timestamp: now.timestamp });
      expect(now).toEqual(orderState(limited));
    }
    expect(await cashOf(ann)).toMatchObject({ reserved: 1600 + 510 });
    const unlimited = await ann.orders.result("order.amend", { ...which, stop_price: 90 });
    expect(unlimited).toEqual({ ...amended, ...stampOf(unlimited), stop_price: 90 });
    expect(await cashOf(ann)).toMatchObject({ reserved: 1440 + 510 });

    expect(await ann.orders.result("order.cancel", which)).toMatchObject({ status: "CANCELLED" });
    expect(await ann.orders.refusal("order.cancel", which)).toEqual(
      detailed(40004, { status: "CANCELLED" }),
    );
    expect(await ann.orders.result("order.cancel_all")).toEqual({ cancelled: 1 });
    expect(await cashOf(ann)).toEqual({ available: CASH, reserved: 0, total: CASH });
  });

  test("that is amended to another stop price waits for that one; a resting order cannot get one", async () => {
    using pair = await meet();
    const { symbol, ann, bob } = pair;
    const order = await stop(ann, symbol, "BUY", 110, 2);
    await ann.orders.result("order.amend", { order_id: order.order_id, stop_price: 105 });
    await bob.place("SELL", 105, 4);
    expect((await status(ann, order)).status).toBe("PENDING_TRIGGER");
    await ann.place("BUY", 105, 1);
    expect(await status(ann, order)).toMatchObject({
      stop_price: 105,
      filled_quantity: 2,
      status: "FILLED",
    });
    const { order_id } = await ann.place("BUY", 90, 1);
    const refused = await ann.orders.refusal("order.amend", { order_id, stop_price: 95 });
    expect(refused).toEqual(invalid("stop_price"));
  });

  test("reserves funds or shares while it waits", async () => {
    using pair = await meet();
    const { symbol, ann } = pair;
    const order = { symbol, type: "STOP", stop_price: 1000, quantity: SHARES };
    const refused = [
      await ann.orders.refusal("order.place", { ...order, side: "BUY" }),
      await ann.orders.refusal("order.place", { ...order, side: "SELL", quantity: SHARES + 1 }),
    ];
    expect(refused.map(({ code }) => code)).toEqual([40906, 40907]);
  });

  test("survives kill -9 as it waits, and triggers after the restart", async () => {
    using pair = await meet();
    const { symbol, ann, bob } = pair;
    const order = await stop(ann, symbol, "BUY", 110, 5, { client_order_id: "kept" });
    const before = [await cashOf(ann), await ann.orders.result("orders.open")];
    await venue.crash();
    using orders = await venue.connect("/orders", encoding, ann.user);
    using theirs = await venue.connect("/orders", encoding, bob.user);
    const after = [
      (await orders.result("account.balances")).cash,
      await orders.result("orders.open"),
    ];
    expect(after).toEqual(before);
    const ask = { symbol, side: "SELL", type: "LIMIT", price: 110, quantity: 6 };
    await theirs.result("order.place", ask);
    await orders.result("order.place", { ...ask, side: "BUY", quantity: 1 });
    expect(await orders.result("order.status", { client_order_id: "kept" })).toMatchObject({
      order_id: order.order_id,
      status: "FILLED",
      average_price: 110,
    });
  });
});
