import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  ANY_NUMBER,
  bare,
  detailed,
  expectConsecutive,
  expectWhole,
  orderState,
} from "./expectations.ts";
import { CASH, SHARES, type Trader, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import type { Encoding, Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

const PAIRS: readonly [Encoding, Encoding][] = [
  ["json", "json"],
  ["msgpack", "msgpack"],
  ["json", "msgpack"],
];

/** The order events that a trader got, once there are `count` of them. */
async function orderEvents({ events }: Trader, count: number): Promise<Members[]> {
  const orders = () => events.of("user_data").filter(({ event }) => event === "order");
  await events.until(() => orders().length >= count, `${count} order events`);
  expectConsecutive(events.of("user_data").map(({ seq }) => seq));
  return orders();
}

describe.each(PAIRS)("Ann in %s and Bob in %s:", (annSpeaks, bobSpeaks) => {
  test("an order rests, fills in part, fills, and everybody is told", async () => {
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
    const { symbol, ann, bob } = pair;

    const placed = await ann.place("BUY", 150, 10, { client_order_id: "a-1" });
    const bid = { symbol, side: "BUY", type: "LIMIT", price: 150, quantity: 10 };
    const annOrder = { order_id: placed.order_id, client_order_id: "a-1", ...bid };
    expect(placed).toEqual(orderState({ ...annOrder, filled_quantity: 0, status: "ACCEPTED" }));

    const first = await bob.place("SELL", 149, 4);
    const sold = { symbol, side: "SELL", type: "LIMIT" };
    expect(first).toEqual(
      orderState({
        ...sold,
        price: 149,
        quantity: 4,
        filled_quantity: 4,
        average_price: 150,
        status: "FILLED",
      }),
    );
    const partly = { filled_quantity: 4, average_price: 150, status: "PARTIALLY_FILLED" };
    expect(await ann.orders.result("order.status", { order_id: placed.order_id })).toEqual(
      orderState({ ...annOrder, ...partly }),
    );
    expect(await ann.orders.result("orders.open")).toEqual({
      orders: [orderState({ ...annOrder, ...partly })],
    });

    const second = await bob.place("SELL", 150, 9, { client_order_id: "b-2" });
    expect(second).toEqual(
      orderState({
        client_order_id: "b-2",
        ...sold,
        price: 150,
        quantity: 9,
        filled_quantity: 6,
        average_price: 150,
        status: "PARTIALLY_FILLED",
      }),
    );
    const cancelled = await bob.orders.result("order.cancel", { client_order_id: "b-2" });
    expect(cancelled).toEqual({
      ...second,
      status: "CANCELLED",
      timestamp: cancelled.timestamp,
      tick: cancelled.tick,
    });

    const annOrders = await orderEvents(ann, 3);
    const filled = { filled_quantity: 10, average_price: 150, status: "FILLED" };
    const fill = { price: 150, liquidity: "MAKER", fee: 0 };
    const trades = annOrders.map(({ last_fill }) => (last_fill as Members)?.trade_id);
    const [tradeOne, tradeTwo] = trades.filter((id) => id !== undefined);
    expectWhole([tradeOne, tradeTwo], 1);
    const event = { event: "order", seq: ANY_NUMBER };
    expect(annOrders).toEqual([
      orderState({ ...event, ...annOrder, filled_quantity: 0, status: "ACCEPTED" }),
      orderState({
        ...event,
        ...annOrder,
        ...partly,
        last_fill: { ...fill, quantity: 4, trade_id: tradeOne },
      }),
      orderState({
        ...event,
        ...annOrder,
        ...filled,
        last_fill: { ...fill, quantity: 6, trade_id: tradeTwo },
      }),
    ]);

    const taken = { ...fill, liquidity: "TAKER" };
    expect(await orderEvents(bob, 3)).toEqual([
      { ...event, ...first, last_fill: { ...taken, quantity: 4, trade_id: tradeOne } },
      { ...event, ...second, last_fill: { ...taken, quantity: 6, trade_id: tradeTwo } },
      { ...event, ...cancelled },
    ]);
    expect(ann.orders.frames[annSpeaks === "json" ? "msgpack" : "json"]).toBe(0);
    expect(bob.events.frames[bobSpeaks === "json" ? "msgpack" : "json"]).toBe(0);
  });

  test("cash and shares move from one to the other, and reservations follow", async () => {
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
    const { symbol, ann, bob } = pair;
    const balances = async ({ orders, user }: typeof ann) => {
      const { cash, ...rest } = await orders.result("account.balances");
      const { positions, ...more } = await orders.result("account.positions");
      expect({ rest, more }).toEqual({
        rest: { account_id: user.account_id },
        more: { account_id: user.account_id },
      });
      return { cash, positions };
    };
    const whole = (available: number, reserved: number): Members => {
      return { available, reserved, total: available + reserved };
    };

    await ann.place("BUY", 200, 50);
    await bob.place("SELL", 300, 30);
    expect(await balances(ann)).toEqual({
      cash: whole(CASH - 10_000, 10_000),
      positions: [{ symbol, ...whole(SHARES, 0) }],
    });
    expect(await balances(bob)).toEqual({
      cash: whole(CASH, 0),
      positions: [{ symbol, ...whole(SHARES - 30, 30) }],
    });

    await bob.place("SELL", 150, 20);
    await ann.place("BUY", 400, 10);
    expect(await balances(ann)).toEqual({
      cash: whole(CASH - 4_000 - 3_000 - 6_000, 6_000),
      positions: [{ symbol, ...whole(SHARES + 30, 0) }],
    });
    expect(await balances(bob)).toEqual({
      cash: whole(CASH + 4_000 + 3_000, 0),
      positions: [{ symbol, ...whole(SHARES - 30 - 20, 20) }],
    });

    for (const { orders, events } of [ann, bob]) {
      const now = await orders.result("account.balances");
      const held = await orders.result("account.positions");
      const last = (kind: string) =>
        events.of("user_data").findLast(({ event }) => event === kind) ?? {};
      const whereOf = (data: Members) => ({
        seq: data.seq,
        timestamp: data.timestamp,
        tick: data.tick,
      });
      await events.until(() => Bun.deepEquals(last("balance").cash, now.cash), "the balance");
      const balance = last("balance");
      expect(balance).toEqual({ event: "balance", ...whereOf(balance), ...now });
      const [position] = held.positions as Members[];
      await events.until(() => last("position").available === position?.available, "the position");
      const moved = last("position");
      expect(moved).toEqual({
        event: "position",
        ...whereOf(moved),
        account_id: held.account_id,
        ...position,
      });
      expectWhole(
        events.of("user_data").flatMap(({ seq, tick, timestamp }) => [seq, tick, timestamp]),
        1,
      );
      expectConsecutive(events.of("user_data").map(({ seq }) => seq));
    }
  });

  test("average_price is rounded to four decimals over several fills", async () => {
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
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
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
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
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
    const { symbol, ann, bob } = pair;
    await ann.place("SELL", 100, 3);
    const order = { symbol, side: "BUY", type: "LIMIT", price: 100, quantity: 5 };
    expect(await bob.place("BUY", 100, 5, { time_in_force: "IOC" })).toEqual(
      orderState({ ...order, filled_quantity: 3, average_price: 100, status: "EXPIRED" }),
    );
    expect(await bob.place("BUY", 100, 5, { time_in_force: "IOC" })).toEqual(
      orderState({ ...order, filled_quantity: 0, status: "EXPIRED" }),
    );
    await ann.place("SELL", 99, 5);
    expect(await bob.place("BUY", 100, 5, { time_in_force: "IOC" })).toEqual(
      orderState({ ...order, filled_quantity: 5, average_price: 99, status: "FILLED" }),
    );
    expect(await bob.orders.result("orders.open")).toEqual({ orders: [] });
    expect((await bob.orders.result("account.balances")).cash).toEqual({
      available: CASH - 795,
      reserved: 0,
      total: CASH - 795,
    });
  });

  test("FOK takes all or nothing", async () => {
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
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
        symbol,
        side: "BUY",
        type: "MARKET",
        quantity: 3,
        filled_quantity: 3,
        average_price: 102,
        status: "FILLED",
      }),
    );
  });

  test("MARKET takes at any price, and without liquidity is an error", async () => {
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
    const { symbol, ann, bob } = pair;
    const market = { symbol, side: "SELL", type: "MARKET", quantity: 5 };
    expect(await bob.orders.refusal("order.place", market)).toEqual(bare(40903));
    await ann.place("BUY", 7, 2);
    await ann.place("BUY", 1, 1);
    expect(await bob.orders.result("order.place", market)).toEqual(
      orderState({ ...market, filled_quantity: 3, average_price: 5, status: "EXPIRED" }),
    );
    await ann.place("BUY", 7, 5);
    expect(await bob.orders.result("order.place", { ...market, time_in_force: "IOC" })).toEqual(
      orderState({ ...market, filled_quantity: 5, average_price: 7, status: "FILLED" }),
    );
    expect(await ann.orders.result("orders.open")).toEqual({ orders: [] });
  });

  test("post-only rests, or is refused, also before one's own order", async () => {
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
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
      orderState({ ...order, price: 99, filled_quantity: 0, status: "ACCEPTED" }),
    );
    expect(await ann.place("SELL", 99, 5, { post_only: false })).toMatchObject({
      status: "FILLED",
    });
  });

  test("an order that is done can be neither cancelled nor amended", async () => {
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
    const { ann, bob } = pair;
    const filled = await ann.place("SELL", 100, 3);
    const { order_id } = await bob.place("BUY", 100, 3);
    const cancelled = await ann.place("SELL", 100, 3);
    await ann.orders.result("order.cancel", { order_id: cancelled.order_id });
    const expired = await ann.place("SELL", 100, 3, { time_in_force: "IOC" });
    const done: [unknown, string][] = [
      [filled.order_id, "FILLED"],
      [cancelled.order_id, "CANCELLED"],
      [expired.order_id, "EXPIRED"],
    ];
    for (const [id, status] of done) {
      const refused = detailed(40004, { status });
      expect(await ann.orders.refusal("order.cancel", { order_id: id })).toEqual(refused);
      expect(await ann.orders.refusal("order.amend", { order_id: id, quantity: 1 })).toEqual(
        refused,
      );
      expect(await ann.orders.result("order.status", { order_id: id })).toMatchObject({ status });
    }
    expect(await bob.orders.refusal("order.cancel", { order_id })).toEqual(
      detailed(40004, { status: "FILLED" }),
    );
  });

  test("cancel_all cancels one's own orders of a symbol or all, and says how many", async () => {
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
    const { ann, bob } = pair;
    const other = venue.symbol();
    for (const price of [10, 11, 12]) await ann.place("BUY", price, 1);
    for (const price of [10, 11]) await ann.place("BUY", price, 1, { symbol: other });
    await bob.place("BUY", 10, 1);
    expect(await ann.orders.result("order.cancel_all", { symbol: other })).toEqual({
      cancelled: 2,
    });
    expect((await ann.orders.result("orders.open", { symbol: other })).orders).toEqual([]);
    expect((await ann.orders.result("orders.open")).orders).toBeArrayOfSize(3);
    expect(await ann.orders.result("order.cancel_all")).toEqual({ cancelled: 3 });
    expect(await ann.orders.result("order.cancel_all")).toEqual({ cancelled: 0 });
    expect((await bob.orders.result("orders.open")).orders).toBeArrayOfSize(1);
    const cancelled = () =>
      ann.events.of("user_data").filter(({ status }) => status === "CANCELLED");
    await ann.events.until(() => cancelled().length === 5, "five cancellations");
    const { cash } = await ann.orders.result("account.balances");
    expect(cash).toEqual({ available: CASH, reserved: 0, total: CASH });
  });

  test("orders.open lists the open ones, by symbol if asked, oldest first", async () => {
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
    const { symbol, ann } = pair;
    const other = venue.symbol();
    const placed: Members[] = [];
    for (const price of [12, 10, 11]) placed.push(await ann.place("BUY", price, 1));
    placed.push(await ann.place("BUY", 9, 1, { symbol: other, client_order_id: "x" }));
    const [first = {}, second = {}, third = {}, fourth = {}] = placed;
    await ann.orders.result("order.cancel", { order_id: second.order_id });
    const strip = ({ orders }: Members) =>
      (orders as Members[]).map(({ timestamp, tick, ...order }) => order);
    const bareOf = (orders: Members[]) => strip({ orders });
    expect(strip(await ann.orders.result("orders.open"))).toEqual(bareOf([first, third, fourth]));
    expect(strip(await ann.orders.result("orders.open", { symbol }))).toEqual(
      bareOf([first, third]),
    );
  });
});
