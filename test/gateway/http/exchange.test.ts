/** The routes of a whole exchange. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openRealExchange } from "../real-exchange.ts";
import { askRaw, sendRaw } from "./raw-http.ts";

let real: Awaited<ReturnType<typeof openRealExchange>>;
beforeAll(async () => {
  real = await openRealExchange();
});
afterAll(async () => {
  expect(real.warnings).toEqual([]);
  await real[Symbol.asyncDispose]();
});

const port = () => real.exchange.port;

test.each(["[", "", null])("Host %p disturbs nothing", async (host) => {
  expect(await askRaw(port(), "/healthz", host)).toEqual({ status: 200, body: '{"status":"ok"}' });
  for (const path of ["/readyz", "/metrics"]) {
    expect((await askRaw(port(), path, host)).status).toBe(200);
  }
  expect((await askRaw(port(), "/admin/v1/state", host)).status).toBe(401);
  expect((await askRaw(port(), "/orders", host)).status).toBe(426);
});

test("a WebSocket opens with any Host header, in the encoding of its query", async () => {
  for (const [query, status] of [
    ["", 101],
    ["?encoding=msgpack", 101],
    ["?encoding=xml", 400],
  ] as const) {
    const head = [
      `GET /market-data${query} HTTP/1.1`,
      ...["Host: [", "Connection: Upgrade", "Upgrade: websocket"],
      ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
    ];
    const text = await sendRaw(port(), `${head.join("\r\n")}\r\n\r\n`, (received) =>
      received.includes("\r\n\r\n"),
    );
    expect(Number(text.split(" ")[1])).toBe(status);
  }
});

test.each([
  "/public/../metrics",
  "/admin/../metrics",
  "/./metrics",
  "//metrics",
  "/orders/../metrics",
])("%s does not reach /metrics", async (target) => {
  const { status, body } = await askRaw(port(), target);
  expect([status, JSON.parse(body).code]).toEqual([404, 40002]);
});

test("no path reaches the admin API without its guard", async () => {
  for (const target of [
    "/admin/v1/../v1/state",
    "/admin/v1/x/../state",
    "/admin/v1/../../metrics",
  ]) {
    expect((await askRaw(port(), target)).status).toBe(401);
  }
});

test("a WebSocket endpoint answers GET without an upgrade by asking for one, and refuses other methods", async () => {
  const plain = await fetch(`http://${real.url}/orders`);
  expect([plain.status, plain.headers.get("Upgrade"), await plain.json()]).toEqual([
    426,
    "websocket",
    { code: 40000, message: "a WebSocket upgrade was expected here" },
  ]);
  const post = await fetch(`http://${real.url}/orders`, { method: "POST" });
  expect([post.status, post.headers.get("Allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
});

test("refusals are counted by code", async () => {
  const count = async () => {
    const page = await (await fetch(`http://${real.url}/metrics`)).text();
    return Number(/waiver_errors_total\{code="40100"\} (\d+)/.exec(page)?.[1] ?? 0);
  };
  const before = await count();
  await fetch(`http://${real.url}/admin/v1/state`);
  expect(await count()).toBe(before + 1);
});

test("a body that is longer than any route allows is refused unread", async () => {
  const body = new Uint8Array(5 * 1024 * 1024);
  const answer = await fetch(`http://${real.url}/admin/v1/users`, { method: "POST", body });
  expect(answer.status).toBe(413);
});
