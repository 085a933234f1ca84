/** Orders and accounts over REST, of a whole exchange. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openRealExchange } from "../real-exchange.ts";
import { type RestClient, restClient } from "./rest-client.ts";

type User = Awaited<ReturnType<typeof real.createUser>>;

let real: Awaited<ReturnType<typeof openRealExchange>>;
let symbols: string[] = [];
/** One that no other test uses. */
let symbol = "";
let user: User;
let rest: RestClient;

beforeAll(async () => {
  real = await openRealExchange({ WAIVER_GATEWAY__RATE_LIMITS__BURST_LIMIT: "50" });
  symbols = real.exchange.symbols();
});
afterAll(async () => {
  expect(real.warnings).toEqual([]);
  await real[Symbol.asyncDispose]();
});
beforeEach(async () => {
  symbol = symbols.pop() as string;
  user = await real.createUser({ positions: { [symbol]: 100 } });
  rest = restClient(real.url, user);
});

const order = (more: object = {}) => ({
  ...{ symbol, side: "BUY", type: "LIMIT", price: 100, quantity: 10 },
  ...more,
});
const place = (more: object = {}) => rest.result("POST", "/orders", { body: order(more) });

test("an order is placed, looked at, amended and cancelled", async () => {
  const placed = await place({ client_order_id: "a/b?c%d" });
  expect(placed).toEqual({
    ...{ order_id: expect.stringMatching(/^ord_\d+$/), client_order_id: "a/b?c%d", symbol },
    ...{ side: "BUY", type: "LIMIT", time_in_force: "GTC", price: 100, quantity: 10 },
    ...{ filled_quantity: 0, status: "ACCEPTED" },
    ...{ created_at: expect.any(Number), timestamp: expect.any(Number), tick: expect.any(Number) },
  });
  const byId = `/orders/${placed.order_id}`;
  const byClientId = `/orders/by-client-id/${encodeURIComponent("a/b?c%d")}`;
  expect(await rest.result("GET", byId)).toEqual(placed);
  expect(await rest.result("GET", byClientId)).toEqual(placed);
  expect(await rest.result("GET", "/orders")).toEqual({ orders: [placed], seq: 4 });
  expect(await rest.result("GET", "/account/balances")).toMatchObject({
    cash: { available: 999_000, reserved: 1000, total: 1_000_000 },
  });
  const amended = await rest.result("PATCH", byId, { body: { price: 99, quantity: 5 } });
  expect(amended).toMatchObject({ price: 99, quantity: 5, status: "ACCEPTED" });
  const cancelled = await rest.result("DELETE", byClientId);
  expect(cancelled).toMatchObject({ status: "CANCELLED", reason: "USER" });
  expect(await rest.result("GET", "/orders?status=done")).toEqual({ orders: [cancelled] });
  expect(await rest.result("GET", "/orders?status=open")).toEqual({
    orders: [],
    seq: expect.any(Number),
  });
  expect(await rest.told("DELETE", byId)).toEqual({
    status: 404,
    body: { code: 40004, message: "Unknown order", details: { status: "CANCELLED" } },
  });
});

test("the answer to an order tells what it traded at once", async () => {
  await place({ side: "SELL" });
  const taker = restClient(real.url, await real.createUser());
  const taken = await taker.result("POST", "/orders", { body: order({ quantity: 4 }) });
  expect(taken).toMatchObject({ status: "FILLED", filled_quantity: 4, average_price: 100 });
  const { trades } = await taker.result("GET", `/account/trades?symbol=${symbol}&limit=1`);
  expect(trades).toMatchObject([{ order_id: taken.order_id, quantity: 4, liquidity: "TAKER" }]);
  expect(await taker.result("GET", "/account/positions")).toMatchObject({
    positions: [{ symbol, available: 4, reserved: 0, total: 4 }],
  });
});

