/** What REST answers while the exchange shuts down. */
import { expect, test } from "bun:test";
import { ClientAddresses } from "../../../src/gateway/client-addresses.ts";
import { HttpLogins } from "../../../src/gateway/http/http-logins.ts";
import { createRestRoutes } from "../../../src/gateway/rest/create-rest-routes.ts";
import { serveRoutes } from "../http/route-server.ts";
import { FREE, openGateway } from "../rig.ts";

test("during shutdown requests are refused, and a logged-in user still gets the rate headers", async () => {
  await using rig = await openGateway();
  const gate = { ...FREE, charge: () => undefined };
  const httpLogins = new HttpLogins({ ...rig, gate, isTls: false });
  const addresses = new ClientAddresses([]);
  const parts = { ...rig, httpLogins, gate, addresses, orderTraces: null, monotonic: () => 0 };
  await using served = serveRoutes(createRestRoutes(parts, 2 ** 20));
  const { api_key, api_secret } = await rig.createUser();
  const ask = async (path: string, headers: Record<string, string>) => {
    const answer = await fetch(`${served.url}/api/v1${path}`, { headers });
    const { code } = (await answer.json()) as { code?: number };
    return [answer.status, code, answer.headers.get("X-RateLimit-Remaining")];
  };
  const shown = { "X-API-KEY": api_key, "X-API-SECRET": api_secret };
  const limit = String(rig.rateLimits.market_data_per_second);

  rig.lifecycle.drain();
  expect(await ask("/orders", shown)).toEqual([503, 50302, limit]);
  expect(await ask("/time", {})).toEqual([503, 50302, null]);
  expect(await ask("/time", { ...shown, "X-API-SECRET": "x" })).toEqual([401, 40101, null]);
  expect(served.bugs).toEqual([]);
});
