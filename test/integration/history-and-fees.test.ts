import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ANY_NUMBER, bare, invalid } from "./expectations.ts";
import { CASH, type Trader, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members, type WireClient } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open({ config: "[market]\nmaker_fee_bps = -10\ntaker_fee_bps = 30\n" });
});
afterAll(() => venue[Symbol.asyncDispose]());

/** Every row of a paged query, `limit` at a time. */
async function pages(
  client: WireClient,
  method: "orders.history" | "account.trades",
  limit: number,
  more: Members = {},
): Promise<Members[]> {
  const rows: Members[] = [];
  let next: unknown;
  do {
    const before = next === undefined ? {} : { before: next };
    const page = await client.result(method, { limit, ...more, ...before });
    const own = (page.orders ?? page.trades) as Members[];
    expect(own.length).toBeLessThanOrEqual(limit);
    rows.push(...own);
    next = page.next;
  } while (next !== undefined);
  return rows;
}

const cashOf = async ({ orders }: Trader): Promise<unknown> =>
  (await orders.result("account.balances")).cash;
const free = (total: number) => ({ available: total, reserved: 0, total });

describe.each(ENCODINGS)("in %s", (encoding) => {
  const meet = () => TwoTraders.meet(venue, encoding, encoding);

  test("orders.history lists done orders in pages, the last done first", async () => {
    using pair = await meet();
    const { symbol, ann, bob } = pair;
    const other = venue.symbol();
    await ann.place("BUY", 90, 1, { client_order_id: "open" });
    await ann.place("BUY", 100, 5, { client_order_id: "filled" });
    await ann.place("BUY", 95, 5, { client_order_id: "cancelled" });
    await ann.place("BUY", 90, 5, { client_order_id: "expired", time_in_force: "IOC" });
    await ann.orders.result("order.cancel", { client_order_id: "cancelled" });
    await bob.place("SELL", 100, 5);
    const elsewhere = { symbol: other, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    await ann.orders.result("order.place", {
      ...elsewhere,
      time_in_force: "IOC",
      client_order_id: "elsewhere",
    });
    const all = ["elsewhere", "filled", "cancelled", "expired"];
    for (const limit of [1, 2, 3, 4, 1000]) {
      const rows = await pages(ann.orders, "orders.history", limit);
      expect(rows.map(({ client_order_id }) => client_order_id)).toEqual(all);
    }
    const here = await pages(ann.orders, "orders.history", 2, { symbol });
    expect(here.map(({ client_order_id }) => client_order_id)).toEqual(all.slice(1));
    for (const state of here) {
      expect(await ann.orders.result("order.status", { order_id: state.order_id })).toEqual(state);
    }
    expect(await bob.orders.result("orders.history")).toMatchObject({
      orders: [{ side: "SELL", status: "FILLED", average_price: 100 }],
    });
  });

  test("account.trades lists the account's fills in pages, newest first, also after a restart", async () => {
    using pair = await meet();
    const { symbol, ann, bob } = pair;
    const ids: unknown[] = [];
    for (let quantity = 1; quantity <= 5; quantity++) {
      ids.unshift((await ann.place("BUY", 1000, quantity)).order_id);
      await bob.place("SELL", 1000, quantity);
    }
    const listed = (client: WireClient, limit: number) => pages(client, "account.trades", limit);
    const rows = await listed(ann.orders, 2);
    expect(rows).toEqual(
      ids.map((order_id, i) => ({
        order_id,
        symbol,
        side: "BUY",
        price: 1000,
        quantity: 5 - i,
        trade_id: ANY_NUMBER,
        liquidity: "MAKER",
        fee: -(5 - i),
        timestamp: ANY_NUMBER,
        tick: ANY_NUMBER,
      })),
    );
    const theirs = await listed(bob.orders, 1);
    expect(
      theirs.map(({ trade_id, side, liquidity, fee }) => [trade_id, side, liquidity, fee]),
    ).toEqual(
      rows.map(({ trade_id, quantity }) => [trade_id, "SELL", "TAKER", 3 * Number(quantity)]),
    );
    expect(await ann.orders.result("account.trades")).toEqual({
      account_id: ann.user.account_id,
      trades: rows,
    });
    await venue.crash();
    using orders = await venue.connect("/orders", encoding, ann.user);
    for (const limit of [1, 3, 5, 6]) expect(await listed(orders, limit)).toEqual(rows);
  });

  test("a page of an unknown symbol or with a bad parameter is refused", async () => {
    using pair = await meet();
    const { orders } = pair.ann;
    for (const method of ["orders.history", "account.trades"]) {
      expect(await orders.refusal(method, { symbol: "SYMBOL_999999" })).toEqual(bare(40003));
      expect(await orders.refusal(method, { limit: 1001 })).toEqual(invalid("limit"));
      expect(await orders.refusal(method, { limit: 0 })).toEqual(invalid("limit"));
      expect(await orders.refusal(method, { before: 0 })).toEqual(invalid("before"));
    }
  });

  test("an account pays its own fees from the next order on, and a maker may earn", async () => {
    using pair = await meet();
    const { ann, bob } = pair;
    const settings = ({ user }: Trader, body: Members) =>
      venue.server.ask("POST", `/accounts/${user.account_id}/settings`, body);
    const feesOf = ({ events }: Trader) =>
      events
        .of("user_data")
        .filter(({ last_fill }) => last_fill !== undefined)
        .map(({ last_fill }) => (last_fill as Members).fee);
    const trade = async (count: number) => {
      await ann.place("BUY", 1000, 10);
      await bob.place("SELL", 1000, 10);
      for (const { events } of [ann, bob]) {
        await events.until(() => feesOf({ events } as Trader).length === count, `${count} fills`);
      }
    };
    await trade(1);
    expect([await cashOf(ann), await cashOf(bob)]).toEqual([
      free(CASH - 10_000 + 10),
      free(CASH + 10_000 - 30),
    ]);
    await settings(ann, { fees: { maker_bps: -20, taker_bps: 0 } });
    await settings(bob, { fees: { maker_bps: 0, taker_bps: 25 } });
    await trade(2);
    await settings(ann, {});
    await settings(bob, { fees: { maker_bps: 0, taker_bps: 0 } });
    // A rebate comes from the taker's fee, and there is none.
    await trade(3);
    expect([feesOf(ann), feesOf(bob)]).toEqual([
      [-10, -20, 0],
      [30, 25, 0],
    ]);
    expect([await cashOf(ann), await cashOf(bob)]).toEqual([
      free(CASH - 30_000 + 30),
      free(CASH + 30_000 - 55),
    ]);
  });
});