test("a batch is answered order by order, and all are cancelled at once", async () => {
  const orders = [order(), order({ price: 0 }), order({ side: "SELL", price: 200 })];
  const { results } = await rest.result("POST", "/orders/batch", { body: { orders } });
  expect(results).toMatchObject([
    { result: { status: "ACCEPTED" } },
    { error: { code: 40001, details: { field: "price" } } },
    { result: { status: "ACCEPTED" } },
  ]);
  expect(await rest.result("DELETE", "/orders?symbol=SYMBOL_99999").catch(String)).toContain(
    "40003",
  );
  expect(await rest.result("DELETE", `/orders?symbol=${symbol}`)).toEqual({ cancelled: 2 });
  expect(await rest.result("DELETE", "/orders")).toEqual({ cancelled: 0 });
});

test("orders come in pages", async () => {
  const ids: unknown[] = [];
  for (let n = 0; n < 3; n++) ids.unshift((await place()).order_id);
  const first = await rest.result("GET", "/orders?limit=2");
  const second = await rest.result("GET", `/orders?limit=2&before=${first.next}`);
  const pages = [first, second].flatMap(({ orders }) => orders as { order_id: string }[]);
  expect(pages.map(({ order_id }) => order_id)).toEqual(ids as string[]);
  const open = await rest.result("GET", "/orders?status=open&symbol=&before=&limit=");
  expect(open).toEqual(await rest.result("GET", "/orders"));
});

describe("without a login", () => {
  test("nothing of an account is shown or done; shape comes before login", async () => {
    const stranger = restClient(real.url);
    const { order_id } = await place();
    const refused = { status: 401, body: { code: 40100, message: "Not logged in" } };
    for (const [method, path, body] of [
      ["GET", "/orders"],
      ["GET", "/orders?status=done"],
      ["GET", `/orders/${order_id}`],
      ["DELETE", `/orders/${order_id}`],
      ["PATCH", `/orders/${order_id}`, { price: 1 }],
      ["DELETE", "/orders"],
      ["POST", "/orders", order()],
      ["POST", "/orders/batch", { orders: [order()] }],
      ["GET", "/account/balances"],
      ["GET", "/account/positions"],
      ["GET", "/account/trades"],
    ] as const) {
      expect(await stranger.told(method, path, { body })).toEqual(refused);
    }
    const { headers } = await stranger.ask("GET", "/orders");
    expect(headers.get("WWW-Authenticate")).toBe("Bearer");
    const { body } = await stranger.ask("POST", "/orders", { body: order({ price: 0 }) });
    expect(body).toMatchObject({ code: 40001 });
  });

  test("the permission counts", async () => {
    const reader = restClient(real.url, await real.createUser({ permissions: ["market_data"] }));
    expect(await reader.told("POST", "/orders", { body: order() })).toEqual({
      status: 403,
      body: { code: 40300, message: "Permission missing", details: { permission: "trade" } },
    });
    expect(await reader.told("GET", "/orders")).toMatchObject({ status: 200 });
  });
});

test.each([
  [{ post_only: true, price: 300 }, 409, 40901],
  [{ type: "MARKET", price: undefined, side: "SELL" }, 409, 40903],
  [{ price: 1_000_000 }, 409, 40906],
  [{ side: "SELL", quantity: 1000 }, 409, 40907],
  [{ account_id: "acc_0" }, 403, 40301],
  [{ symbol: "SYMBOL_99999" }, 404, 40003],
  [{ kind: "LIMIT" }, 400, 40001],
  [{ quantity: "10" }, 400, 40001],
])("%p is refused with %d, %d", async (more, status, code) => {
  const ask = restClient(real.url, await real.createUser({ positions: { [symbol]: 1 } }));
  await ask.result("POST", "/orders", { body: order({ side: "SELL", price: 300, quantity: 1 }) });
  const answer = await rest.told("POST", "/orders", { body: order(more) });
  expect(answer).toMatchObject({ status, body: { code } });
  await ask.result("DELETE", "/orders");
});

