import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  ANY_NUMBER,
  bare,
  detailed,
  expectConsecutive,
  invalid,
  orderState,
  resting,
} from "./expectations.ts";
import { CASH, SHARES, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

describe.each(ENCODINGS)("order.batch in %s", (encoding) => {
  test("places a hundred orders with one answer, in the order of the request", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const orders = Array.from({ length: 100 }, (_, i) => ({
      symbol,
      side: "BUY",
      type: "LIMIT",
      price: 1 + (i % 7),
      quantity: i + 1,
      client_order_id: `b${i}`,
    }));
    const frames = ann.orders.frames[encoding];
    const { results } = await ann.orders.result("order.batch", { orders });
    expect(ann.orders.frames[encoding]).toBe(frames + 1);
    expect(results).toEqual(orders.map((order) => ({ result: resting(order) })));
    const states = (results as { result: Members }[]).map(({ result }) => result);
    expect((await ann.orders.result("orders.open")).orders).toEqual(states.toReversed());
    const told = () => ann.events.of("user_data").filter(({ event }) => event === "order");
    await ann.events.until(() => told().length === 100, "a hundred events");
    expect(told().map(({ order_id }) => order_id)).toEqual(states.map(({ order_id }) => order_id));
    expectConsecutive(ann.events.of("user_data").map(({ seq }) => seq));
  });

  test("judges each order alone, also against those before it", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await bob.place("SELL", 100, 5);
    const limit = { symbol, side: "BUY", type: "LIMIT", price: 100, quantity: 3 };
    const orders = [
      limit,
      { ...limit, price: -1 },
      { ...limit, extra: true },
      7,
      { ...limit, side: "SELL", quantity: SHARES + 4 },
      limit,
      { ...limit, symbol: "SYMBOL_999999" },
      { ...limit, price: CASH },
      { ...limit, price: 99, post_only: true },
    ];
    const { results } = await ann.orders.result("order.batch", { orders });
    const filled = { filled_quantity: 3, average_price: 100, status: "FILLED" };
    const part = { filled_quantity: 2, average_price: 100, status: "PARTIALLY_FILLED" };
    expect(results).toEqual([
      { result: orderState({ ...limit, ...filled }) },
      { error: invalid("price") },
      { error: invalid("extra") },
      { error: invalid("params") },
      { error: detailed(40907, { needed: SHARES + 4, available: SHARES + 3 }) },
      { result: orderState({ ...limit, ...part }) },
      { error: bare(40003) },
      { error: detailed(40906, { needed: 3 * CASH, available: CASH - 600 }) },
      { result: resting({ ...limit, price: 99, post_only: true }) },
    ]);
  });

  test("is refused as a whole with no order, with 101 orders, and when `orders` is not a list", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const limit = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    for (const orders of [[], Array(101).fill(limit), limit, null]) {
      expect(await ann.orders.refusal("order.batch", { orders })).toEqual(invalid("orders"));
    }
    expect(await ann.orders.result("orders.open")).toEqual({ orders: [], seq: ANY_NUMBER });
  });

  test("sent again after its answer was lost places nothing twice", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const orders = Array.from({ length: 10 }, (_, i) => ({
      symbol,
      side: "BUY",
      type: "LIMIT",
      price: 10,
      quantity: 1,
      client_order_id: `once-${i}`,
    }));
    const ids = (results: unknown) =>
      (results as { result: Members }[]).map(({ result }) => result.order_id);
    const first = await ann.orders.result("order.batch", { orders });
    await venue.crash();
    using again = await venue.connect("/orders", encoding, ann.user);
    const second = await again.result("order.batch", { orders });
    expect(ids(second.results)).toEqual(ids(first.results));
    expect(second.results).toEqual(
      orders.map((order) => ({ result: { ...resting(order), duplicate: true } })),
    );
    expect((await again.result("orders.open")).orders).toBeArrayOfSize(10);
  });
});
