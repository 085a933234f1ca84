import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { bare, detailed } from "./expectations.ts";
import { beforeEnd } from "./in-time.ts";
import { AMPLE, type Key, Venue } from "./venue.ts";
import { ENCODINGS, type Encoding, type Path, type WireClient } from "./wire-client.ts";

const PATHS: readonly Path[] = ["/orders", "/market-data", "/user-data"];

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

describe.each(ENCODINGS)("in %s,", (encoding) => {
  test.each(PATHS)("a right key and secret log in on %s", async (path) => {
    const user = await venue.user();
    using client = await venue.open(path, encoding);
    expect(await client.login(user)).toEqual({
      id: 1,
      result: {
        authenticated: true,
        user_id: user.user_id,
        account_id: user.account_id,
        permissions: ["trade", "market_data"],
        rate_limits: AMPLE,
      },
    });
  });

  test("the answer tells the key's permissions and the user's own limits", async () => {
    const rate_limits = { orders_per_second: 7, market_data_per_second: 8, burst_limit: 9 };
    const user = await venue.user({ permissions: ["market_data"], rate_limits });
    using client = await venue.open("/user-data", encoding);
    expect(await client.login(user)).toEqual({
      id: 1,
      result: {
        authenticated: true,
        user_id: user.user_id,
        account_id: user.account_id,
        permissions: ["market_data"],
        rate_limits,
      },
    });
  });

  test.each(PATHS)("a wrong secret and a wrong key get one answer on %s", async (path) => {
    const { api_key, api_secret } = await venue.user();
    using client = await venue.open(path, encoding);
    const wrongSecret = await client.request("auth.login", { api_key, api_secret: "sk_0" });
    const wrongKey = await client.request("auth.login", { api_key: "ak_0", api_secret });
    expect(wrongSecret).toEqual({ id: 1, error: bare(40101) });
    expect(wrongKey).toEqual({ ...wrongSecret, id: 2 });
    expect((await client.login({ api_key, api_secret })).result?.authenticated).toBe(true);
  });

  test("the secret is compared whole", async () => {
    const { api_key, api_secret } = await venue.user();
    using client = await venue.open("/orders", encoding);
    const secrets = [api_secret.slice(0, -1), `${api_secret}0`, api_secret.toUpperCase()];
    for (const wrong of secrets) {
      const answer = await client.request("auth.login", { api_key, api_secret: wrong });
      expect(answer.error).toEqual(bare(40101));
    }
  });

  test("revoking a key closes its connections with 4003 and no others", async () => {
    const user = await venue.user();
    const second = await venue.server.ask<Key>("POST", `/users/${user.user_id}/keys`, {});
    const revoked = await Promise.all(PATHS.map((path) => venue.connect(path, encoding, user)));
    using other = await venue.connect("/orders", encoding, second);
    await venue.server.ask("DELETE", `/keys/${user.api_key}`);
    const codes = await Promise.all(revoked.map(async ({ closed }) => (await closed).code));
    expect(codes).toEqual([4003, 4003, 4003]);
    expect((await other.result("ping")).timestamp).toBeNumber();
    using late = await venue.open("/orders", encoding);
    expect(await late.login(user)).toEqual({ id: 1, error: bare(40102) });
  });

  test("a revoked key with a wrong secret tells nothing", async () => {
    const { api_key } = await venue.user();
    await venue.server.ask("DELETE", `/keys/${api_key}`);
    using client = await venue.open("/orders", encoding);
    const answer = await client.request("auth.login", { api_key, api_secret: "sk_0" });
    expect(answer.error).toEqual(bare(40101));
  });

  test("an expired key does not log in", async () => {
    const user = await venue.user();
    const [key, expires_at] = await beforeEnd(50, async (expires_at) => [
      await venue.server.ask<Key>("POST", `/users/${user.user_id}/keys`, { expires_at }),
      expires_at,
    ]);
    // On a connection of its own each time: one that is logged in ends with the key.
    const login = async () => {
      using client = await venue.open("/orders", encoding);
      return await client.login(key);
    };
    let answer = await login();
    while (answer.error === undefined) answer = await login();
    expect(answer.error).toEqual(bare(40102));
    expect(Date.now()).toBeGreaterThanOrEqual(expires_at);
  });

  test("a key that expires closes its connections with 4003", async () => {
    const user = await venue.user();
    const [client, expires_at] = await beforeEnd(200, async (expires_at) => {
      const path = `/users/${user.user_id}/keys`;
      const key = await venue.server.ask<Key>("POST", path, { expires_at });
      return [await venue.connect("/orders", encoding, key), expires_at];
    });
    using expiring = client;
    using lasting = await venue.connect("/orders", encoding, user);
    expect((await expiring.closed).code).toBe(4003);
    expect(Date.now()).toBeGreaterThanOrEqual(expires_at);
    expect((await lasting.result("ping")).timestamp).toBeNumber();
  });

  test.each([
    ["/orders", "order.place", { symbol: "SYMBOL_1", side: "BUY", type: "MARKET", quantity: 1 }],
    ["/orders", "order.cancel", { order_id: "ord_1" }],
    ["/orders", "order.amend", { order_id: "ord_1", price: 1 }],
    ["/orders", "order.cancel_all", {}],
    ["/orders", "order.status", { order_id: "ord_1" }],
    ["/orders", "orders.open", {}],
    ["/orders", "account.balances", {}],
    ["/orders", "account.positions", {}],
    ["/user-data", "account.balances", {}],
    ["/user-data", "account.positions", {}],
  ] as const)("without a login %s answers %s with 40100", async (path, method, params) => {
    using client = await venue.open(path, encoding);
    expect(await client.request(method, params)).toEqual({ id: 1, error: bare(40100) });
    expect(client.isOpen).toBe(true);
  });

  test("a failed login leaves the login before it in force", async () => {
    const user = await venue.user({ cash: 5 });
    using client = await venue.connect("/orders", encoding, user);
    await client.refusal("auth.login", { api_key: user.api_key, api_secret: "sk_0" });
    expect(await client.result("account.balances")).toEqual({
      account_id: user.account_id,
      cash: { available: 5, reserved: 0, total: 5 },
      seq: 1,
    });
  });
});