test.each([
  ["GET", "/orders?status=all", "status", "Status must be open or done"],
  ["GET", "/orders?status=open&status=done", "status", "Given more than once"],
  ["GET", "/orders/ord_1?symbol=x", "symbol", "Unknown parameter"],
  ["GET", "/orders/ord_1?client_order_id=x", "client_order_id", "Unknown parameter"],
  ["DELETE", "/orders?symbol=", "symbol", /^Symbol must be string of 1 to 32/],
  ["DELETE", "/orders/by-client-id/x?order_id=ord_1", "order_id", "Unknown parameter"],
  ["GET", `/orders/${"x".repeat(65)}`, "order_id", /^Order id must be string of 1 to 64/],
  ["GET", "/orders/by-client-id/a%20b", "client_order_id", /^Client order id must be/],
] as const)("%s %s names %s", async (method, path, field, issue) => {
  const { status, body } = await rest.told(method, path);
  const text = typeof issue === "string" ? issue : expect.stringMatching(issue);
  const details = expect.objectContaining({ field, issue: text });
  expect({ status, body }).toEqual({
    status: 400,
    body: { code: 40001, message: expect.any(String), details },
  });
});

test("what stands in the query of an order, or in the body of a cancel, is not lost silently", async () => {
  async function none(method: string, path: string, sent: object, field: string, issue: string) {
    const { status, body } = await rest.told(method, path, { body: sent });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 40001, details: { field, issue } });
  }
  const placed = await rest.result("POST", "/orders", { body: order() });
  const [inBody, inQuery] = [
    "Must be in the body, not in the query",
    "Must be in the query, not in the body",
  ];
  await none("POST", "/orders?post_only=true", order(), "post_only", inBody);
  await none("POST", "/orders/batch?x=1", { orders: [order()] }, "x", inBody);
  const { order_id } = placed;
  await none("PATCH", `/orders/${order_id}?quantity=1`, { price: 5 }, "quantity", inBody);
  await none("DELETE", "/orders", { symbol: "SYMBOL_1" }, "symbol", inQuery);
  await none("DELETE", `/orders/${order_id}`, { symbol: "SYMBOL_1" }, "symbol", inQuery);
  expect(await rest.result("DELETE", "/orders", { body: {} })).toEqual({ cancelled: 1 });
});

describe("bodies", () => {
  test("have no member that the path has said already", async () => {
    const body = { order_id: "ord_2", price: 5 };
    expect(await rest.told("PATCH", "/orders/ord_1", { body })).toMatchObject({
      status: 400,
      body: { code: 40001, details: { field: "order_id", issue: "Unknown parameter" } },
    });
  });

  test.each([
    ["{", 400, 40000],
    ["[]", 400, 40000],
    ["null", 400, 40000],
    ["", 400, 40001],
    ['{"symbol":"\ud800"}', 400, 40001],
    ['{"__proto__":{"symbol":"SYMBOL_1"}}', 400, 40001],
  ])("%p", async (body, status, code) => {
    expect(await rest.told("POST", "/orders", { body })).toMatchObject({ status, body: { code } });
  });

  test.each([
    [{ "Content-Type": "text/plain" }, 415],
    [{ "Content-Type": "application/x-www-form-urlencoded" }, 415],
    [{ "Content-Type": "application/jsonp" }, 415],
    [{ "Content-Encoding": "gzip" }, 415],
    [{ "Content-Type": "application/json; charset=utf-8" }, 200],
    [{ "Content-Type": "APPLICATION/vnd.waiver+JSON" }, 200],
    [{ "Content-Encoding": "identity" }, 200],
  ])("%p: %d", async (headers, status) => {
    const answer = await rest.ask("POST", "/orders", { body: order(), headers });
    expect(answer.status).toBe(status);
    if (status === 415) {
      expect(answer.body).toMatchObject({ code: 40000, details: { field: "body" } });
      expect(answer.headers.get("Accept")).toBe("application/json");
    }
  });

  test("that are too long, sooner without a login", async () => {
    const body = JSON.stringify({ symbol: "x".repeat(70_000) });
    expect((await rest.told("POST", "/orders", { body })).status).toBe(400);
    expect((await restClient(real.url).told("POST", "/orders", { body })).status).toBe(413);
    const huge = JSON.stringify({ symbol: "x".repeat(1 << 20) });
    expect(await rest.told("POST", "/orders", { body: huge })).toEqual({
      status: 413,
      body: {
        code: 40001,
        message: "Invalid parameters",
        details: { field: "body", issue: "Must have at most 1048576 bytes" },
      },
    });
  });
});

