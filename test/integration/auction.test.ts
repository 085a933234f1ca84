import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ANY_NUMBER, bare, orderState } from "./expectations.ts";
import { CASH, SHARES, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Encoding, type Members, type WireClient } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

async function reader(encoding: Encoding, symbol: string): Promise<WireClient> {
  const client = await venue.open("/market-data", encoding);
  await client.result("subscribe", { channels: ["status", "trades"], symbols: [symbol] });
  return client;
}

const states = (client: WireClient) => client.of("status").map(({ state }) => state);

describe.each(ENCODINGS)("a call auction in %s", (encoding) => {
  test("gathers orders in a book that crosses, and trades all that can at one price", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    using watch = await reader(encoding, symbol);
    const set = (to: string) => venue.server.ask("POST", `/symbols/${symbol}/${to}`);
    expect(await set("pre-open")).toMatchObject({ symbol, state: "PRE_OPEN" });
    const best = await ann.place("BUY", 102, 10);
    const next = await ann.place("BUY", 101, 20);
    await bob.place("SELL", 101, 15);
    await bob.place("SELL", 100, 10);
    expect(best.status).toBe("ACCEPTED");
    expect(await watch.result("book.snapshot", { symbol })).toMatchObject({
      bids: [
        [102, 10],
        [101, 20],
      ],
      asks: [
        [100, 10],
        [101, 15],
      ],
    });
    await set("auction");
    const which = { order_id: best.order_id };
    expect(await ann.orders.result("order.status", which)).toEqual(best);
    expect(watch.of("trades")).toEqual([]);

    expect(await set("resume")).toMatchObject({ symbol, state: "TRADING" });
    const volume = () =>
      watch.of("trades").reduce((sum, { quantity }) => sum + Number(quantity), 0);
    await watch.until(() => volume() >= 25, "the trades of the auction");
    expect(watch.of("trades").map(({ price }) => price)).toEqual(watch.of("trades").map(() => 101));
    expect(volume()).toBe(25);
    await watch.until(() => states(watch).at(-1) === "TRADING", "the opening");
    expect(states(watch).slice(-3)).toEqual(["PRE_OPEN", "AUCTION", "TRADING"]);
    expect(await ann.orders.result("order.status", which)).toMatchObject({
      price: 102,
      average_price: 101,
      status: "FILLED",
    });
    const left = await ann.orders.result("order.status", { order_id: next.order_id });
    expect(left).toMatchObject({ price: 101, filled_quantity: 15, status: "PARTIALLY_FILLED" });
    const total = CASH - 25 * 101;
    expect((await ann.orders.result("account.balances")).cash).toEqual({
      available: total - 505,
      reserved: 505,
      total,
    });
    expect((await bob.orders.result("account.balances")).cash).toEqual({
      available: CASH + 2525,
      reserved: 0,
      total: CASH + 2525,
    });
    const [position] = (await bob.orders.result("account.positions")).positions as Members[];
    expect(position).toEqual({
      symbol,
      available: SHARES - 25,
      reserved: 0,
      total: SHARES - 25,
    });
  });

  test("takes only orders that can rest, which can be amended and cancelled", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await venue.server.ask("POST", `/symbols/${symbol}/pre-open`);
    const order = { symbol, side: "BUY", type: "LIMIT", price: 100, quantity: 5 };
    const refused: Members[] = [
      { time_in_force: "IOC" },
      { time_in_force: "FOK" },
      { type: "MARKET", price: undefined },
    ];
    for (const more of refused) {
      const params = Object.entries({ ...order, ...more }).filter(([, v]) => v !== undefined);
      const refusal = await ann.orders.refusal("order.place", Object.fromEntries(params));
      expect([more, refusal]).toEqual([more, bare(40909)]);
    }
    await bob.place("SELL", 90, 1);
    // It would cross, were there trading: there is none.
    const { order_id } = await ann.place("BUY", 100, 5, { post_only: true });
    const amended = await ann.orders.result("order.amend", { order_id, price: 101 });
    expect(amended).toEqual(
      orderState({ ...order, price: 101, post_only: true, filled_quantity: 0, status: "ACCEPTED" }),
    );
    expect(await ann.orders.result("order.cancel", { order_id })).toMatchObject({
      status: "CANCELLED",
    });
    await venue.server.ask("POST", `/symbols/${symbol}/resume`);
    expect((await bob.orders.result("orders.open")).orders).toBeArrayOfSize(1);
  });

  test("goes on after kill -9 with what has gathered", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await venue.server.ask("POST", `/symbols/${symbol}/pre-open`);
    const bid = await ann.place("BUY", 110, 5);
    await bob.place("SELL", 110, 5);
    await venue.crash();
    using orders = await venue.connect("/orders", encoding, ann.user);
    expect(await orders.result("orders.open")).toEqual({ orders: [bid], seq: ANY_NUMBER });
    await venue.server.ask("POST", `/symbols/${symbol}/resume`);
    expect(await orders.result("order.status", { order_id: bid.order_id })).toMatchObject({
      average_price: 110,
      status: "FILLED",
    });
  });
});
