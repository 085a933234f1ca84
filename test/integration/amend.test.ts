import { beforeAll, describe, expect, test } from "bun:test";
import { bare, detailed, orderState } from "./expectations.ts";
import { CASH, SHARES, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

describe.each(ENCODINGS)("an amendment in %s", (encoding) => {
  /** Two bids of five at 100; amends the first, sells five, and tells which of them was filled. */
  async function servedAfter(change: Members): Promise<unknown> {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    await ann.place("BUY", 100, 5, { client_order_id: "first" });
    await ann.place("BUY", 100, 5, { client_order_id: "second" });
    await ann.orders.result("order.amend", { client_order_id: "first", ...change });
    await bob.place("SELL", 100, 1);
    const filled = () =>
      ann.events.of("user_data").find(({ last_fill }) => last_fill !== undefined);
    await ann.events.until(() => filled() !== undefined, "a fill");
    return filled()?.client_order_id;
  }

  test("that only reduces keeps its time priority", async () => {
    expect(await servedAfter({ quantity: 4 })).toBe("first");
  });

  test("that reduces and names the same price keeps its time priority", async () => {
    expect(await servedAfter({ quantity: 4, price: 100 })).toBe("first");
  });

  test("that adds quantity goes to the back", async () => {
    expect(await servedAfter({ quantity: 6 })).toBe("second");
  });

  test("to a worse price goes behind", async () => {
    expect(await servedAfter({ price: 99 })).toBe("second");
  });

  test("to a better price goes before", async () => {
    expect(await servedAfter({ price: 101, quantity: 9 })).toBe("first");
  });

  test("answers with the whole new state and moves the reservation", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const { order_id } = await ann.place("BUY", 100, 5, { client_order_id: "c" });
    const order = { order_id, client_order_id: "c", symbol, side: "BUY", type: "LIMIT" };
    const steps: [Members, number, number][] = [
      [{ quantity: 3 }, 100, 3],
      [{ price: 120 }, 120, 3],
      [{ price: 90, quantity: 8 }, 90, 8],
    ];
    for (const [change, price, quantity] of steps) {
      expect(await ann.orders.result("order.amend", { order_id, ...change })).toEqual(
        orderState({ ...order, price, quantity, filled_quantity: 0, status: "ACCEPTED" }),
      );
      const reserved = price * quantity;
      expect((await ann.orders.result("account.balances")).cash).toEqual({
        available: CASH - reserved,
        reserved,
        total: CASH,
      });
    }
    const states = () => ann.events.of("user_data").filter(({ event }) => event === "order");
    await ann.events.until(() => states().length >= 4, "four order events");
    expect(states().map(({ price, quantity, status }) => [price, quantity, status])).toEqual([
      [100, 5, "ACCEPTED"],
      [100, 3, "ACCEPTED"],
      [120, 3, "ACCEPTED"],
      [90, 8, "ACCEPTED"],
    ]);
  });

  test("to a crossing price trades at once", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await bob.place("SELL", 110, 2);
    const { order_id } = await ann.place("BUY", 100, 5);
    expect(await ann.orders.result("order.amend", { order_id, price: 110 })).toEqual(
      orderState({
        order_id,
        symbol,
        side: "BUY",
        type: "LIMIT",
        price: 110,
        quantity: 5,
        filled_quantity: 2,
        average_price: 110,
        status: "PARTIALLY_FILLED",
      }),
    );
  });

  test("counts what was filled: quantity is the new total", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    const { order_id } = await ann.place("BUY", 100, 5);
    await bob.place("SELL", 100, 2);
    expect(await ann.orders.result("order.amend", { order_id, quantity: 4 })).toMatchObject({
      quantity: 4,
      filled_quantity: 2,
      status: "PARTIALLY_FILLED",
    });
    const { cash } = await ann.orders.result("account.balances");
    expect(cash).toEqual({ available: CASH - 400, reserved: 200, total: CASH - 200 });
  });

  test("down to what was filled, or below it, cancels the rest", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    for (const quantity of [2, 1, 0]) {
      const { order_id } = await ann.place("BUY", 100, 5);
      await bob.place("SELL", 100, 2);
      expect(await ann.orders.result("order.amend", { order_id, quantity })).toEqual(
        orderState({
          ...{ order_id, symbol, side: "BUY", type: "LIMIT", price: 100, quantity: 5 },
          ...{ filled_quantity: 2, average_price: 100, status: "CANCELLED", reason: "USER" },
        }),
      );
    }
    const { cash } = await ann.orders.result("account.balances");
    expect(cash).toEqual({ available: CASH - 600, reserved: 0, total: CASH - 600 });
  });

  test("to nothing cancels an order of which nothing was filled, and a stop that waits", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann } = pair;
    const { order_id } = await ann.place("BUY", 100, 5);
    await ann.place("BUY", 100, 5, { type: "STOP_LIMIT", stop_price: 200, client_order_id: "s" });
    const ended = { status: "CANCELLED", filled_quantity: 0, quantity: 5, reason: "USER" };
    for (const [which, more] of [
      [{ order_id }, { price: 90 }],
      [{ client_order_id: "s" }, {}],
    ]) {
      const amendment = { ...which, ...more, quantity: 0 };
      expect(await ann.orders.result("order.amend", amendment)).toMatchObject(ended);
      expect(await ann.orders.refusal("order.amend", amendment)).toEqual(
        detailed(40004, { status: "CANCELLED" }),
      );
    }
  });

  test("without the funds for it is refused and changes nothing", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    const bid = await ann.place("BUY", 100, 5);
    const ask = await bob.place("SELL", 100_000, 5);
    const dear = { order_id: bid.order_id, price: CASH };
    expect(await ann.orders.refusal("order.amend", dear)).toEqual(
      detailed(40906, { needed: 5 * CASH, available: CASH }),
    );
    const many = { order_id: ask.order_id, quantity: 1_001 };
    expect(await bob.orders.refusal("order.amend", many)).toEqual(
      detailed(40907, { needed: 1_001, available: SHARES }),
    );
    for (const [{ orders }, before] of [
      [ann, bid],
      [bob, ask],
    ] as const) {
      const now = await orders.result("order.status", { order_id: before.order_id });
      expect({ ...now, timestamp: 0, tick: 0 }).toEqual({ ...before, timestamp: 0, tick: 0 });
    }
  });

  test("of a post-only order is refused where it would cross", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    await bob.place("SELL", 110, 2);
    const { order_id } = await ann.place("BUY", 100, 5, { post_only: true });
    expect(await ann.orders.refusal("order.amend", { order_id, price: 110 })).toEqual(bare(40901));
    expect(await ann.orders.result("order.amend", { order_id, price: 109 })).toMatchObject({
      price: 109,
      status: "ACCEPTED",
    });
  });

  test("of another user's order, or of an unknown one, is 40004", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    const { order_id } = await ann.place("BUY", 100, 5, { client_order_id: "mine" });
    const asked: Members[] = [
      { order_id },
      { client_order_id: "mine" },
      { order_id: "ord_999999999" },
      { order_id: `ord_${Number.MAX_SAFE_INTEGER}` },
    ];
    for (const which of asked) {
      for (const [method, more] of [
        ["order.amend", { price: 1 }],
        ["order.cancel", {}],
        ["order.status", {}],
      ] as const) {
        const refused = await bob.orders.refusal(method, { ...which, ...more });
        expect([method, which, refused]).toEqual([method, which, bare(40004)]);
      }
    }
    expect((await ann.orders.result("orders.open")).orders).toBeArrayOfSize(1);
    await ann.orders.result("order.cancel", { order_id });
    expect(await bob.orders.refusal("order.cancel", { order_id })).toEqual(bare(40004));
    expect(await ann.orders.refusal("order.cancel", { order_id })).toEqual(
      detailed(40004, { status: "CANCELLED" }),
    );
  });
});
