/** Clients that speak HTTP as the rules allow, and as they do not. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openRealExchange } from "../real-exchange.ts";
import { RawConnection } from "./raw-connection.ts";
import { type RestClient, restClient } from "./rest-client.ts";

let real: Awaited<ReturnType<typeof openRealExchange>>;
let user: Awaited<ReturnType<typeof real.createUser>>;
let rest: RestClient;
let symbol = "";

beforeAll(async () => {
  real = await openRealExchange({ WAIVER_GATEWAY__RATE_LIMITS__BURST_LIMIT: "100000" });
  symbol = real.exchange.symbols()[0];
  user = await real.createUser();
  rest = restClient(real.url, user);
});
afterAll(async () => {
  expect(real.warnings).toEqual([]);
  await real[Symbol.asyncDispose]();
});

/** A request that places an order under this id. */
function orderRequest(id: string, version = "1.1", ...headers: string[]): string {
  const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1, client_order_id: id };
  const body = JSON.stringify(order);
  const head = [
    `POST /api/v1/orders HTTP/${version}`,
    ...["Host: localhost", `X-API-KEY: ${user.api_key}`, `X-API-SECRET: ${user.api_secret}`],
    ...[`Content-Length: ${body.length}`, ...headers],
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

const connection = () => new RawConnection(real.exchange.port);

test("a connection answers one request after another", async () => {
  const client = connection();
  for (let n = 1; n <= 20; n++) {
    client.write(orderRequest(`kept-${n}`));
    await client.until(() => client.statuses.length === n);
  }
  expect(client.statuses).toEqual(new Array(20).fill(200));
  expect(client.isClosed).toBe(false);
  client.destroy();
});

test("HTTP/1.0 and Connection: close get their answer, and then the connection ends", async () => {
  for (const request of [
    orderRequest("old", "1.0"),
    orderRequest("c", "1.1", "Connection: close"),
  ]) {
    const client = connection();
    client.write(request);
    await client.until(() => client.isClosed);
    expect(client.statuses).toEqual([200]);
    expect(client.received).toContain('"status":"ACCEPTED"');
  }
});

test("a long body is paid for when it is announced, and refused unread if the bucket is empty", async () => {
  const key = await real.createUser();
  const head = [
    ...["POST /api/v1/orders HTTP/1.1", "Host: localhost", "Content-Length: 1048576"],
    ...[`X-API-KEY: ${key.api_key}`, `X-API-SECRET: ${key.api_secret}`],
  ];
  const [first, second] = [connection(), connection()];
  for (const each of [first, second]) each.write(`${head.join("\r\n")}\r\n\r\n{`);
  while (!first.isClosed && !second.isClosed) await new Promise(setImmediate);
  const refused = first.isClosed ? first : second;
  expect(refused.statuses).toEqual([429]);
  expect(refused.received).toContain('"code":42901');
  for (const each of [first, second]) each.destroy();
});

test.each([
  ["GET", "/api/v1/time", 200],
  ["GET", "/orders", 426],
  ["GET", "/nowhere", 404],
  ["HEAD", "/", 200],
])("nobody waits for the end of a body behind %s %s", async (method, path, status) => {
  for (const length of ["Content-Length: 1000000000", "Transfer-Encoding: chunked"]) {
    const client = connection();
    client.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${length}\r\n\r\n`);
    await client.until(() => client.isClosed);
    expect(client.statuses).toEqual([status]);
    expect(client.received).toMatch(/^connection: close\r$/im);
  }
  // A short one is not worth a connection.
  const client = connection();
  for (let n = 1; n <= 2; n++) {
    client.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}`);
    await client.until(() => client.statuses.length === n);
  }
  client.destroy();
});

test("an order is placed even if the client does not wait for its answer", async () => {
  const client = connection();
  client.write(orderRequest("gone"));
  client.leave();
  const path = "/orders/by-client-id/gone";
  while ((await rest.told("GET", path)).status !== 200) await new Promise(setImmediate);
  expect(await rest.result("GET", path)).toMatchObject({ status: "ACCEPTED" });
});

test("pipelined orders end the connection; each of them is placed once or not at all", async () => {
  const ids = Array.from({ length: 10 }, (_, n) => `behind-${n}`);
  const client = connection();
  client.write(ids.map((id) => orderRequest(id)).join(""));
  await client.until(() => client.isClosed || client.statuses.length === ids.length);
  const { orders } = await rest.result("GET", "/orders");
  const placed = (orders as { client_order_id: string }[])
    .map((order) => order.client_order_id)
    .filter((id) => ids.includes(id));
  expect(new Set(placed).size).toBe(placed.length);
  // What is asked again under its id is not placed twice.
  for (const id of ids) {
    const again = connection();
    again.write(orderRequest(id, "1.0"));
    await again.until(() => again.isClosed);
    expect(again.statuses).toEqual([200]);
    expect(again.received.includes('"duplicate":true')).toBe(placed.includes(id));
  }
});

test.each([
  ["a length that is no number", "Content-Length: x"],
  ["a negative length", "Content-Length: -1"],
  ["two lengths", "Transfer-Encoding: chunked"],
  ["a header without a name", ": x"],
])("%s is refused, and its connection closed", async (_, header) => {
  const client = connection();
  client.write(orderRequest("bad", "1.1", header));
  await client.until(() => client.isClosed);
  expect(client.statuses).toEqual([400]);
  expect((await rest.told("GET", "/orders/by-client-id/bad")).status).toBe(404);
});

test.each([".", ".."])("an order whose id is %s can be asked for and cancelled", async (id) => {
  const placed = connection();
  placed.write(orderRequest(id));
  await placed.until(() => placed.statuses.length === 1);
  placed.destroy();
  for (const method of ["GET", "DELETE"]) {
    const client = connection();
    const path = `/api/v1/orders/by-client-id/${id.replaceAll(".", "%2E")}`;
    client.write(
      orderRequest(id, "1.0")
        .replace("POST /api/v1/orders", `${method} ${path}`)
        .replace(/Content-Length: \d+\r\n/, "")
        .replace(/\{.*/s, ""),
    );
    await client.until(() => client.isClosed);
    expect(client.statuses).toEqual([200]);
    expect(client.received).toContain(`"client_order_id":"${id}"`);
  }
});

test.each([
  ["GET", "/openapi.json", 200],
  ["GET", "/asyncapi.json", 200],
  ["GET", "/exchange", 200],
  ["GET", "/maintenance", 200],
  ["GET", "/webhooks", 200],
  ["GET", "/session", 401],
  ["DELETE", "/session", 401],
  ["GET", "/keys", 403],
  ["PUT", "/keys", 405],
] as const)("one who is logged in reads of his limits: %s %s", async (method, path, status) => {
  const { headers, ...answer } = await rest.ask(method, path);
  expect([answer.status, Number(headers.get("X-RateLimit-Limit"))]).toEqual([status, 1000]);
});

test("a logged-in user gets the rate headers also on unknown paths", async () => {
  for (const [method, path, status] of [
    ["GET", "/nothing", 404],
    ["PUT", "/orders", 405],
    ["OPTIONS", "/orders", 204],
  ] as const) {
    const his = await rest.ask(method, path);
    expect([his.status, his.headers.has("X-RateLimit-Remaining")]).toEqual([status, true]);
    for (const login of [{}, { "X-API-KEY": "wrong" }]) {
      const answer = await restClient(real.url).ask(method, path, { headers: login });
      expect([answer.status, answer.headers.has("X-RateLimit-Remaining")]).toEqual([status, false]);
    }
  }
});
