/** Pages of other origins read answers where the operator allows it, and only there. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openRealExchange } from "../real-exchange.ts";
import { restClient } from "./rest-client.ts";

const ALLOWED = "https://app.example";
let real: Awaited<ReturnType<typeof openRealExchange>>;
beforeAll(async () => {
  real = await openRealExchange({ WAIVER_GATEWAY__ALLOWED_ORIGINS: ALLOWED });
});
afterAll(() => real[Symbol.asyncDispose]());

const cors = (headers: Headers) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));
const varies = (headers: Headers) => headers.get("Vary")?.split(", ").includes("Origin") ?? false;

const EXPOSED = "ETag, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";

/** Of each kind of route there is. */
const PATHS = [
  ...["", "/nothing", "/orders", "/symbols/NOBODY", "/openapi.json", "/maintenance"],
  ...["/session", "/exchange", "/users", "/password", "/keys", "/webhooks"],
];

test("an allowed origin can read answers and refusals, and no cookies are allowed", async () => {
  const user = await real.createUser();
  for (const path of PATHS) {
    const { headers } = await restClient(real.url, user).ask("GET", path, {
      headers: { Origin: ALLOWED },
    });
    expect([path, headers.get("Access-Control-Allow-Origin")]).toEqual([path, ALLOWED]);
    expect(headers.get("Access-Control-Expose-Headers")).toBe(EXPOSED);
    expect(headers.get("Access-Control-Allow-Credentials")).toBeNull();
    expect(varies(headers)).toBe(true);
  }
});

test("a preflight request is answered without a login", async () => {
  const answer = await fetch(`http://${real.url}/api/v1/orders`, {
    method: "OPTIONS",
    headers: {
      Origin: ALLOWED,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "content-type,x-api-key",
    },
  });
  expect(answer.status).toBe(204);
  expect(cors(answer.headers)).toEqual({
    "access-control-allow-origin": ALLOWED,
    "access-control-allow-methods": "POST, GET, HEAD, DELETE, OPTIONS",
    "access-control-allow-headers": expect.stringContaining("X-API-KEY"),
    "access-control-expose-headers": EXPOSED,
    "access-control-max-age": "600",
  });
});

test.each([
  "https://evil.example",
  "https://app.example.evil.example",
  "http://app.example",
  "https://app.example:444",
  "null",
])("the origin %s gets no such headers", async (origin) => {
  for (const method of ["GET", "OPTIONS"]) {
    const headers = { Origin: origin, "Access-Control-Request-Method": "GET" };
    const answer = await fetch(`http://${real.url}/api/v1/time`, { method, headers });
    expect([cors(answer.headers), varies(answer.headers)]).toEqual([{}, true]);
  }
});

test("without allowed origins no CORS headers are sent", async () => {
  await using plain = await openRealExchange();
  const asked = { headers: { Origin: ALLOWED } };
  const { headers } = await restClient(plain.url).ask("GET", "/time", asked);
  expect([cors(headers), varies(headers)]).toEqual([{}, false]);
});
