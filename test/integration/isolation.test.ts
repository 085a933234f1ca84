/**
 * Isolation: whatever one user asks, by whatever door, he learns nothing of another's account and changes nothing in
 * it. Each method, stream, route and admin call is tried with the other's own names.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { adminRoutes } from "../../src/protocol/schemas/admin.ts";
import { CHANNELS } from "../../src/protocol/schemas/market-data.ts";
import { restRoutes } from "../../src/protocol/schemas/rest.ts";
import { METHOD_NAMES, type MethodName } from "../../src/protocol/schemas.ts";
import { DOORS, type DoorName, restRequest, visit } from "./door.ts";
import { type User, Venue } from "./venue.ts";
import { ENCODINGS, type Members, type WireClient } from "./wire-client.ts";

/** One whose account is tried by others. */
interface Victim {
  readonly user: User;
  readonly symbol: string;
  /** The id of an order that rests, of one that waits for its price, and of one that is done. */
  readonly orders: readonly string[];
  readonly client: WireClient;
  readonly watcher: WireClient;
}

let venue: Venue;
let ann: Victim;

beforeAll(async () => {
  venue = await Venue.open();
  ann = await victim();
});
afterAll(async () => {
  ann.client[Symbol.dispose]();
  ann.watcher[Symbol.dispose]();
  await venue[Symbol.asyncDispose]();
});

const CLIENT_IDS = ["ann-resting", "ann-waiting", "ann-done", "ann-traded"];

async function victim(): Promise<Victim> {
  const symbol = venue.symbol();
  const user = await venue.user({ cash: 1_000_000, positions: { [symbol]: 1000 } });
  const client = await venue.connect("/orders", "json", user);
  const watcher = await venue.connect("/user-data", "json", user);
  const [resting, waiting, done, traded] = CLIENT_IDS;
  const order = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 7 };
  const placed = [
    await client.result("order.place", { ...order, client_order_id: resting }),
    await client.result("order.place", {
      ...{ symbol, side: "BUY", type: "STOP", stop_price: 900, quantity: 7 },
      client_order_id: waiting,
    }),
    await client.result("order.place", { ...order, client_order_id: done }),
  ];
  await client.result("order.cancel", { client_order_id: done });
  await client.result("order.place", {
    ...order,
    side: "SELL",
    price: 50,
    client_order_id: traded,
  });
  const other = await venue.user({ cash: 1000 });
  using buyer = await venue.connect("/orders", "json", other);
  await buyer.result("order.place", { ...order, price: 50, quantity: 1 });
  const orders = placed.map(({ order_id }) => String(order_id));
  return { user, symbol, orders, client, watcher };
}

/** Everything that the victim has, as she sees it. */
async function stateOf({ client, watcher }: Victim): Promise<unknown> {
  const methods = ["account.balances", "account.positions", "account.trades", "orders.open"];
  const state: unknown[] = [];
  for (const method of [...methods, "orders.history"]) state.push(await client.result(method));
  return [state, watcher.of("user_data")];
}

/** Words that only the victim's account has. */
function secretsOf({ user, orders }: Victim): string[] {
  const { account_id, user_id, api_key, api_secret } = user;
  return [account_id, user_id, api_key, api_secret, ...orders, ...CLIENT_IDS].map(
    // As a whole: acc_1 is part of acc_11.
    (secret) => `"${secret}"`,
  );
}

function expectNothingOf(victim: Victim, heard: readonly string[]): void {
  for (const secret of secretsOf(victim)) {
    expect(heard.filter((text) => text.includes(secret))).toEqual([]);
  }
}

