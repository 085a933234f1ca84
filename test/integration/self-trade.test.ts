import { beforeAll, describe, expect, test } from "bun:test";
import { bare, orderState } from "./expectations.ts";
import { CASH, SHARES, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

/** The rest of an order that was stopped after it had changed something. */
const stopped = { status: "CANCELLED", reason: "SELF_TRADE" };

describe.each(ENCODINGS)("an order that meets one's own, in %s,", (encoding) => {
  /**
   * Ann sells `bobsFirst` of Bob's shares ahead of her own five at 100, then buys eight under `mode`.
   * Gives the answer and what is left in the book.
   */
  async function meetOneself(mode: string | undefined, bobsFirst: number) {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    if (bobsFirst > 0) await bob.place("SELL", 100, bobsFirst);
    const own = await ann.place("SELL", 100, 5, { client_order_id: "own" });
    await bob.place("SELL", 101, 4);
    const order = { symbol, side: "BUY", type: "LIMIT", price: 101, quantity: 8 };
    const answer = await ann.orders.ask({
      id: "taker",
      method: "order.place",
      params: { ...order, ...(mode === undefined ? {} : { self_trade_prevention: mode }) },
    });
    const ownNow = await ann.orders.result("order.status", { order_id: own.order_id });
    using reader = await venue.open("/market-data", encoding);
    const { asks, bids } = await reader.result("book.snapshot", { symbol });
    const { cash } = await ann.orders.result("account.balances");
    const { positions } = await ann.orders.result("account.positions");
    const left = { own: ownNow.status, ownFilled: ownNow.filled_quantity, asks, bids };
    return { answer, order, left, cash, position: (positions as Members[])[0] };
  }

  const held = (reserved: number, total: number) => ({
    available: total - reserved,
    reserved,
    total,
  });

  test.each([undefined, "CANCEL_NEWEST"])("is refused under %p before any fill", async (mode) => {
    const { answer, left, cash, position } = await meetOneself(mode, 0);
    expect(answer).toEqual({ id: "taker", error: bare(40908) });
    expect(left).toEqual({
      own: "ACCEPTED",
      ownFilled: 0,
      asks: [
        [100, 5],
        [101, 4],
      ],
      bids: [],
    });
    expect(cash).toEqual(held(0, CASH));
    expect(position).toMatchObject(held(5, SHARES));
  });

  test.each([undefined, "CANCEL_NEWEST"])("is cancelled under %p after a fill", async (mode) => {
    const { answer, order, left, cash } = await meetOneself(mode, 2);
    const state = { filled_quantity: 2, average_price: 100, ...stopped };
    expect(answer).toEqual({ id: "taker", result: orderState({ ...order, ...state }) });
    expect(left).toEqual({
      own: "ACCEPTED",
      ownFilled: 0,
      asks: [
        [100, 5],
        [101, 4],
      ],
      bids: [],
    });
    expect(cash).toEqual(held(0, CASH - 200));
  });

  test("cancels the resting one under CANCEL_OLDEST and goes on", async () => {
    const { answer, order, left, cash, position } = await meetOneself("CANCEL_OLDEST", 0);
    const state = { filled_quantity: 4, average_price: 101, status: "PARTIALLY_FILLED" };
    expect(answer).toEqual({ id: "taker", result: orderState({ ...order, ...state }) });
    expect(left).toEqual({ own: "CANCELLED", ownFilled: 0, asks: [], bids: [[101, 4]] });
    expect(cash).toEqual(held(404, CASH - 404));
    expect(position).toMatchObject(held(0, SHARES + 4));
  });

  test("cancels both under CANCEL_BOTH", async () => {
    const { answer, order, left, cash } = await meetOneself("CANCEL_BOTH", 0);
    expect(answer).toEqual({
      id: "taker",
      result: orderState({ ...order, filled_quantity: 0, ...stopped }),
    });
    expect(left).toEqual({ own: "CANCELLED", ownFilled: 0, asks: [[101, 4]], bids: [] });
    expect(cash).toEqual(held(0, CASH));
  });

  test("cancels both under CANCEL_BOTH, the rest of a filled one too", async () => {
    const { answer, order, left } = await meetOneself("CANCEL_BOTH", 2);
    const state = { filled_quantity: 2, average_price: 100, ...stopped };
    expect(answer).toEqual({ id: "taker", result: orderState({ ...order, ...state }) });
    expect(left).toEqual({ own: "CANCELLED", ownFilled: 0, asks: [[101, 4]], bids: [] });
  });

  test("takes the smaller from both under DECREMENT and goes on", async () => {
    const { answer, order, left, cash, position } = await meetOneself("DECREMENT", 0);
    expect(answer).toMatchObject({
      id: "taker",
      result: { ...order, quantity: expect.any(Number), filled_quantity: 3, average_price: 101 },
    });
    expect(answer.result?.status).toBe("FILLED");
    expect(left).toEqual({ own: "CANCELLED", ownFilled: 0, asks: [[101, 1]], bids: [] });
    expect(cash).toEqual(held(0, CASH - 303));
    expect(position).toMatchObject(held(0, SHARES + 3));
  });

  test("trades with oneself under NONE, and nothing moves", async () => {
    const { answer, order, left, cash, position } = await meetOneself("NONE", 0);
    const state = { filled_quantity: 8, average_price: 100.375, status: "FILLED" };
    expect(answer).toEqual({ id: "taker", result: orderState({ ...order, ...state }) });
    expect(left).toEqual({ own: "FILLED", ownFilled: 5, asks: [[101, 1]], bids: [] });
    expect(cash).toEqual(held(0, CASH - 303));
    expect(position).toMatchObject(held(0, SHARES + 3));
  });
});
