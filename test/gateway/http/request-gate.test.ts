import { afterAll, describe, expect, test } from "bun:test";
import { rawHttp } from "../../../bench/siege/raw-http.ts";
import { ClientAddresses } from "../../../src/gateway/client-addresses.ts";
import { REFUSAL_DELAY_MS, Refusals } from "../../../src/gateway/http/refusals.ts";
import { RequestGate } from "../../../src/gateway/http/request-gate.ts";
import { HttpError } from "../../../src/gateway/http/responses.ts";
import { type HttpServer, route } from "../../../src/gateway/http/route.ts";
import type { User } from "../../../src/identity/user.ts";
import { ErrorCode, errorBody } from "../../../src/protocol/errors.ts";
import { Callers } from "../../../src/trading/caller.ts";
import { UserLimitsTable } from "../../../src/trading/user-limits.ts";
import { serveRoutes } from "./route-server.ts";

const BURST = 100;
const clock = { now: 0 };
const refusals = new Refusals(() => clock.now);
const gate = new RequestGate({
  addresses: new ClientAddresses([]),
  refusals,
  perSecond: BURST,
  monotonic: () => clock.now,
});
const user = new Callers({
  limits: new UserLimitsTable({
    orders_per_second: 1,
    market_data_per_second: 1,
    burst_limit: 1,
  }),
  anonymousMarketData: true,
  monotonic: () => clock.now,
}).of({ number: 1, accounts: [1], permissions: [], rateLimits: {} } as unknown as User, null);
const counts = { open: 0, free: 0, heavy: 0, guarded: 0 };
const served = serveRoutes(
  [
    { routes: [route("GET /open", {}, () => ({ served: ++counts.open }))] },
    { weight: 0, routes: [route("GET /free", {}, () => ({ served: ++counts.free }))] },
    { weight: 0, routes: [route("GET /named/:name", {}, () => ({}))] },
    {
      weight: 0,
      routes: [
        route("GET /limited", {}, () => {
          throw new HttpError(errorBody(ErrorCode.ORDER_RATE));
        }),
        route("GET /own", {}, () => {
          throw new HttpError(errorBody(ErrorCode.ORDER_RATE)).to(user);
        }),
        route("GET /found", {}, () => {
          throw new HttpError(errorBody(ErrorCode.UNKNOWN_ORDER));
        }),
        route("GET /watched", {}, async ({ request, server }) => {
          await gate.hold(request, server);
          return {};
        }),
      ],
    },
    { weight: 50, routes: [route("GET /heavy", {}, () => ({ served: ++counts.heavy }))] },
    {
      under: "/inner",
      guard(request) {
        if (request.headers.get("x-key") !== "key") {
          throw new HttpError(errorBody(ErrorCode.NOT_LOGGED_IN));
        }
      },
      routes: [route("GET /inner/page", {}, () => ({ served: ++counts.guarded }))],
    },
  ],
  (request, server, weight) => gate.charge(request, server, weight),
  refusals,
);
afterAll(() => served[Symbol.asyncDispose]());

/** A gate whose requests each take a millisecond of a turn, and the names of those that ran. */
function openBusy() {
  let time = 0;
  const gate = new RequestGate({
    addresses: new ClientAddresses([]),
    refusals,
    perSecond: BURST,
    monotonic: () => time,
  });
  const ran: string[] = [];
  const enter = (address: string, name: string): boolean => {
    const server = { requestIP: () => ({ address }) } as unknown as HttpServer;
    return gate.enter(new Request("http://x/"), server, () => {
      ran.push(name);
      time += 1;
    });
  };
  return { ran, enter };
}

test("what a turn hands over too much of is served in later turns, addresses one after the other", async () => {
  const { ran, enter } = openBusy();
  for (let n = 1; n <= 5; n++) expect(enter("192.0.2.1", `crowd ${n}`)).toBe(true);
  enter("192.0.2.2", "other");
  expect(ran).toEqual(["crowd 1", "crowd 2"]);
  await new Promise(setImmediate);
  expect(ran.splice(0)).toEqual(["crowd 1", "crowd 2", "crowd 3", "other"]);
  await new Promise(setImmediate);
  expect(ran).toEqual(["crowd 4", "crowd 5"]);
});

test("a network of IPv6 has one turn, from however many of its addresses it asks", async () => {
  const { ran, enter } = openBusy();
  const addresses = [1, 2, 3, 4, 5].map((n) => `2001:db8::${n}`);
  for (const address of [...addresses, "192.0.2.2"]) enter(address, address);
  await new Promise(setImmediate);
  expect(ran).toEqual(["2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.2"]);
  while (ran.length < 6) await new Promise(setImmediate);
});

