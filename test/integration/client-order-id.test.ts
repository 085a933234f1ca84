import { beforeAll, describe, expect, test } from "bun:test";
import { ANY_NUMBER, bare, detailed, invalid, orderState } from "./expectations.ts";
import { CASH, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

describe.each(ENCODINGS)("a client_order_id in %s", (encoding) => {
  test("repeated gives the first order, marked, and places nothing", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann } = pair;
    const first = await ann.place("BUY", 100, 5, { client_order_id: "once" });
    const again = await ann.place("BUY", 100, 5, { client_order_id: "once" });
    const { timestamp, tick } = again;
    expect(again).toEqual({ ...first, duplicate: true, timestamp, tick });
    expect((await ann.orders.result("orders.open")).orders).toBeArrayOfSize(1);
    const { cash } = await ann.orders.result("account.balances");
    expect(cash).toEqual({ available: CASH - 500, reserved: 500, total: CASH });
  });

  test("repeated with any other content is refused, and leaves the first alone", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const client_order_id = "once";
    const first = await ann.place("BUY", 100, 5, { client_order_id });
    const order = { symbol, side: "BUY", type: "LIMIT", price: 100, quantity: 5, client_order_id };
    const others: Members[] = [
      { price: 101 },
      { quantity: 6 },
      { side: "SELL" },
      { symbol: venue.symbol() },
      { time_in_force: "IOC" },
      { post_only: true },
    ];
    for (const other of others) {
      const refused = await ann.orders.refusal("order.place", { ...order, ...other });
      expect([other, refused]).toEqual([other, bare(40911)]);
    }
    const { orders } = await ann.orders.result("orders.open");
    expect(orders).toEqual([{ ...first, timestamp: ANY_NUMBER, tick: ANY_NUMBER }]);
  });

  test("repeated after fill, cancellation and expiry gives what became of the first", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await ann.place("BUY", 100, 5, { client_order_id: "filled" });
    await bob.place("SELL", 100, 5);
    await ann.place("BUY", 100, 5, { client_order_id: "cancelled" });
    await ann.orders.result("order.cancel", { client_order_id: "cancelled" });
    await ann.place("BUY", 100, 5, { client_order_id: "expired", time_in_force: "IOC" });
    const order = { symbol, side: "BUY", type: "LIMIT", price: 100, quantity: 5, duplicate: true };
    const became: [string, object][] = [
      ["filled", { filled_quantity: 5, average_price: 100, status: "FILLED" }],
      ["cancelled", { filled_quantity: 0, status: "CANCELLED", reason: "USER" }],
      ["expired", { filled_quantity: 0, status: "EXPIRED", reason: "TIME_IN_FORCE" }],
    ];
    for (const [client_order_id, state] of became) {
      const ioc = client_order_id === "expired" ? { time_in_force: "IOC" } : {};
      expect(await ann.place("BUY", 100, 5, { client_order_id, ...ioc })).toEqual(
        orderState({ client_order_id, ...order, ...ioc, ...state }),
      );
    }
    expect((await ann.orders.result("orders.open")).orders).toEqual([]);
  });

  test("of a refused order is free again", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const market = { symbol, side: "BUY", type: "MARKET", quantity: 1, client_order_id: "retry" };
    expect(await ann.orders.refusal("order.place", market)).toEqual(bare(40903));
    expect(await ann.place("BUY", 100, 5, { client_order_id: "retry" })).not.toHaveProperty(
      "duplicate",
    );
  });

  test("is one's own: another may use the same", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    const first = await ann.place("BUY", 100, 5, { client_order_id: "same" });
    const second = await bob.place("BUY", 100, 5, { client_order_id: "same" });
    expect(second).not.toHaveProperty("duplicate");
    expect(second.order_id).not.toBe(first.order_id);
    await bob.orders.result("order.cancel", { client_order_id: "same" });
    const which = { client_order_id: "same" };
    expect((await ann.orders.result("order.status", which)).status).toBe("ACCEPTED");
    expect((await bob.orders.result("order.status", which)).status).toBe("CANCELLED");
  });

  test("finds the order for status, amend and cancel, until it is done", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann } = pair;
    const which = { client_order_id: "find-me" };
    const { order_id } = await ann.place("BUY", 100, 5, which);
    const found = [
      await ann.orders.result("order.status", which),
      await ann.orders.result("order.amend", { ...which, price: 99 }),
      await ann.orders.result("order.cancel", which),
    ];
    expect(found.map((order) => [order.order_id, order.status])).toEqual([
      [order_id, "ACCEPTED"],
      [order_id, "ACCEPTED"],
      [order_id, "CANCELLED"],
    ]);
    expect(await ann.orders.refusal("order.cancel", which)).toEqual(
      detailed(40004, { status: "CANCELLED" }),
    );
    const unknown = { client_order_id: "nobody" };
    expect(await ann.orders.refusal("order.status", unknown)).toEqual(bare(40004));
  });

  test.each([
    "a",
    "x".repeat(64),
    "!#$%&'()*+,-./0:;<=>?@AZ[]^_`az{|}~",
    "ord_1",
    "0",
    "__proto__",
    "constructor",
  ])("may be %p", async (client_order_id) => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann } = pair;
    const placed = await ann.place("BUY", 100, 5, { client_order_id });
    expect(placed.client_order_id).toBe(client_order_id);
    expect(await ann.orders.result("order.status", { client_order_id })).toEqual(
      orderState({ ...placed, timestamp: expect.any(Number), tick: expect.any(Number) }),
    );
    const [listed] = (await ann.orders.result("orders.open")).orders as unknown[];
    expect(listed).toMatchObject({ client_order_id });
    const events = () => ann.events.of("user_data").filter(({ event }) => event === "order");
    await ann.events.until(() => events().length > 0, "the order event");
    expect(events()[0]).toMatchObject({ client_order_id });
  });

  const unusable: unknown[] = [
    "",
    "x".repeat(65),
    "a b",
    'a"b',
    "a\\b",
    "a\nb",
    "a\u0000",
    "ünï",
    "\u{1f3c8}",
    "a\u007f",
    7,
    true,
    ["a"],
    { a: 1 },
  ];
  test.each(unusable.map((id) => [id]))("may not be %p", async (client_order_id) => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const order = { symbol, side: "BUY", type: "LIMIT", price: 100, quantity: 5, client_order_id };
    expect(await ann.orders.refusal("order.place", order)).toEqual(invalid("client_order_id"));
    expect((await ann.orders.result("orders.open")).orders).toEqual([]);
  });

  test("sent many times at once places one order", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann } = pair;
    const placed = await Promise.all(
      Array.from({ length: 50 }, () => ann.place("BUY", 100, 1, { client_order_id: "burst" })),
    );
    expect(new Set(placed.map(({ order_id }) => order_id)).size).toBe(1);
    expect(placed.filter(({ duplicate }) => duplicate !== true)).toBeArrayOfSize(1);
    expect((await ann.orders.result("orders.open")).orders).toBeArrayOfSize(1);
  });
});
