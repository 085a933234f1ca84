import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ANY_NUMBER, expectConsecutive } from "./expectations.ts";
import { CASH, SHARES, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

describe.each(ENCODINGS)("user data in %s", (encoding) => {
  test("comes to every connection of the account alike, and to nobody else", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    using second = await venue.connect("/user-data", encoding, ann.user);
    using silent = await venue.open("/user-data", encoding);
    await ann.place("BUY", 100, 5);
    await bob.place("SELL", 100, 2);
    const last = await ann.orders.result("order.cancel_all");
    expect(last).toEqual({ cancelled: 1 });
    for (const events of [ann.events, second]) {
      const done = () => events.of("user_data").some(({ status }) => status === "CANCELLED");
      await events.until(done, "the cancellation");
      const released = () => events.of("user_data").at(-1)?.available === CASH - 200;
      await events.until(released, "the released cash");
    }
    // The other one came first, and both had a snapshot before the first event.
    expect(second.of("user_data").slice(1)).toEqual(ann.events.of("user_data").slice(1));
    const foreign = bob.events.of("user_data").filter(({ side }) => side === "BUY");
    expect([foreign, silent.pushes, ann.orders.pushes]).toEqual([[], [], []]);
  });

  test("goes on with the next seq after a kill and after an orderly stop", async () => {
    const { user, symbol, last } = await (async () => {
      using pair = await TwoTraders.meet(venue, encoding, encoding);
      const { ann } = pair;
      await ann.place("BUY", 100, 5, { client_order_id: "kept" });
      await ann.events.until(() => ann.events.pushes.length >= 3, "snapshot, order and balance");
      return { user: ann.user, symbol: pair.symbol, last: ann.events.of("user_data").at(-1) };
    })();
    let seq = Number(last?.seq);
    for (const end of ["kill", "stop"] as const) {
      await venue.server[end]();
      await venue.restart();
      using orders = await venue.connect("/orders", encoding, user);
      using events = await venue.connect("/user-data", encoding, user);
      const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
      await orders.result("order.place", order);
      await events.until(() => events.pushes.length >= 3, "snapshot, order and balance");
      const numbers = events.of("user_data").map((data) => [data.event, data.seq]);
      expect(numbers).toEqual([
        ["snapshot", seq],
        ["order", seq + 1],
        ["balance", seq + 2],
      ]);
      seq += 2;
      const kept = await orders.result("order.status", { client_order_id: "kept" });
      expect([kept.status, kept.filled_quantity]).toEqual(["ACCEPTED", 0]);
    }
  });

  test("tells deposits, withdrawals and what the operator cancels", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const { account_id } = ann.user;
    const deposit = (body: Members) =>
      venue.server.ask("POST", `/accounts/${account_id}/deposit`, body);
    await deposit({ cash: 500 });
    await deposit({ positions: { [symbol]: 7 } });
    await deposit({ cash: -200, positions: { [symbol]: -3 } });
    const { order_id } = await ann.place("BUY", 100, 5);
    await venue.server.ask("POST", `/orders/${order_id}/cancel`);
    const data = () => ann.events.of("user_data");
    await ann.events.until(() => data().some(({ status }) => status === "CANCELLED"), "the end");
    await ann.events.until(() => data().at(-1)?.event === "balance", "the balance");
    const at = { seq: ANY_NUMBER, timestamp: ANY_NUMBER, tick: ANY_NUMBER, account_id };
    const balance = (available: number, reserved: number) => ({
      ...at,
      event: "balance",
      ...{ available, reserved, total: available + reserved },
    });
    const position = (available: number) => ({
      ...at,
      event: "position",
      symbol,
      available,
      reserved: 0,
      total: available,
    });
    expect(data().filter(({ event }) => event === "balance")).toEqual([
      balance(CASH + 500, 0),
      balance(CASH + 300, 0),
      balance(CASH + 300 - 500, 500),
      balance(CASH + 300, 0),
    ]);
    expect(data().filter(({ event }) => event === "position")).toEqual([
      position(SHARES + 7),
      position(SHARES + 4),
    ]);
    expect(data().filter(({ event }) => event === "order")).toMatchObject([
      { order_id, status: "ACCEPTED" },
      { order_id, status: "CANCELLED", reason: "OPERATOR" },
    ]);
    expectConsecutive(data().map(({ seq }) => seq));
  });
});