/** What somebody else may ask with the victim's names: of each method, each way to name what is hers. */
function attempts({ user, symbol, orders }: Victim): [MethodName, Members][] {
  const { account_id } = user;
  const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  const targets = [
    ...orders.map((order_id) => ({ order_id })),
    ...CLIENT_IDS.map((client_order_id) => ({ client_order_id })),
  ];
  const all: [MethodName, Members][] = [
    ["ping", {}],
    ["time", {}],
    ["order.place", { ...order, account_id }],
    ["order.batch", { orders: [{ ...order, account_id }] }],
    ["order.cancel_all", {}],
    ["order.cancel_all", { symbol }],
    ["orders.cancel_all_after", { timeout_ms: 1 }],
    ["orders.open", {}],
    ["orders.open", { symbol }],
    ["orders.open", { before: Number(orders[0]?.slice("ord_".length)) + 1 }],
    ["orders.history", {}],
    ["orders.history", { symbol, before: 1_000_000_000 }],
    ["account.balances", {}],
    ["account.positions", {}],
    ["account.trades", {}],
    ["account.trades", { symbol, before: 1_000_000_000 }],
    ["account.equity", {}],
    ["account.equity", { interval: "1m", limit: 1000 }],
    ["user_data.resume", { from_seq: 1 }],
    ["user_data.resume", { from_seq: 1, account_id }],
    ["subscribe", { channels: [...CHANNELS], symbols: [symbol] }],
    ["depth.resume", { symbol, from_seq: 1 }],
    ["subscriptions", {}],
    ["unsubscribe", { channels: ["trades"], symbols: [symbol] }],
    ["symbols.list", {}],
    ["symbols.get", { symbol }],
    ["tickers.list", {}],
    ["tickers.get", { symbol }],
    ["book.snapshot", { symbol }],
    ["trades.recent", { symbol }],
    ["candles.list", { symbol, interval: "1m" }],
    ["auth.login", { api_key: user.api_key, api_secret: "guessed" }],
  ];
  for (const target of targets) {
    all.push(["order.status", target], ["order.cancel", target]);
    all.push(["order.amend", { ...target, price: 2 }]);
    all.push(["order.amend", { ...target, quantity: 1 }]);
  }
  return all;
}

const byRest = (door: DoorName, method: MethodName) =>
  door !== "rest" || restRequest(method, {}) !== null;

test("the attempts go to every method, every channel and every route", () => {
  const tried = new Set(attempts(ann).map(([method]) => method));
  expect([...tried].sort()).toEqual([...METHOD_NAMES].sort());
  const routed = Object.values(restRoutes).flatMap((route) =>
    "done" in route ? [route.method, route.done] : [route.method],
  );
  expect(METHOD_NAMES.filter((method) => restRequest(method, {}) !== null).sort()).toEqual(
    [...new Set<MethodName>(routed)].sort(),
  );
});

describe.each(DOORS)("by %s", (door) => {
  test("another user sees and touches nothing", async () => {
    const before = await stateOf(ann);
    const bob = await venue.user({ cash: 1_000_000, positions: { [ann.symbol]: 10 } });
    using visitor = await visit(venue, door, bob);
    const found: unknown[] = [];
    for (const [method, params] of attempts(ann)) {
      if (!byRest(door, method)) continue;
      const outcome = await visitor.ask(method, params);
      const names = ["order_id", "client_order_id", "account_id"];
      if ("result" in outcome && names.some((name) => name in params)) found.push([method, params]);
    }
    expect(found).toEqual([]);
    expectNothingOf(ann, visitor.heard);
    expect(await stateOf(ann)).toEqual(before);
  });

  test("a stranger sees and touches nothing", async () => {
    const before = await stateOf(ann);
    using visitor = await visit(venue, door);
    for (const [method, params] of attempts(ann)) {
      if (byRest(door, method)) await visitor.ask(method, params);
    }
    expectNothingOf(ann, visitor.heard);
    expect(await stateOf(ann)).toEqual(before);
  });

  test("the same client order id is another order of another user", async () => {
    const bob = await venue.user({ cash: 1_000_000 });
    using visitor = await visit(venue, door, bob);
    const [client_order_id] = CLIENT_IDS;
    const order = { symbol: ann.symbol, side: "BUY", type: "LIMIT", price: 3, quantity: 2 };
    const before = await stateOf(ann);
    const placed = await visitor.ask("order.place", { ...order, client_order_id });
    expect(placed).toMatchObject({ result: { status: "ACCEPTED", price: 3, quantity: 2 } });
    const cancelled = await visitor.ask("order.cancel", { client_order_id });
    expect(cancelled).toMatchObject({ result: { status: "CANCELLED", price: 3 } });
    expect(await stateOf(ann)).toEqual(before);
  });
});

