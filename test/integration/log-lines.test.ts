/** What the log has of logins, operators and traced accounts, and that no secret is in it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { restClient } from "../gateway/rest/rest-client.ts";
import type { LogLine } from "./server-process.ts";
import { Venue } from "./venue.ts";
import { answerOf } from "./waiver-command.ts";

let venue: Venue;
beforeAll(async () => {
  const config = '[gateway.auth]\nsign_up = true\n[log]\nlevel = "trace"\nslow_tick_ms = 1\n';
  venue = await Venue.open({ config });
});
afterAll(() => venue[Symbol.asyncDispose]());

const linesOf = (message: string): LogLine[] =>
  venue.server.log.filter(({ msg }) => msg === message);

test("logins, admin actions and a traced account are in the log, and no secret that was used", async () => {
  const { url } = venue.server;
  const user = await venue.user({ cash: 1000 });
  const { api_key, api_secret, account_id, user_id } = user;
  using orders = await venue.connect("/orders", "json", user);

  const password = "correct horse battery staple";
  const post = (path: string, body: object) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  const signedUp = await post("/api/v1/users", { name: "ann", password });
  const { token } = (await signedUp.json()) as { token: string };
  expect(token).toBeString();
  const again = await post("/api/v1/session", { name: "ann", password });
  const { token: second } = (await again.json()) as { token: string };
  const wrong = "this is not the password";
  expect((await post("/api/v1/session", { name: "ann", password: wrong })).status).toBe(401);

  const globals = ["--url", url, "--data-dir", venue.dataDir];
  const told = await answerOf("account", "trace", account_id, "on", "--seconds", "60", ...globals);
  expect(told).toStartWith(`${account_id} is traced until `);
  const symbol = venue.symbol();
  await orders.result("order.place", { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 });
  await venue.server.logged("trace: event", 2);
  const off = await answerOf("account", "trace", account_id, "off", ...globals);
  expect(off).toBe(`${account_id} is not traced\n`);
  const made = (await venue.server.ask("POST", "/admin-tokens", { name: "ben", role: "read" })) as {
    token: string;
  };
  await venue.server.logged("admin action", 4);

  expect(linesOf("login")).toMatchObject([
    {
      user: user_id,
      account: account_id,
      api_key: `${api_key.slice(0, 11)}…`,
      address: "127.0.0.1",
    },
    { user: expect.stringMatching(/^usr_/), address: "127.0.0.1" },
    { user: expect.stringMatching(/^usr_/), address: "127.0.0.1" },
  ]);
  expect(linesOf("admin action").slice(-3)).toMatchObject([
    { by: "root", action: `POST /accounts/${account_id}/trace`, code: 0 },
    { by: "root", action: `POST /accounts/${account_id}/trace`, code: 0 },
    { by: "root", action: "POST /admin-tokens", code: 0 },
  ]);
  expect(linesOf("trace: command")).toMatchObject([
    { account: account_id, kind: "PLACE", symbol, price: 1, code: 0 },
  ]);

  const log = JSON.stringify(venue.server.log);
  const adminToken = readFileSync(join(venue.dataDir, "admin-token"), "utf8").trim();
  const secrets = {
    api_key,
    api_secret,
    password,
    wrong,
    token,
    second,
    adminToken,
    made: made.token,
  };
  for (const [name, secret] of Object.entries(secrets)) {
    expect({ name, length: secret.length }).toEqual({ name, length: expect.any(Number) });
    expect({ name, isLogged: log.includes(secret) }).toEqual({ name, isLogged: false });
  }
});

test("each refusal of a traced account over REST is logged once, with its command or its route", async () => {
  const user = await venue.user({ cash: 1000 });
  const { account_id } = user;
  const globals = ["--url", venue.server.url, "--data-dir", venue.dataDir];
  await answerOf("account", "trace", account_id, "on", ...globals);
  const rest = restClient(venue.server.url.replace("http://", ""), user);
  const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  const told = [
    await rest.told("POST", "/orders", { body: { ...order, side: "HOLD" } }),
    await rest.told("POST", "/orders", { body: { ...order, quantity: 1_000_000 } }),
    await rest.told("DELETE", "/orders/ord_1"),
    await rest.told("GET", "/orders/ord_1"),
    await rest.told("GET", "/orders?limit=0"),
  ];
  expect(told.map(({ status }) => status)).toEqual([400, 409, 404, 404, 400]);
  await venue.server.logged("trace: request refused", 3);
  const of = (message: string): unknown[] =>
    linesOf(message)
      .filter(({ account }) => account === account_id)
      .map(({ kind, route, code }) => [kind ?? route, code]);
  expect(of("trace: command")).toEqual([
    ["PLACE", 40906],
    ["CANCEL", 40004],
  ]);
  expect(of("trace: request refused")).toEqual([
    ["POST /api/v1/orders", 40001],
    ["GET /api/v1/orders/:order_id", 40004],
    ["GET /api/v1/orders", 40001],
  ]);
});

test("a tick that is slower than is configured is in the log with its stages", async () => {
  const user = await venue.user({ cash: 1_000_000 });
  using orders = await venue.connect("/orders", "json", user);
  const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  // Each waits for the disk; one in many is slower than a millisecond.
  while (linesOf("slow tick").length === 0) await orders.result("order.place", order);
  const [line] = linesOf("slow tick");
  expect(line?.took_ms).toBeGreaterThanOrEqual(1);
  expect(line?.flush_ms).toBeNumber();
});
