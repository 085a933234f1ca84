import { beforeAll, describe, expect, test } from "bun:test";
import { ANY_NUMBER, bare, orderState } from "./expectations.ts";
import { CASH, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

describe.each(ENCODINGS)("matching in %s:", (encoding) => {
  test("average_price is rounded to four decimals over several fills", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    await ann.place("SELL", 100, 1);
    await ann.place("SELL", 101, 2);
    const thirds = await bob.place("BUY", 101, 3);
    expect(thirds.average_price).toBe(100.6667);
    await ann.place("SELL", 100, 2);
    await ann.place("SELL", 101, 1);
    const third = await bob.place("BUY", 105, 3);
    expect(third.average_price).toBe(100.3333);
    await ann.place("SELL", 100, 3);
    await ann.place("SELL", 101, 29);
    const exact = await bob.place("BUY", 101, 32);
    // 3229 / 32 = 100.90625: the fifth decimal is a 5, and goes up.
    expect(exact.average_price).toBe(100.9063);
    await ann.place("SELL", 107, 4);
    await ann.place("SELL", 108, 4);
    expect((await bob.place("BUY", 200, 8)).average_price).toBe(107.5);
  });

  test("price comes first, then time", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    const asks: [string, number][] = [
      ["late-best", 100],
      ["worst", 102],
      ["early", 101],
      ["later", 101],
    ];
    for (const [client_order_id, price] of asks)
      await ann.place("SELL", price, 5, { client_order_id });
    const taken = await bob.place("BUY", 102, 18);
    expect([taken.filled_quantity, taken.average_price]).toEqual([18, 100.8889]);
    const fills = () =>
      ann.events.of("user_data").filter(({ last_fill }) => last_fill !== undefined);
    await ann.events.until(() => fills().length === 4, "four fills");
    expect(
      fills().map(({ client_order_id, last_fill, status, tick }) => {
        const { price, quantity } = last_fill as Members;
        return { client_order_id, price, quantity, status, tick };
      }),
    ).toEqual([
      {
        client_order_id: "late-best",
        price: 100,
        quantity: 5,
        status: "FILLED",
        tick: taken.tick,
      },
      { client_order_id: "early", price: 101, quantity: 5, status: "FILLED", tick: taken.tick },
      { client_order_id: "later", price: 101, quantity: 5, status: "FILLED", tick: taken.tick },
      {
        client_order_id: "worst",
        price: 102,
        quantity: 3,
        status: "PARTIALLY_FILLED",
        tick: taken.tick,
      },
    ]);
  });

  test("IOC takes what there is and lets the rest expire", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await ann.place("SELL", 100, 3);
    const ioc = { time_in_force: "IOC" };
    const order = { symbol, side: "BUY", type: "LIMIT", price: 100, quantity: 5, ...ioc };
    const expired = { ...order, status: "EXPIRED", reason: "TIME_IN_FORCE" };
    expect(await bob.place("BUY", 100, 5, ioc)).toEqual(
      orderState({ ...expired, filled_quantity: 3, average_price: 100 }),
    );
    expect(await bob.place("BUY", 100, 5, ioc)).toEqual(
      orderState({ ...expired, filled_quantity: 0 }),
    );
    await ann.place("SELL", 99, 5);
    expect(await bob.place("BUY", 100, 5, ioc)).toEqual(
      orderState({ ...order, filled_quantity: 5, average_price: 99, status: "FILLED" }),
    );
    expect(await bob.orders.result("orders.open")).toEqual({ orders: [], seq: ANY_NUMBER });
    expect((await bob.orders.result("account.balances")).cash).toEqual({
      available: CASH - 795,
      reserved: 0,
      total: CASH - 795,
    });
  });

  test("FOK takes all or nothing", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await ann.place("SELL", 100, 3);
    await ann.place("SELL", 101, 3);
    await ann.place("SELL", 102, 3);
    const fok = { time_in_force: "FOK" };
    const order = { symbol, side: "BUY", type: "LIMIT", price: 101, quantity: 7 };
    expect(await bob.orders.request("order.place", { ...order, ...fok })).toEqual({
      id: 2,
      error: bare(40902),
    });
    expect(await bob.place("BUY", 101, 6, fok)).toEqual(
      orderState({
        ...order,
        ...fok,
        quantity: 6,
        filled_quantity: 6,
        average_price: 100.5,
        status: "FILLED",
      }),
    );
    expect(await bob.orders.refusal("order.place", { ...order, ...fok })).toEqual(bare(40902));
    const market = { symbol, side: "BUY", type: "MARKET", time_in_force: "FOK" };
    expect(await bob.orders.refusal("order.place", { ...market, quantity: 4 })).toEqual(
      bare(40902),
    );
    expect(await bob.orders.result("order.place", { ...market, quantity: 3 })).toEqual(
      orderState({
        ...market,
        quantity: 3,
        filled_quantity: 3,
        average_price: 102,
        status: "FILLED",
      }),
    );
  });

  test("MARKET takes at any price, and without liquidity is an error", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    const market = { symbol, side: "SELL", type: "MARKET", quantity: 5 };
    const taken = { ...market, time_in_force: "IOC" };
    const expired = { ...taken, status: "EXPIRED", reason: "TIME_IN_FORCE" };
    expect(await bob.orders.refusal("order.place", market)).toEqual(bare(40903));
    await ann.place("BUY", 7, 2);
    await ann.place("BUY", 1, 1);
    expect(await bob.orders.result("order.place", market)).toEqual(
      orderState({ ...expired, filled_quantity: 3, average_price: 5 }),
    );
    for (const time_in_force of ["IOC", "GTC"]) {
      await ann.place("BUY", 7, 5);
      expect(await bob.orders.result("order.place", { ...market, time_in_force })).toEqual(
        orderState({ ...taken, filled_quantity: 5, average_price: 7, status: "FILLED" }),
      );
    }
    await ann.place("BUY", 7, 4);
    // A market order never rests, whatever it asks for.
    expect(await bob.orders.result("order.place", { ...market, time_in_force: "GTC" })).toEqual(
      orderState({ ...expired, filled_quantity: 4, average_price: 7 }),
    );
    expect(await ann.orders.result("orders.open")).toEqual({ orders: [], seq: ANY_NUMBER });
  });

  test("post-only never takes, also when the order could do nothing else", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    const limit = { symbol, side: "BUY", type: "LIMIT", price: 100, quantity: 5, post_only: true };
    const market = { symbol, side: "BUY", type: "MARKET", quantity: 5, post_only: true };
    const only = async (order: Members) => {
      const { result, error } = await bob.orders.request("order.place", order);
      return result?.status ?? error?.code;
    };
    const outcomes = async () => [
      await only({ ...limit, time_in_force: "IOC" }),
      await only({ ...limit, time_in_force: "FOK" }),
      await only(market),
    ];
    expect(await outcomes()).toEqual(["EXPIRED", 40902, 40903]);
    await ann.place("SELL", 100, 9);
    expect(await outcomes()).toEqual([40901, 40901, 40901]);
    expect(await bob.orders.result("account.balances")).toMatchObject({
      cash: { available: CASH, reserved: 0, total: CASH },
    });
  });

  test("post-only rests, or is refused, also before one's own order", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await ann.place("SELL", 100, 3);
    const post_only = true;
    const order = { symbol, side: "BUY", type: "LIMIT", quantity: 5 };
    for (const { orders } of [ann, bob]) {
      for (const price of [100, 101]) {
        const crossing = { ...order, price, post_only };
        expect(await orders.refusal("order.place", crossing)).toEqual(bare(40901));
      }
    }
    expect(await bob.place("BUY", 99, 5, { post_only })).toEqual(
      orderState({ ...order, price: 99, post_only, filled_quantity: 0, status: "ACCEPTED" }),
    );
    expect(await ann.place("SELL", 99, 5, { post_only: false })).toMatchObject({
      status: "FILLED",
    });
  });
});