test.each(ENCODINGS)("while others trade, each hears of himself alone, in %s", async (encoding) => {
  const people = await Promise.all(
    [1, 2].map(() => venue.user({ cash: 1_000_000, positions: { [ann.symbol]: 100 } })),
  );
  using open = new DisposableStack();
  const doors = await Promise.all(people.map((user) => visit(venue, encoding, user)));
  for (const door of doors) open.use(door);
  for (const door of doors) {
    await door.ask("subscribe", { channels: [...CHANNELS], symbols: ["*"] });
  }
  const ids = await Promise.all(
    doors.map(async (door, n) => {
      const order = { symbol: ann.symbol, side: n === 0 ? "SELL" : "BUY", type: "LIMIT" };
      const client_order_id = `person-${n}`;
      const placed = await door.ask("order.place", {
        ...order,
        ...{ price: 20, quantity: 5, client_order_id },
      });
      return (placed as { result: Members }).result.order_id;
    }),
  );
  // The streams are told before these answers.
  for (const door of doors) {
    await door.ask("user_data.resume", { from_seq: 1 });
    await door.ask("book.snapshot", { symbol: ann.symbol });
  }
  for (const [n, door] of doors.entries()) {
    const other = 1 - n;
    const secrets = [people[other]?.account_id, ids[other], `person-${other}`];
    for (const secret of secrets) {
      expect(door.heard.filter((text) => text.includes(`"${secret}"`))).toEqual([]);
    }
    expect(door.heard.some((text) => text.includes(`"person-${n}"`))).toBe(true);
  }
});

/** The token of a session that somebody has begun. */
async function sessionToken({ api_key, api_secret }: User): Promise<string> {
  const answer = await fetch(`${venue.server.url}/api/v1/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ api_key, api_secret }),
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { token: string }).token;
}

test("a session shows and ends nobody's but its own", async () => {
  const bob = await venue.user();
  const before = await stateOf(ann);
  const [hers, his] = [await sessionToken(ann.user), await sessionToken(bob)];
  const url = `${venue.server.url}/api/v1`;
  const ask = (token: string, path: string, method = "GET") =>
    fetch(url + path, { method, headers: { Authorization: `Bearer ${token}` } });
  for (const path of ["/session", "/orders", "/account/trades", `/orders/${ann.orders[0]}`]) {
    expectNothingOf(ann, [await (await ask(his, path)).text()]);
  }
  expect((await ask(his, "/session", "DELETE")).status).toBe(200);
  expect((await ask(his, "/session")).status).toBe(401);
  expect(await (await ask(hers, "/session")).json()).toMatchObject({
    account_id: ann.user.account_id,
  });
  expect(await stateOf(ann)).toEqual(before);
});

describe("the admin API", () => {
  const fill = (path: string) =>
    path
      .replace("/users/:id", `/users/${ann.user.user_id}`)
      .replace("/accounts/:id", `/accounts/${ann.user.account_id}`)
      .replace("/orders/:id", `/orders/${ann.orders[0]}`)
      .replace(":symbol", ann.symbol)
      .replace(":key", ann.user.api_key);

  test.each(Object.keys(adminRoutes))("%s is for operators", async (route) => {
    const bob = await venue.user();
    const before = await stateOf(ann);
    const [method, path = ""] = route.split(" ");
    const token = await sessionToken(bob);
    for (const headers of [
      {},
      { "X-API-KEY": bob.api_key, "X-API-SECRET": bob.api_secret },
      { "X-API-KEY": ann.user.api_key, "X-API-SECRET": ann.user.api_secret },
      { Authorization: `Bearer ${bob.api_secret}` },
      { Authorization: `Bearer ${bob.api_key}` },
      { Authorization: `Bearer ${token}` },
      { Authorization: "Bearer " },
      { Cookie: `waiver_session=${bob.api_secret}` },
    ] as Record<string, string>[]) {
      const body =
        method === "GET" ? undefined : JSON.stringify({ cash: 5, permissions: ["admin"] });
      const answer = await fetch(venue.server.url + fill(path), { method, headers, body });
      expect(answer.status).toBe(401);
      expectNothingOf(ann, [await answer.text()]);
    }
    expect(await stateOf(ann)).toEqual(before);
  });
});