describe("rates", () => {
  const limitOf = ({ headers }: { headers: Headers }) => Number(headers.get("X-RateLimit-Limit"));

  test("an answer tells of the bucket that paid, also when it is a refusal", async () => {
    expect(limitOf(await rest.ask("POST", "/orders", { body: order() }))).toBe(50);
    expect(limitOf(await rest.ask("POST", "/orders", { body: {} }))).toBe(50);
    expect(limitOf(await rest.ask("DELETE", "/orders"))).toBe(500);
    expect(limitOf(await rest.ask("GET", "/orders?limit=1000"))).toBe(1000);
    const stranger = await restClient(real.url).ask("GET", "/time");
    expect(stranger.headers.get("X-RateLimit-Limit")).toBeNull();
  });

  test("beyond the bucket it is 429, with the time to wait, and nothing else suffers", async () => {
    const slow = await real.createUser({ rate_limits: { burst_limit: 2, orders_per_second: 1 } });
    const client = restClient(real.url, slow);
    await client.result("POST", "/orders", { body: order() });
    // So many are owed that no machine is slow enough to be let in again.
    await client.result("POST", "/orders/batch", { body: { orders: Array(100).fill(order()) } });
    const refused = await client.ask("POST", "/orders", { body: order() });
    const { details } = refused.body as { details: { retry_after_ms: number } };
    expect([refused.status, refused.body]).toEqual([
      429,
      { code: 42901, message: "Order rate exceeded", details },
    ]);
    expect(refused.headers.get("Retry-After")).toBe(
      String(Math.ceil(details.retry_after_ms / 1000)),
    );
    expect(limitOf(refused)).toBe(2);
    expect(refused.headers.get("X-RateLimit-Remaining")).toBe("0");
    expect(await client.result("DELETE", "/orders")).toEqual({ cancelled: 101 });
  });

  test("the buckets are those of the user's connections", async () => {
    const few = await real.createUser({ rate_limits: { burst_limit: 2, orders_per_second: 1 } });
    const socket = await real.connectAs(few);
    const client = restClient(real.url, few);
    await socket.ask("order.place", order());
    await client.result("POST", "/orders/batch", { body: { orders: Array(100).fill(order()) } });
    expect(await socket.ask("order.place", order())).toMatchObject({ error: { code: 42901 } });
    expect(await client.told("POST", "/orders", { body: order() })).toMatchObject({ status: 429 });
    socket.close();
  });
});

test("a user who may send no more requests is told so, whatever they are", async () => {
  const slow = await real.createUser({
    rate_limits: { burst_limit: 1, orders_per_second: 1, market_data_per_second: 1 },
  });
  const client = restClient(real.url, slow);
  // A long body costs as much as a long frame.
  const body = JSON.stringify({ symbol: "x".repeat(1_000_000) });
  expect((await client.told("POST", "/orders", { body })).status).toBe(400);
  const { status, headers, body: told } = await client.ask("POST", "/orders", { body: order() });
  expect([status, told]).toMatchObject([429, { code: 42901, message: "Too many requests" }]);
  expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0);
  expect(headers.get("X-RateLimit-Remaining")).toBe("0");
  expect(Number(headers.get("X-RateLimit-Reset"))).toBeGreaterThan(1);
  expect(await client.told("GET", "/time")).toMatchObject({ status: 429, body: { code: 42902 } });
  expect((await rest.told("GET", "/time")).status).toBe(200);
});
