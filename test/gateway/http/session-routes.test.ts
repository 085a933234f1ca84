import { expect, test } from "bun:test";
import { ClientAddresses } from "../../../src/gateway/client-addresses.ts";
import { HttpLogins } from "../../../src/gateway/http/http-logins.ts";
import { Refusals } from "../../../src/gateway/http/refusals.ts";
import { RequestGate } from "../../../src/gateway/http/request-gate.ts";
import { sessionRoutes } from "../../../src/gateway/http/session-routes.ts";
import { type GatewayRig, openGateway } from "../rig.ts";
import { openIssuer } from "./issuer.ts";
import { serveRoutes } from "./route-server.ts";

/** The routes at a clock that stands still, where an address may ask for two. */
function open(rig: GatewayRig) {
  const addresses = new ClientAddresses([]);
  const clock = { monotonic: () => 0 };
  const refusals = new Refusals(clock.monotonic);
  const gate = new RequestGate({ ...clock, addresses, refusals, perSecond: 2 });
  const httpLogins = new HttpLogins({ ...rig, gate, isTls: false });
  const routes = sessionRoutes(
    {
      ...rig,
      ...{ httpLogins, addresses, gate },
      now: () => 1000,
      monotonic: () => 0,
    },
    false,
  );
  const served = serveRoutes([routes], (...given) => gate.charge(...given));
  const ask = async (method: string, headers: Record<string, string>, body?: object) => {
    const response = await fetch(`${served.url}/api/v1/session`, {
      method,
      headers: { "Content-Type": "application/json", ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const { code, token } = (await response.json()) as { code?: number; token?: string };
    const left = Number(response.headers.get("x-ratelimit-remaining"));
    return { status: response.status, code, token, left };
  };
  return { ...served, ask };
}

test("strangers who have used up an address's budget do not block a user's session there", async () => {
  await using rig = await openGateway();
  await using served = open(rig);
  const { ask } = served;
  const { api_key, api_secret } = await rig.createUser();
  for (const code of [40101, 40101, 42902, 42902]) {
    expect(await ask("POST", {}, { api_key, api_secret: "x" })).toMatchObject({ code });
  }
  const begun = await ask("POST", {}, { api_key, api_secret });
  expect(begun.status).toBe(200);
  // Each look at it is his own to pay.
  const shown = { Authorization: `Bearer ${begun.token}` };
  const first = await ask("GET", shown);
  const second = await ask("GET", shown);
  expect([first.status, second.status, first.left - second.left]).toEqual([200, 200, 1]);
  expect(begun.left - first.left).toBe(1);
  const ended = await ask("DELETE", shown);
  expect([ended.status, ended.left]).toEqual([200, second.left]);
  expect((await ask("GET", shown)).code).toBe(42902);
  expect(served.bugs).toEqual([]);
});

test("a logged-in user gets the rate headers also for an invalid login request and during shutdown", async () => {
  await using rig = await openGateway();
  await using served = open(rig);
  const { api_key, api_secret } = await rig.createUser();
  const shown = { "X-API-KEY": api_key, "X-API-SECRET": api_secret };
  const left = rig.rateLimits.market_data_per_second;
  expect(await served.ask("POST", shown, {})).toMatchObject({ code: 40001, left });
  rig.lifecycle.drain();
  expect(await served.ask("DELETE", shown)).toMatchObject({ status: 503, code: 50302, left });
  expect(served.bugs).toEqual([]);
});

test("a request to end a session of another issuer is charged", async () => {
  using ids = openIssuer();
  await using rig = await openGateway({ issuer: ids.issuer });
  await using served = open(rig);
  await rig.createUser();
  const shown = { Authorization: `Bearer ${await ids.issue("one", rig.clock.now)}` };
  const first = await served.ask("DELETE", shown);
  const second = await served.ask("DELETE", shown);
  expect([first.code, second.code, first.left - second.left]).toEqual([40300, 40300, 1]);
  expect(served.bugs).toEqual([]);
});