/** A connection on which something was done before it was closed for want of a login. */
async function inTime(
  venue: Venue,
  path: Path,
  act: (client: WireClient) => Promise<unknown>,
  encoding: Encoding = "json",
): Promise<WireClient> {
  for (;;) {
    const client = await venue.open(path, encoding);
    const isDone = act(client).then(() => true);
    if (await Promise.race([isDone, client.closed.then(() => false)])) return client;
  }
}

describe("who does not log in", () => {
  let hasty: Venue;
  beforeAll(async () => {
    hasty = await Venue.open({ config: "[gateway]\nlogin_timeout_ms = 150\n" });
  });
  afterAll(() => hasty[Symbol.asyncDispose]());

  test.each(ENCODINGS)(
    "in time is closed with 4001 (%s), but on /market-data",
    async (encoding) => {
      using reader = await hasty.open("/market-data", encoding);
      const late = await Promise.all([
        hasty.open("/orders", encoding),
        hasty.open("/user-data", encoding),
      ]);
      const codes = await Promise.all(late.map(async ({ closed }) => (await closed).code));
      expect(codes).toEqual([4001, 4001]);
      expect((await reader.result("ping")).timestamp).toBeNumber();
    },
  );

  test("and only asks for other things is closed too, and who logs in is not", async () => {
    const user = await hasty.user();
    using good = await inTime(hasty, "/orders", (client) => client.login(user));
    using asking = await inTime(hasty, "/orders", async (client) => {
      await client.result("ping");
      await client.refusal("auth.login", { api_key: "ak_0", api_secret: "sk_0" });
    });
    expect((await asking.closed).code).toBe(4001);
    expect((await good.result("ping")).timestamp).toBeNumber();
  });
});

describe("where market data needs a login", () => {
  let strict: Venue;
  beforeAll(async () => {
    strict = await Venue.open({
      config: "[gateway]\nlogin_timeout_ms = 2000\n[gateway.auth]\nanonymous_market_data = false\n",
      anonymous: false,
    });
  });
  afterAll(() => strict[Symbol.asyncDispose]());

  test.each(ENCODINGS)("every query and subscription asks for it (%s)", async (encoding) => {
    const methods: [string, Record<string, unknown>][] = [
      ["subscribe", { channels: ["book"], symbols: ["*"] }],
      ["unsubscribe", { channels: ["book"], symbols: ["*"] }],
      ["subscriptions", {}],
      ["symbols.list", {}],
      ["book.snapshot", { symbol: "SYMBOL_1" }],
      ["trades.recent", { symbol: "SYMBOL_1" }],
    ];
    const open = (act: (client: WireClient) => Promise<unknown>) =>
      inTime(strict, "/market-data", act, encoding);
    using stranger = await open(async (client) => {
      for (const [method, params] of methods) {
        expect([method, await client.refusal(method, params)]).toEqual([method, bare(40100)]);
      }
    });
    const trader = await strict.user({ permissions: ["trade"] });
    using client = await open((opened) => opened.login(trader));
    for (const [method, params] of methods) {
      const error = await client.refusal(method, params);
      expect([method, error.code]).toEqual([method, 40300]);
    }
    const reader = await strict.user({ permissions: ["market_data"] });
    using allowed = await open((opened) => opened.login(reader));
    expect(Object.keys(await allowed.result("symbols.list"))).toEqual(["symbols"]);
    expect((await stranger.closed).code).toBe(4001);
  });
});

test("too many wrong logins are refused for a while, with the time to wait", async () => {
  const { api_key, api_secret } = await venue.user();
  using client = await venue.open("/orders", "json");
  let error = await client.refusal("auth.login", { api_key, api_secret: "sk_0" });
  for (let attempt = 1; attempt < 1_000 && error.code === 40101; attempt++) {
    error = await client.refusal("auth.login", { api_key, api_secret: "sk_0" });
  }
  expect(error).toEqual(detailed(42904, { retry_after_ms: expect.any(Number) }));
  expect(Number(error.details?.retry_after_ms)).toBeGreaterThan(0);
  // This connection has to wait, whatever it says now; nobody else is kept out by what it tried.
  expect((await client.login({ api_key, api_secret })).error?.code).toBe(42904);
  using elsewhere = await venue.open("/orders", "json");
  expect((await elsewhere.login({ api_key, api_secret })).error).toBeUndefined();
});
