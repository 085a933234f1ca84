import { expect, test } from "bun:test";
import { sendRaw } from "../gateway/http/raw-http.ts";
import { openRealExchange } from "../gateway/real-exchange.ts";
import { restClient } from "../gateway/rest/rest-client.ts";

const path = "/api/v1/webhooks";
const login = (keys: { api_key: string; api_secret: string }) => ({
  "X-API-KEY": keys.api_key,
  "X-API-SECRET": keys.api_secret,
});

test("a body is read only when its caller is known and can pay, and not if it is too long or not JSON", async () => {
  await using real = await openRealExchange();
  const user = await real.createUser();
  const port = Number(real.exchange.port);
  const post = (length: number, headers: Record<string, string>) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n${lines.join("")}\r\n`;
    // Nothing of the body is sent: whoever waits for it does not answer.
    return sendRaw(port, head, (received) => received.includes('"code"'));
  };
  expect(await post(1, {})).toStartWith("HTTP/1.1 401 ");
  expect(await post(4097, login(user))).toStartWith("HTTP/1.1 413 ");
  expect(await post(1, { ...login(user), "Content-Type": "text/plain" })).toStartWith(
    "HTTP/1.1 415 ",
  );
});

test("requests without a key do not lock out a user of the same address", async () => {
  await using real = await openRealExchange({
    WAIVER_GATEWAY__RATE_LIMITS__HTTP_REQUESTS_PER_SECOND: "1",
  });
  const user = await real.createUser();
  const get = async (where: string, headers: Record<string, string> = {}) =>
    (await fetch(`http://${real.url}${where}`, { headers })).status;
  for (const each of [path, "/api/v1/maintenance"]) {
    let status = 0;
    while (status !== 429) status = await get(each, { "X-API-KEY": "no", "X-API-SECRET": "no" });
    expect([each, await get(each, login(user))]).toEqual([each, 200]);
  }
});

test("a query on a route that takes none is refused", async () => {
  await using real = await openRealExchange({ WAIVER_GATEWAY__AUTH__SIGN_UP: "true" });
  const rest = restClient(real.url, await real.createUser());
  const [unknown, inBody] = ["Unknown parameter", "Must be in the body, not in the query"];
  for (const [method, where, issue] of [
    ["GET", "/webhooks", unknown],
    ["POST", "/webhooks", inBody],
    ["DELETE", "/webhooks/whk_1", unknown],
    ["GET", "/webhooks/whk_1/dead-letters", unknown],
    ["GET", "/maintenance", unknown],
    ["GET", "/exchange", unknown],
    ["POST", "/users", inBody],
    ["GET", "/keys", unknown],
    ["POST", "/password", inBody],
    ["POST", "/session", inBody],
    ["GET", "/session", unknown],
    ["DELETE", "/session", unknown],
  ] as const) {
    const { status, body } = await rest.told(method, `${where}?x=1`);
    const details = { field: "x", issue };
    expect([method, where, status, body]).toEqual([
      ...[method, where, 400],
      expect.objectContaining({ code: 40001, details }),
    ]);
  }
});

test("a body on a route that takes none is refused", async () => {
  await using real = await openRealExchange({ WAIVER_GATEWAY__AUTH__SIGN_UP: "true" });
  const signUp = { body: { name: "Somebody", password: "a long password" } };
  const signedUp = await restClient(real.url).ask("POST", "/users", signUp);
  const { token } = signedUp.body as { token: string };
  const rest = restClient(real.url);
  const headers = { Authorization: `Bearer ${token}` };
  for (const [method, where] of [
    ["DELETE", "/webhooks/whk_1"],
    ["POST", "/webhooks/whk_1/dead-letters/resend"],
    ["DELETE", "/keys/ak_1"],
    ["DELETE", "/session"],
  ] as const) {
    const given = await rest.told(method, where, { headers, body: { x: 1 } });
    const details = { field: "x", issue: "Unknown parameter" };
    expect([method, where, given.status, given.body]).toEqual([
      ...[method, where, 400],
      { code: 40001, message: "Invalid parameters", details },
    ]);
    const nothing = await rest.told(method, where, { headers, body: {} });
    expect([method, where, nothing.status]).toEqual([
      ...[method, where],
      where === "/session" ? 200 : 404,
    ]);
  }
});

test("every answer to a logged-in user has the rate headers", async () => {
  await using real = await openRealExchange();
  const rest = restClient(real.url, await real.createUser());
  const left = async (method: string, where: string) => {
    const { status, headers } = await rest.ask(method, where);
    return [status, headers.get("x-ratelimit-limit")];
  };
  for (const [method, where, status] of [
    ["GET", "/webhooks", 200],
    ["GET", "/webhooks/whk_1/dead-letters", 404],
    ["PUT", "/webhooks", 405],
    ["GET", "/webhook", 404],
    ["GET", "/maintenance", 200],
    ["POST", "/maintenance", 405],
    ["GET", "/session", 401],
    ["PUT", "/session", 405],
    ["GET", "/session?x=1", 400],
    ["POST", "/session", 400],
    ["POST", "/users", 403],
    ["POST", "/demo/session", 404],
    ["GET", "", 404],
    ["PUT", "/openapi.json", 405],
    ["OPTIONS", "/asyncapi.json", 204],
  ] as const) {
    expect([method, where, ...(await left(method, where))]).toEqual([
      method,
      where,
      status,
      "1000",
    ]);
  }
});
