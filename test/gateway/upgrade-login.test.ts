import { afterAll, beforeAll, expect, test } from "bun:test";
import { openRealExchange } from "./real-exchange.ts";

let real: Awaited<ReturnType<typeof openRealExchange>>;
beforeAll(async () => {
  real = await openRealExchange();
});
afterAll(() => real[Symbol.asyncDispose]());

/** The first message that the connection gets. */
async function firstMessage(
  endpoint: string,
  headers: Record<string, string>,
  ask: object | null,
): Promise<Record<string, unknown>> {
  const socket = new WebSocket(`ws://${real.url}/${endpoint}`, { headers });
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  socket.onopen = () => ask !== null && socket.send(JSON.stringify(ask));
  socket.onmessage = ({ data }) => resolve(JSON.parse(data));
  socket.onclose = ({ code, reason }) => reject(new Error(`${code} ${reason}`));
  try {
    return await promise;
  } finally {
    socket.close();
  }
}

const statusOf = async (headers: Record<string, string>) => {
  const answer = await fetch(`http://${real.url}/orders`, {
    headers: {
      ...headers,
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    },
  });
  return [answer.status, ((await answer.json()) as { code: number }).code];
};

test("an upgrade request with a key and its secret is logged in from the start", async () => {
  const { api_key, api_secret } = await real.createUser();
  const headers = { "X-API-KEY": api_key, "X-API-SECRET": api_secret };
  const balances = await firstMessage("orders", headers, { method: "account.balances" });
  expect(balances).toMatchObject({ result: { cash: { total: expect.any(Number) } } });
  const snapshot = await firstMessage("user-data", headers, null);
  expect(snapshot).toMatchObject({ stream: "user_data", data: { event: "snapshot" } });
});

test("an upgrade request with an invalid login is refused with 401", async () => {
  const { api_key } = await real.createUser();
  expect(await statusOf({ "X-API-KEY": api_key, "X-API-SECRET": "x" })).toEqual([401, 40101]);
  expect(await statusOf({ Authorization: "Bearer x" })).toEqual([401, 40101]);
});
