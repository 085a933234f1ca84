import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { bare, detailed, invalid } from "./expectations.ts";
import { type User, Venue } from "./venue.ts";
import { ENCODINGS, type Members, type WireClient } from "./wire-client.ts";

/**
 * The contract lists the checks of an order in the order they are made. Each order here fails at one
 * of them and at every later one that can fail together with it.
 */

const CONFIG = `[market]
price_increment = 5
price_band_percent = 10
max_order_quantity = 1000
`;

const offIncrement = detailed(40905, { price_increment: 5 });
/** Ten percent around the last trade. */
const outsideBand = detailed(40904, { low: 900, high: 1_100 });

let venue: Venue;
let symbol: string;
let halted: string;
let rich: User;
let poor: User;
let reader: User;

beforeAll(async () => {
  venue = await Venue.open({ config: CONFIG });
  symbol = venue.symbol();
  halted = venue.symbol();
  rich = await venue.user({ cash: 10_000_000, positions: { [symbol]: 5_000 } });
  poor = await venue.user({ cash: 99 });
  reader = await venue.user({ permissions: ["market_data"] });
  using orders = await venue.connect("/orders", "json", rich);
  const limit = { symbol, type: "LIMIT", price: 1_000, quantity: 10 };
  await orders.result("order.place", { ...limit, side: "SELL" });
  const stp = { self_trade_prevention: "NONE" };
  await orders.result("order.place", { ...limit, side: "BUY", ...stp });
  await orders.result("order.place", { ...limit, side: "SELL" });
  await venue.server.ask("POST", `/symbols/${halted}/halt`);
});
afterAll(() => venue[Symbol.asyncDispose]());

