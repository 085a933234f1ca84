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

describe.each(ENCODINGS)("rates in %s:", (encoding) => {
  const order = (symbol: string): Members => {
    return { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
  };

  test("a burst passes, what exceeds it gets 42901 and is not placed", async () => {
    const rate_limits = { orders_per_second: 1, market_data_per_second: 1_000, burst_limit: 5 };
    const user = await venue.user({ cash: 1_000_000, rate_limits });
    using client = await venue.connect("/orders", encoding, user);
    const symbol = venue.symbol();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.request("order.place", order(symbol))),
    );
    const refused = answers.filter(isRefused);
    expect(answers.slice(0, 5).filter(isRefused)).toEqual([]);
    expect(refused.length).toBeGreaterThanOrEqual(14);
    expectRefused(refused, 42901, 1_000);
    const open = (await venue.server.ask<Members>("GET", "/state")).open_orders;
    expect(Number(open)).toBeGreaterThanOrEqual(answers.length - refused.length);
    expect(client.isOpen).toBe(true);
  });

  test("a batch takes as many tokens as it has orders, whole, and pays back what it overdraws", async () => {
    const rate_limits = { orders_per_second: 20, market_data_per_second: 1_000, burst_limit: 5 };
    const user = await venue.user({ cash: 1_000_000, rate_limits });
    using client = await venue.connect("/orders", encoding, user);
    const one = order(venue.symbol());
    const batch = (count: number) =>
      client.request("order.batch", { orders: Array(count).fill(one) });
    const begin = performance.now();
    // One that is refused costs as much as one that is taken.
    const first = await client.result("order.batch", { orders: [one, { ...one, price: -1 }] });
    expect((first.results as Response[]).map(isRefused)).toEqual([false, true]);
    const second = await batch(30);
    const results = (second.result?.results ?? []) as Response[];
    expect([results.length, results.filter(isRefused)]).toEqual([30, []]);
    // 3 tokens were there, so 27 and the next one are to come: 1,400 ms, less what has passed.
    const refused = [await client.request("order.place", one), await batch(2)];
    expectRefused(refused, 42901, 1_400);
    const wait = Number(refused[0]?.error?.details?.retry_after_ms);
    expect(wait).toBeGreaterThan(1_350 - (performance.now() - begin));
    let answer = await client.request("order.place", one);
    while (isRefused(answer)) answer = await client.request("order.place", one);
    expect(performance.now() - begin).toBeGreaterThan(1_350);
    expect((await client.result("orders.open")).orders).toBeArrayOfSize(32);
  });

  test("two connections of one user share one bucket; another user has another", async () => {
    const rate_limits = { orders_per_second: 1, market_data_per_second: 1_000, burst_limit: 4 };
    const user = await venue.user({ cash: 1_000_000, rate_limits });
    const other = await venue.user({ cash: 1_000_000, rate_limits });
    using first = await venue.connect("/orders", encoding, user);
    using second = await venue.connect("/orders", encoding, user);
    using stranger = await venue.connect("/orders", encoding, other);
    const symbol = venue.symbol();
    const answers: Response[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const client: WireClient = turn % 2 === 0 ? first : second;
      answers.push(await client.request("order.place", order(symbol)));
    }
    expect(answers.map(isRefused)).toEqual([false, false, false, false, true, true]);
    expect(isRefused(await stranger.request("order.place", order(symbol)))).toBe(false);
  });

  test("a new connection brings no new bucket", async () => {
    const rate_limits = { orders_per_second: 1, market_data_per_second: 1_000, burst_limit: 2 };
    const user = await venue.user({ cash: 1_000_000, rate_limits });
    const symbol = venue.symbol();
    let refusals = 0;
    for (let round = 0; round < 6; round++) {
      using client = await venue.connect("/orders", encoding, user);
      if (isRefused(await client.request("order.place", order(symbol)))) refusals += 1;
    }
    expect(refusals).toBeGreaterThanOrEqual(3);
  });

  test("the bucket fills again", async () => {
    const rate_limits = { orders_per_second: 20, market_data_per_second: 1_000, burst_limit: 1 };
    const user = await venue.user({ cash: 1_000_000, rate_limits });
    using client = await venue.connect("/orders", encoding, user);
    const symbol = venue.symbol();
    const started = performance.now();
    let placed = 0;
    while (placed < 4) {
      if (!isRefused(await client.request("order.place", order(symbol)))) placed += 1;
    }
    // Three refills at 20 a second take 150 ms; the timers of both sides may differ a little.
    expect(performance.now() - started).toBeGreaterThan(140);
  });

  test("pings and logins cost no orders", async () => {
    const rate_limits = { orders_per_second: 1, market_data_per_second: 1, burst_limit: 1 };
    const user = await venue.user({ cash: 1_000_000, rate_limits });
    using client = await venue.connect("/orders", encoding, user);
    for (let ping = 0; ping < 20; ping++) await client.result("ping");
    await client.result("order.place", order(venue.symbol()));
  });

  test("market-data requests have their own rate, 42902", async () => {
    const rate_limits = { orders_per_second: 1_000, market_data_per_second: 5, burst_limit: 10 };
    const user = await venue.user({ cash: 1_000_000, rate_limits });
    using client = await venue.connect("/market-data", encoding, user);
    const symbol = venue.symbol();
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => client.request("book.snapshot", { symbol })),
    );
    const refused = answers.filter(isRefused);
    expect(isRefused(answers[0] ?? {})).toBe(false);
    expect(refused.length).toBeGreaterThanOrEqual(30);
    expectRefused(refused, 42902, 1_000);
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

test("the configured limits are those of users without their own", async () => {
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
  const symbol = small.symbol();
  const order = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => client.request("order.place", order)),
  );
  expect(answers.filter(isRefused).length).toBeGreaterThanOrEqual(2);
});
