import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { detailed } from "./expectations.ts";
import { RawConnection } from "./raw-connection.ts";
import { type User, Venue } from "./venue.ts";
import { ENCODINGS, type Members, type Response, type WireClient } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

/** Every refusal carries this code and a wait of 1 to `wait_max_ms`. */
function expectRefused(refused: readonly Response[], code: number, wait_max_ms: number): void {
  for (const { error } of refused) {
    expect(error).toEqual(detailed(code, { retry_after_ms: expect.any(Number) }));
    const wait = Number(error?.details?.retry_after_ms);
    expect(Number.isInteger(wait)).toBe(true);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(wait_max_ms);
  }
}

const isRefused = ({ error }: Response): boolean => error !== undefined;

/** A batch of so many empties a slow bucket for so many seconds, which no test takes. */
const BATCH_ORDERS = 100;
const SLOW = { orders_per_second: 1, market_data_per_second: 1_000, burst_limit: 4 };

const requests = (client: WireClient, order: Members, count: number): Promise<Response>[] =>
  Array.from({ length: count }, () => client.request("order.place", order));

/** Places a full batch, which has to be let in; those of its orders that were refused. */
async function placeAll(client: WireClient, order: Members): Promise<Response[]> {
  const orders = Array<Members>(BATCH_ORDERS).fill(order);
  const { results } = await client.result("order.batch", { orders });
  return (results as Response[]).filter(isRefused);
}

describe.each(ENCODINGS)("rates in %s:", (encoding) => {
  const order = (symbol: string): Members => {
    return { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
  };

  test("a burst passes, and a batch takes as many tokens as it has orders", async () => {
    const rate_limits = { orders_per_second: 1, market_data_per_second: 1_000, burst_limit: 5 };
    const user = await venue.user({ cash: 1_000_000, rate_limits });
    using client = await venue.connect("/orders", encoding, user);
    const one = order(venue.symbol());
    // One that is refused costs as much as one that is taken.
    const first = await client.result("order.batch", { orders: [one, { ...one, price: -1 }] });
    expect((first.results as Response[]).map(isRefused)).toEqual([false, true]);
    for (let n = 0; n < 2; n++) await client.result("order.place", one);
    expect(await placeAll(client, one)).toEqual([]);
    const open = (await client.result("orders.open")).orders;
    expect(open).toBeArrayOfSize(3 + BATCH_ORDERS);
  });

  test("until what was overdrawn is paid back, orders get 42901 and are not placed", async () => {
    const user = await venue.user({ cash: 1_000_000, rate_limits: SLOW });
    using client = await venue.connect("/orders", encoding, user);
    const one = order(venue.symbol());
    expect(await placeAll(client, one)).toEqual([]);
    const batch = client.request("order.batch", { orders: [one] });
    const refused = await Promise.all([batch, ...requests(client, one, 20)]);
    expectRefused(refused, 42901, BATCH_ORDERS * 1_000);
    expect((await client.result("orders.open")).orders).toBeArrayOfSize(BATCH_ORDERS);
    expect(client.isOpen).toBe(true);
  });

  test("two connections of one user share one bucket; another user has another", async () => {
    const user = await venue.user({ cash: 1_000_000, rate_limits: SLOW });
    const other = await venue.user({ cash: 1_000_000, rate_limits: SLOW });
    using first = await venue.connect("/orders", encoding, user);
    using second = await venue.connect("/orders", encoding, user);
    using stranger = await venue.connect("/orders", encoding, other);
    const one = order(venue.symbol());
    expect(await placeAll(first, one)).toEqual([]);
    expect(isRefused(await second.request("order.place", one))).toBe(true);
    expect(isRefused(await stranger.request("order.place", one))).toBe(false);
  });

  test("a new connection of the user has the same bucket", async () => {
    const user = await venue.user({ cash: 1_000_000, rate_limits: SLOW });
    const one = order(venue.symbol());
    using first = await venue.connect("/orders", encoding, user);
    expect(await placeAll(first, one)).toEqual([]);
    using second = await venue.connect("/orders", encoding, user);
    expect(isRefused(await second.request("order.place", one))).toBe(true);
  });

  test("the bucket fills again", async () => {
    const rate_limits = { orders_per_second: 20, market_data_per_second: 1_000, burst_limit: 1 };
    const user = await venue.user({ cash: 1_000_000, rate_limits });
    using client = await venue.connect("/orders", encoding, user);
    const one = order(venue.symbol());
    let placed = 0;
    while (placed < 4) if (!isRefused(await client.request("order.place", one))) placed += 1;
  });

  test("pings and logins cost no orders", async () => {
    const rate_limits = { orders_per_second: 1, market_data_per_second: 1, burst_limit: 1 };
    const user = await venue.user({ cash: 1_000_000, rate_limits });
    using client = await venue.connect("/orders", encoding, user);
    for (let ping = 0; ping < 20; ping++) await client.result("ping");
    await client.result("order.place", order(venue.symbol()));
  });

  test("market-data requests have their own rate, 42902", async () => {
    const rate_limits = { orders_per_second: 1_000, market_data_per_second: 1, burst_limit: 10 };
    const user = await venue.user({ cash: 1_000_000, rate_limits });
    using client = await venue.connect("/market-data", encoding, user);
    const symbol = venue.symbol();
    // As many rows as it may have weigh 51 seconds.
    await client.result("candles.list", { symbol, interval: "1m", limit: 1_000 });
    const refused = await Promise.all(
      Array.from({ length: 20 }, () => client.request("book.snapshot", { symbol })),
    );
    expectRefused(refused, 42902, 51_000);
    using orders = await venue.connect("/orders", encoding, user);
    await orders.result("order.place", order(symbol));
  });
});

describe("connections over a limit get HTTP 429", () => {
  test.each([
    ["max_connections = 2", "in all"],
    ["connections_per_address_max = 2", "from one address"],
  ])("with %s", async (setting) => {
    await using small = await Venue.open({ config: `[gateway]\n${setting}\n` });
    const user = await small.user();
    const upgrade = async () => {
      using connection = await RawConnection.open(small.server.port);
      return await connection.upgrade("/market-data");
    };
    using first = await small.connect("/orders", "json", user);
    using second = await small.open("/market-data", "msgpack");
    const { status, headers, body } = await upgrade();
    expect(status).toBe(429);
    expect(JSON.parse(body)).toEqual(detailed(42903, { retry_after_ms: expect.any(Number) }));
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await first.result("ping")).timestamp).toBeNumber();
    await second.close();
    let again = await upgrade();
    while (again.status === 429) again = await upgrade();
    expect(again.status).toBe(101);
    const health = await fetch(`${small.server.url}/healthz`);
    expect(health.status).toBe(200);
  });
});

test("users without limits of their own have the configured ones", async () => {
  const config = "[gateway.rate_limits]\norders_per_second = 1\nburst_limit = 3\n";
  await using small = await Venue.open({ config });
  const user = await small.server.ask<User>("POST", "/users", { name: "plain", cash: 1_000 });
  using client = await small.open("/orders");
  const login = await client.login(user);
  expect(login.result?.rate_limits).toEqual({
    orders_per_second: 1,
    market_data_per_second: 1_000,
    burst_limit: 3,
  });
  const one = { symbol: small.symbol(), side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
  expect(await placeAll(client, one)).toEqual([]);
  expect(isRefused(await client.request("order.place", one))).toBe(true);
});