describe.each(ENCODINGS)("the first check that fails is the answer, in %s:", (encoding) => {
  let good: Members;
  beforeEach(() => {
    good = { symbol, side: "BUY", type: "LIMIT", price: 1_000, quantity: 1 };
  });

  async function asked(who: User | undefined, params: Members) {
    using client: WireClient =
      who === undefined
        ? await venue.open("/orders", encoding)
        : await venue.connect("/orders", encoding, who);
    return await client.refusal("order.place", params);
  }

  const foreign = { account_id: "acc_1" };
  const unknown = { symbol: "SYMBOL_4095000" };
  const later = { price: 1_503, quantity: 2_000 };

  test("shape before login", async () => {
    const order = { ...good, ...foreign, ...unknown, quantity: -1 };
    expect(await asked(undefined, order)).toEqual(invalid("quantity"));
  });

  test("login before permission", async () => {
    expect(await asked(undefined, { ...good, ...foreign, ...unknown })).toEqual(bare(40100));
  });

  test("permission before account", async () => {
    expect((await asked(reader, { ...good, ...foreign, ...unknown })).code).toBe(40300);
  });

  test("account before symbol", async () => {
    expect((await asked(poor, { ...good, ...foreign, ...unknown })).code).toBe(40301);
  });

  test("symbol before the rest", async () => {
    expect(await asked(poor, { ...good, ...later, ...unknown })).toEqual(bare(40003));
  });

  test("symbol state before increment", async () => {
    expect((await asked(poor, { ...good, ...later, symbol: halted })).code).toBe(40909);
  });

  test("increment before band", async () => {
    expect(await asked(poor, { ...good, price: 1_503 })).toEqual(offIncrement);
  });

  test("increment before the largest quantity", async () => {
    expect(await asked(poor, { ...good, ...later })).toEqual(offIncrement);
  });

  test("band before funds", async () => {
    expect(await asked(poor, { ...good, price: 1_500 })).toEqual(outsideBand);
    expect(await asked(poor, { ...good, side: "SELL", price: 500 })).toEqual(outsideBand);
  });

  test("limits before funds", async () => {
    const { code } = await asked(poor, { ...good, quantity: 1_001 });
    expect(code).toBe(40910);
  });

  test("funds before post-only", async () => {
    expect(await asked(poor, { ...good, post_only: true })).toEqual(
      detailed(40906, { needed: 1_000, available: 99 }),
    );
  });

  test("shares before post-only", async () => {
    using other = await venue.connect("/orders", encoding, rich);
    const bid = await other.result("order.place", { ...good, price: 950 });
    const order = { ...good, side: "SELL", price: 950, post_only: true };
    expect(await asked(poor, order)).toEqual(detailed(40907, { needed: 1, available: 0 }));
    await other.result("order.cancel", { order_id: bid.order_id });
  });

  test("funds before fill-or-kill", async () => {
    const fok = { quantity: 900, time_in_force: "FOK" };
    expect(await asked(poor, { ...good, ...fok })).toEqual(
      detailed(40906, { needed: 900_000, available: 99 }),
    );
  });

  test("shares before liquidity", async () => {
    const order = { symbol, side: "SELL", type: "MARKET", quantity: 1 };
    expect(await asked(poor, order)).toEqual(detailed(40907, { needed: 1, available: 0 }));
  });

  test("post-only before self-trade", async () => {
    expect(await asked(rich, { ...good, post_only: true })).toEqual(bare(40901));
  });

  test("fill-or-kill before self-trade", async () => {
    const fok = { quantity: 900, time_in_force: "FOK" };
    expect(await asked(rich, { ...good, ...fok })).toEqual(bare(40902));
  });

  test("self-trade last", async () => {
    expect(await asked(rich, good)).toEqual(bare(40908));
  });

  test("an order one cent above the cash is refused, and one for exactly the cash is accepted", async () => {
    const payer = await venue.user({ cash: 4_749 });
    using client = await venue.connect("/orders", encoding, payer);
    const order = { ...good, price: 950, quantity: 5 };
    expect(await client.refusal("order.place", order)).toEqual(
      detailed(40906, { needed: 4_750, available: 4_749 }),
    );
    await venue.server.ask("POST", `/accounts/${payer.account_id}/deposit`, { cash: 1 });
    expect(await client.result("order.place", order)).toMatchObject({ status: "ACCEPTED" });
    expect(await client.refusal("order.place", { ...order, quantity: 1 })).toEqual(
      detailed(40906, { needed: 950, available: 0 }),
    );
    expect(await client.result("account.balances")).toMatchObject({
      cash: { available: 0, reserved: 4_750, total: 4_750 },
    });
    await client.result("order.cancel_all");
  });

  test("prices at the edge of the band are inside", async () => {
    using client = await venue.connect("/orders", encoding, rich);
    const sell = { ...good, side: "SELL" };
    expect(await client.result("order.place", { ...sell, price: 1_100 })).toMatchObject({
      status: "ACCEPTED",
    });
    expect(await client.result("order.place", { ...good, price: 900 })).toMatchObject({
      status: "ACCEPTED",
    });
    for (const outside of [
      { ...sell, price: 1_105 },
      { ...good, price: 895 },
    ]) {
      expect(await client.refusal("order.place", outside)).toEqual(outsideBand);
    }
    await client.result("order.cancel_all", { symbol });
    await client.result("order.place", { ...sell, price: 1_000, quantity: 10 });
  });

  test("an amendment passes the same checks", async () => {
    using client = await venue.connect("/orders", encoding, rich);
    const { order_id } = await client.result("order.place", { ...good, price: 950 });
    const amend = (change: Members) => client.refusal("order.amend", { order_id, ...change });
    expect(await amend({ price: 951 })).toEqual(offIncrement);
    expect(await amend({ price: 700 })).toEqual(outsideBand);
    expect((await amend({ quantity: 1_001 })).code).toBe(40910);
    await client.result("order.cancel", { order_id });
  });

  test("a symbol in cancel-only takes cancels and nothing else", async () => {
    const closing = venue.symbol();
    using client = await venue.connect("/orders", encoding, rich);
    const order = { ...good, symbol: closing };
    const first = await client.result("order.place", order);
    const second = await client.result("order.place", order);
    await venue.server.ask("POST", `/symbols/${closing}/cancel-only`);
    const state = async (method: string, params: Members) =>
      (await client.refusal(method, params)).code;
    expect(await state("order.place", order)).toBe(40909);
    const { order_id } = first;
    expect(await state("order.amend", { order_id, price: 995 })).toBe(40909);
    expect(await client.result("order.cancel", { order_id })).toMatchObject({
      status: "CANCELLED",
    });
    await venue.server.ask("POST", `/symbols/${closing}/resume`);
    const now = await client.result("order.status", { order_id: second.order_id });
    expect(now).toMatchObject({ status: "ACCEPTED" });
    await client.result("order.place", order);
    await client.result("order.cancel_all", { symbol: closing });
  });

  test("a halted symbol takes no orders; its own cancel", async () => {
    const closing = venue.symbol();
    using client = await venue.connect("/orders", encoding, rich);
    const order = { ...good, symbol: closing };
    const { order_id } = await client.result("order.place", order);
    await venue.server.ask("POST", `/symbols/${closing}/halt`);
    expect((await client.refusal("order.place", order)).code).toBe(40909);
    expect((await client.refusal("order.amend", { order_id, quantity: 2 })).code).toBe(40909);
    await venue.server.ask("POST", `/symbols/${closing}/resume`);
    expect(await client.result("order.cancel", { order_id })).toMatchObject({
      status: "CANCELLED",
    });
  });
});