const OPEN = "GET /open HTTP/1.1\r\nHost: a\r\n\r\n";
const FOUND = "GET /found HTTP/1.1\r\nHost: a\r\n\r\n";
const KEY = { headers: { "x-key": "key" } };

/** How many requests of a path are served before one is refused. */
async function servedOf(path: string, init?: RequestInit): Promise<number> {
  // Pays back what the test before owes.
  clock.now += 3_600_000;
  for (let n = 0; n <= BURST; n++) {
    const { status } = await fetch(served.url + path, init);
    if (status === 429) return n;
  }
  return Infinity;
}

describe("an address may ask for so many", () => {
  test.each([
    ["/open", undefined, BURST],
    ["/heavy", undefined, 2],
    ["/nothing", undefined, BURST],
    ["/inner/page", undefined, BURST],
    ["/inner/nothing", undefined, BURST],
    ["/free", undefined, Infinity],
    ["/free", { method: "PUT" }, BURST],
    ["/free", { method: "OPTIONS" }, BURST],
    ["/inner/page", KEY, Infinity],
  ])("%s %o: %d", async (path, init, expected) => {
    expect(await servedOf(path, init)).toBe(expected);
  });

  test("a name that is a way up, where requests are free otherwise", async () => {
    clock.now += 3_600_000;
    const statuses: number[] = [];
    const text = "GET /named/%2e%2e HTTP/1.0\r\n\r\n";
    for (let n = 0; n <= BURST; n++) statuses.push((await rawHttp(served.port, text)).status);
    expect(statuses).toEqual([...new Array(BURST).fill(404), 429]);
  });

  test("it is told when to come back, and its connection ends", async () => {
    await servedOf("/open");
    const { status, text } = await rawHttp(served.port, OPEN);
    expect(status).toBe(429);
    const [head = "", body = ""] = text.split("\r\n\r\n");
    expect(head.toLowerCase()).toContain("\r\nconnection: close");
    expect(head.toLowerCase()).toContain("\r\nretry-after: 1");
    expect(JSON.parse(body)).toEqual({
      code: 42902,
      message: "Too many requests",
      details: { retry_after_ms: 10 },
    });
  });

  test("what is sent behind a refused request is not served", async () => {
    await servedOf("/open");
    const before = counts.open;
    await rawHttp(served.port, OPEN.repeat(20));
    expect(counts.open).toBe(before);
  });

  test("refusals of other limits cost more, and then the connection ends too", async () => {
    clock.now += 3_600_000;
    const request = "GET /limited HTTP/1.1\r\nHost: a\r\n\r\n";
    for (let n = 0; n <= BURST / 50; n++) {
      const { text } = await rawHttp(served.port, request);
      expect(text).toContain('"code":42901');
      expect(text.toLowerCase().includes("connection: close")).toBe(n === BURST / 50);
    }
    clock.now += 3_600_000;
    for (let n = 0; n <= BURST; n++) expect((await rawHttp(served.port, FOUND)).status).toBe(404);
  });

  test("refusals of a user's own limits cost his address nothing, and he is told at once until it is too often", async () => {
    clock.now += 3_600_000;
    const isLast: boolean[] = [];
    for (let n = 0; n <= 200; n++) {
      const { status, headers } = await fetch(`${served.url}/own`);
      expect([status, headers.get("retry-after")]).toEqual([429, "1"]);
      isLast.push(headers.get("connection") === "close");
    }
    expect(isLast).toEqual([...new Array(200).fill(false), true]);
    expect(await fetch(`${served.url}/open`)).toHaveProperty("status", 200);
    expect(gate.chargeAddress("127.0.0.1", BURST - 1)).toBeUndefined();
  });

  test("whoever watches waits instead", async () => {
    clock.now += 3_600_000;
    const answers = async (count: number): Promise<number> => {
      const start = performance.now();
      for (let n = 0; n < count; n++) {
        expect((await fetch(`${served.url}/watched`)).status).toBe(200);
      }
      return performance.now() - start;
    };
    await answers(BURST);
    expect(await answers(2)).toBeGreaterThanOrEqual(2 * REFUSAL_DELAY_MS - 2);
  });

  test("those with the key are served all the same", async () => {
    await servedOf("/open");
    expect((await fetch(`${served.url}/inner/page`, KEY)).status).toBe(200);
    expect((await fetch(`${served.url}/inner/page`)).status).toBe(429);
    expect((await fetch(`${served.url}/free`)).status).toBe(200);
  });
});
