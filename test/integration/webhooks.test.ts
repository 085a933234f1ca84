import { expect, test } from "bun:test";
import { openRealExchange } from "../gateway/real-exchange.ts";
import { eventually } from "../lib/eventually.ts";
import { assertAnswer } from "../protocol/documents/published.ts";

test("a user's webhooks over REST, across a restart, and an operator's view of them", async () => {
  const seqs: number[] = [];
  let status = 200;
  await using receiver = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { data } = (await request.json()) as { data: { seq: number } };
      if (status === 200) seqs.push(data.seq);
      return new Response(null, { status });
    },
  });
  await using real = await openRealExchange({
    WAIVER_WEBHOOKS__ALLOWED_NETWORKS: "127.0.0.1",
    WAIVER_ADMIN_TOKEN: "token",
  });
  const [user, other] = [await real.createUser(), await real.createUser()];
  const ask = async (who: typeof user, method: string, path: string, body?: object) => {
    const { api_key, api_secret } = who;
    const answer = await fetch(`http://${real.url}/api/v1/webhooks${path}`, {
      method,
      headers: {
        "X-API-KEY": api_key,
        "X-API-SECRET": api_secret,
        "Content-Type": "application/json",
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const told = (await answer.json()) as Record<string, unknown>;
    assertAnswer(method, `/webhooks${path}`, answer.status, told);
    return { status: answer.status, body: told };
  };
  const url = `http://127.0.0.1:${receiver.port}/`;
  const made = await ask(user, "POST", "", { url });
  expect(made).toEqual({
    status: 200,
    body: {
      webhook_id: "whk_1",
      user_id: user.user_id,
      account_id: user.account_id,
      url,
      events: ["order", "balance", "position"],
      created_at: expect.any(Number),
      seq: expect.any(Number),
      dead_letters: 0,
      failures: 0,
      error: null,
      secret: expect.stringMatching(/^whs_[0-9a-f]{64}$/),
    },
  });
  const first = Number(made.body.seq) + 1;
  const [symbol] = real.exchange.symbols();
  const place = async () => {
    const trader = await real.connectAs(user);
    await trader.ask("order.place", { symbol, side: "BUY", type: "LIMIT", quantity: 1, price: 9 });
    trader.close();
  };
  await place();
  await eventually(() => seqs.length >= 2);
  status = 500;
  await place();
  await real.restart();
  status = 200;
  await eventually(() => seqs.length >= 4);
  expect(seqs).toEqual([first, first + 1, first + 2, first + 3]);

  expect((await ask(user, "GET", "")).body).toMatchObject({ webhooks: [{ webhook_id: "whk_1" }] });
  expect((await ask(other, "GET", "")).body).toEqual({ webhooks: [] });
  const missing = {
    status: 404,
    body: {
      code: 40001,
      message: "Invalid parameters",
      details: { field: "id", issue: "There is no webhook whk_1" },
    },
  };
  expect(await ask(other, "DELETE", "/whk_1")).toEqual(missing);
  expect(await ask(other, "GET", "/whk_1/dead-letters")).toEqual(missing);
  expect(await ask(other, "POST", "/whk_1/dead-letters/resend")).toEqual(missing);
  expect(await ask(user, "POST", "/whk_1/dead-letters/resend")).toEqual({
    status: 200,
    body: { queued: 0 },
  });
  expect(await ask(user, "POST", "", { url: "https://10.0.0.1/" })).toMatchObject({
    status: 400,
    body: { code: 40001, details: { field: "url" } },
  });
  expect(await ask(user, "POST", "", { url, account_id: other.account_id })).toMatchObject({
    status: 403,
    body: { code: 40301 },
  });
  expect((await fetch(`http://${real.url}/api/v1/webhooks`)).status).toBe(401);

  const operator = { Authorization: "Bearer token" };
  const admin = await fetch(`http://${real.url}/admin/v1/webhooks`, { headers: operator });
  const text = await admin.text();
  expect(text).toContain("whk_1");
  expect(text).not.toContain("whs_");
  expect(await ask(user, "DELETE", "/whk_1")).toMatchObject({
    status: 200,
    body: { deleted: true },
  });
  expect((await ask(user, "GET", "")).body).toEqual({ webhooks: [] });

  // One ends with its key.
  const all = async () =>
    (await fetch(`http://${real.url}/admin/v1/webhooks`, { headers: operator })).json();
  await ask(other, "POST", "", { url });
  expect(await all()).toMatchObject({ webhooks: [{ webhook_id: "whk_2" }] });
  const revoked = { method: "DELETE", headers: operator };
  await fetch(`http://${real.url}/admin/v1/keys/${other.api_key}`, revoked);
  await eventually(async () => ((await all()) as { webhooks: unknown[] }).webhooks.length === 0);
  expect(real.warnings).toEqual([]);
});
