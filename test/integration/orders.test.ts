import { beforeAll, describe, expect, test } from "bun:test";
import {
  ANY_NUMBER,
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
  venue = await Venue.warm();
});

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
  test("an order rests, is filled in part and then fully, and each step is pushed to both users and the market", async () => {
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
      seq: ANY_NUMBER,
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
      reason: "USER",
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

  test("cash and shares move between buyer and seller, and reservations follow", async () => {
    using pair = await TwoTraders.meet(venue, annSpeaks, bobSpeaks);
    const { symbol, ann, bob } = pair;
    const balances = async ({ orders, user }: typeof ann) => {
      const { cash, seq, ...rest } = await orders.result("account.balances");
      const { positions, ...more } = await orders.result("account.positions");
      expect({ rest, more }).toEqual({
        rest: { account_id: user.account_id },
        more: { account_id: user.account_id, seq },
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
      const { account_id, cash } = now as { account_id: string; cash: Members };
      await events.until(() => last("balance").available === cash.available, "the balance");
      const balance = last("balance");
      expect(balance).toEqual({ event: "balance", account_id, ...whereOf(balance), ...cash });
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

  test("cancel_all cancels the account's orders, of one symbol or all, and says how many", async () => {
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

  test("orders.open lists open orders, newest first, of one symbol if asked", async () => {
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
    expect(strip(await ann.orders.result("orders.open"))).toEqual(bareOf([fourth, third, first]));
    expect(strip(await ann.orders.result("orders.open", { symbol }))).toEqual(
      bareOf([third, first]),
    );
  });
});
