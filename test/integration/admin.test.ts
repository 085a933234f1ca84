import { afterAll, beforeAll, expect, test } from "bun:test";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { bare, expectWhole, invalid, orderState } from "./expectations.ts";
import { AMPLE, type Key, type User, Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

const admin = (method: string, path: string, body?: unknown) =>
  venue.server.admin(method, path, body);

const usable = expect.stringMatching(/^[!-~]{16,}$/) as unknown;

test("the token is made at the first start, readable by its owner only, and stays", async () => {
  const file = join(venue.dataDir, "admin-token");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const before = await venue.server.adminToken();
  expect(before.length).toBeGreaterThanOrEqual(32);
  await using other = await Venue.open();
  expect(await other.server.adminToken()).not.toBe(before);
});

test("a token in the environment takes the place of the file's", async () => {
  const token = "a-token-of-the-operators-choice-0123456789";
  await using own = await Venue.open({ env: { WAIVER_ADMIN_TOKEN: token }, anonymous: true });
  const headers = { Authorization: `Bearer ${token}` };
  const reply = await fetch(`${own.server.url}/admin/v1/state`, { headers });
  expect(reply.status).toBe(200);
});

test("without the token every route answers 401 and does nothing", async () => {
  const token = await venue.server.adminToken();
  const wrong = [
    undefined,
    "",
    "Bearer",
    "Bearer ",
    `Basic ${token}`,
    token,
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    "Bearer undefined",
  ];
  const routes: [string, string][] = [
    ["GET", "/state"],
    ["GET", "/users"],
    ["POST", "/users"],
    ["POST", "/symbols/SYMBOL_14/halt"],
    ["POST", "/accounts/acc_1/deposit"],
    ["DELETE", "/keys/ak_1"],
    ["GET", "/nothing"],
  ];
  const before = (await admin("GET", "/users")).body;
  for (const [method, path] of routes) {
    for (const authorization of wrong) {
      const reply = await fetch(`${venue.server.url}/admin/v1${path}`, {
        method,
        headers: authorization === undefined ? {} : { Authorization: authorization },
        ...(method === "POST" ? { body: '{"name":"x"}' } : {}),
      });
      expect([method, path, authorization, reply.status]).toEqual([
        method,
        path,
        authorization,
        401,
      ]);
      expect(await reply.json()).toEqual(bare(40100));
    }
  }
  expect((await admin("GET", "/users")).body).toEqual(before);
});

test("a user is created with the given cash, shares and permissions, and listed without secrets", async () => {
  const symbol = venue.symbol();
  const { status, body } = await admin("POST", "/users", {
    name: "ann",
    permissions: ["trade"],
    cash: 700,
    positions: { [symbol]: 9 },
    rate_limits: AMPLE,
  });
  expect([200, 201]).toContain(status);
  const user = body as User;
  expect({ ...user }).toEqual({
    user_id: expect.stringMatching(/^usr_[1-9]\d*$/) as unknown as string,
    account_id: expect.stringMatching(/^acc_[1-9]\d*$/) as unknown as string,
    api_key: usable as string,
    api_secret: usable as string,
  });
  using client = await venue.connect("/orders", "json", user);
  expect(await client.result("account.balances")).toEqual({
    account_id: user.account_id,
    cash: { available: 700, reserved: 0, total: 700 },
    seq: 2,
  });
  expect(await client.result("account.positions")).toEqual({
    account_id: user.account_id,
    positions: [{ symbol, available: 9, reserved: 0, total: 9 }],
    seq: 2,
  });
  const listing = await admin("GET", "/users");
  expect(JSON.stringify(listing.body)).not.toContain(user.api_secret);
  const { users } = listing.body as { users: Members[] };
  expect(users.find(({ user_id }) => user_id === user.user_id)).toMatchObject({
    user_id: user.user_id,
    name: "ann",
  });
});

test("a user can be created with a name alone", async () => {
  const user = (await admin("POST", "/users", { name: "bob" })).body as User;
  using client = await venue.open("/orders");
  const { result } = await client.login(user);
  expect(result?.permissions).toEqual(["trade", "market_data"]);
  expect(await client.result("account.positions")).toEqual({
    account_id: user.account_id,
    positions: [],
    seq: 0,
  });
});

test("a bad body gets 400 with the faulty field, and creates nothing", async () => {
  const before = (await admin("GET", "/users")).body;
  const symbol = venue.symbol();
  const wrong: [unknown, string | undefined][] = [
    [{}, "name"],
    [{ name: "" }, "name"],
    [{ name: 7 }, "name"],
    [{ name: "x".repeat(65) }, "name"],
    [{ name: "x", cash: -1 }, "cash"],
    [{ name: "x", cash: 1.5 }, "cash"],
    [{ name: "x", cash: "1" }, "cash"],
    [{ name: "x", cash: 2 ** 53 }, "cash"],
    [{ name: "x", cahs: 1 }, "cahs"],
    [{ name: "x", permissions: ["fly"] }, undefined],
    [{ name: "x", permissions: "trade" }, "permissions"],
    [{ name: "x", positions: { [symbol]: -1 } }, undefined],
    [{ name: "x", positions: { [symbol]: 1.5 } }, undefined],
    [{ name: "x", positions: [] }, "positions"],
    [{ name: "x", rate_limits: { orders_per_second: -1 } }, undefined],
    [{ name: "x", rate_limits: { orders: 1 } }, undefined],
    [[], undefined],
    ["x", undefined],
    [null, undefined],
  ];
  for (const [body, field] of wrong) {
    const reply = await admin("POST", "/users", body);
    expect([body, reply.status]).toEqual([body, 400]);
    const { code } = reply.body as { code: number };
    expect([body, code]).toEqual([body, code === 40000 ? 40000 : 40001]);
    if (field !== undefined) expect([body, reply.body]).toEqual([body, invalid(field)]);
  }
  const token = await venue.server.adminToken();
  for (const text of ["", "{", "nul", "\u0000"]) {
    const reply = await fetch(`${venue.server.url}/admin/v1/users`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body: text,
    });
    expect([text, reply.status]).toEqual([text, 400]);
  }
  expect((await admin("GET", "/users")).body).toEqual(before);
});

test("with an unknown symbol among the positions nothing of the user is created", async () => {
  const before = (await admin("GET", "/users")).body;
  const accounts = (await venue.server.ask<Members>("GET", "/state")).cash_total;
  const body = { name: "half", cash: 100, positions: { SYMBOL_4095000: 1 } };
  const reply = await admin("POST", "/users", body);
  expect([reply.status, (reply.body as Members).code]).toEqual([404, 40003]);
  expect((await admin("GET", "/users")).body).toEqual(before);
  expect((await venue.server.ask<Members>("GET", "/state")).cash_total).toBe(accounts);
});

test("further keys work beside the first, with their own permissions, until deleted", async () => {
  const user = await venue.user();
  const path = `/users/${user.user_id}/keys`;
  const key = (await admin("POST", path, { permissions: ["market_data"] })).body as Key & {
    user_id: string;
  };
  expect({ ...key }).toEqual({
    user_id: user.user_id as string,
    api_key: usable as string,
    api_secret: usable as string,
  });
  using client = await venue.open("/orders");
  expect((await client.login(key)).result).toMatchObject({
    user_id: user.user_id,
    permissions: ["market_data"],
  });
  using first = await venue.connect("/orders", "json", user);
  const deleted = await admin("DELETE", `/keys/${key.api_key}`);
  expect(Math.floor(deleted.status / 100)).toBe(2);
  expect((await client.closed).code).toBe(4003);
  expect((await first.result("ping")).timestamp).toBeNumber();
  expect((await admin("DELETE", "/keys/ak_nobody")).status).toBe(404);
  expect((await admin("POST", "/users/usr_999999/keys", {})).status).toBe(404);
  expect((await admin("POST", "/users/nobody/keys", {})).status).toBeOneOf([400, 404]);
});

test("deposits add, negative ones withdraw, at most what is available", async () => {
  const symbol = venue.symbol();
  const user = await venue.user({ cash: 100, positions: { [symbol]: 5 } });
  const path = `/accounts/${user.account_id}/deposit`;
  using client = await venue.connect("/orders", "json", user);
  const order = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 6 };
  await client.result("order.place", order);
  expect(Math.floor((await admin("POST", path, { cash: 50 })).status / 100)).toBe(2);
  expect(Math.floor((await admin("POST", path, { cash: -90 })).status / 100)).toBe(2);
  const cash = { available: 0, reserved: 60, total: 60 };
  expect((await client.result("account.balances")).cash).toEqual(cash);
  const tooMuch = await admin("POST", path, { cash: -1 });
  expect([tooMuch.status, tooMuch.body]).toMatchObject([
    409,
    { code: 40906, details: { field: "cash", needed: 1, available: 0 } },
  ]);
  const tooMany = await admin("POST", path, { positions: { [symbol]: -6 } });
  expect([tooMany.status, tooMany.body]).toMatchObject([
    409,
    { code: 40907, details: { field: `positions.${symbol}`, needed: 6, available: 5 } },
  ]);
  const both = await admin("POST", path, { cash: 10, positions: { [symbol]: -6 } });
  expect(both.status).toBe(409);
  expect((await client.result("account.balances")).cash).toEqual(cash);
  expect((await admin("POST", "/accounts/acc_999999/deposit", { cash: 1 })).status).toBe(404);
  expect((await admin("POST", path, { cash: 0.5 })).status).toBe(400);
  expect((await admin("POST", path, { cash: 1, note: "x" })).status).toBe(400);
  const unknown = await admin("POST", path, { cash: 1, positions: { SYMBOL_4095000: 1 } });
  expect([unknown.status, (unknown.body as Members).code]).toEqual([404, 40003]);
  expect((await client.result("account.balances")).cash).toEqual(cash);
  const limit = await admin("POST", path, { cash: Number.MAX_SAFE_INTEGER });
  const again = await admin("POST", path, { cash: Number.MAX_SAFE_INTEGER });
  expect([limit.status, again.status].some((status) => status >= 400)).toBe(true);
  const { total } = (await client.result("account.balances")).cash as Members;
  expect(Number.isSafeInteger(total)).toBe(true);
});

test("a symbol is halted, resumed and closed for all but cancelling", async () => {
  const symbol = venue.symbol();
  const state = async () => {
    const { symbols } = await venue.server.ask<{ symbols: Members[] }>("GET", "/state");
    return symbols.find((each) => each.symbol === symbol)?.state;
  };
  for (const [order, then] of [
    ["halt", "HALTED"],
    ["halt", "HALTED"],
    ["cancel-only", "CANCEL_ONLY"],
    ["resume", "TRADING"],
  ]) {
    expect(Math.floor((await admin("POST", `/symbols/${symbol}/${order}`)).status / 100)).toBe(2);
    expect(await state()).toBe(then);
  }
  for (const name of ["SYMBOL_4095000", "nothing"]) {
    const reply = await admin("POST", `/symbols/${name}/halt`);
    expect([name, reply.status, (reply.body as Members).code]).toEqual([name, 404, 40003]);
  }
  expect((await admin("POST", `/symbols/${symbol}/stop`)).status).toBe(404);
});

test("the operator cancels any order", async () => {
  const symbol = venue.symbol();
  const user = await venue.user({ cash: 100 });
  using client = await venue.connect("/orders", "msgpack", user);
  const order = {
    symbol,
    side: "BUY",
    type: "LIMIT",
    price: 10,
    quantity: 6,
    client_order_id: "c",
  };
  const { order_id } = await client.result("order.place", order);
  const cancelled = await admin("POST", `/orders/${order_id}/cancel`);
  expect([cancelled.status, cancelled.body]).toEqual([
    200,
    orderState({ ...order, order_id, filled_quantity: 0, status: "CANCELLED", reason: "OPERATOR" }),
  ]);
  const again = await admin("POST", `/orders/${order_id}/cancel`);
  const issue = `The order ${order_id} is done`;
  expect([again.status, again.body]).toMatchObject([
    404,
    { code: 40004, details: { field: "id", issue, status: "CANCELLED" } },
  ]);
  for (const id of ["ord_999999999", "ord_0", "nothing"]) {
    const reply = await admin("POST", `/orders/${id}/cancel`);
    expect([id, reply.status]).toEqual([id, 404]);
  }
});

test("the state tells the tick, the last command and the hash", async () => {
  const first = await venue.server.ask<Members>("GET", "/state");
  expectWhole([first.tick, first.seq], 1);
  expect(first.state_hash).toMatch(/^[0-9a-f]{16}$/);
  expect(first.symbols).toBeArrayOfSize(512);
  expect(Object.keys(first.components as Members)).toContain("persistence");
  const second = await venue.server.ask<Members>("GET", "/state");
  expect(second.state_hash).toBe(first.state_hash);
  await venue.user({ cash: 1 });
  const third = await venue.server.ask<Members>("GET", "/state");
  expect(third.state_hash).not.toBe(first.state_hash);
  expect(Number(third.seq)).toBeGreaterThan(Number(first.seq));
});

test("unknown routes and verbs are 404 or 405 with an error body", async () => {
  for (const [method, path] of [
    ["GET", "/nothing"],
    ["DELETE", "/users"],
    ["PUT", "/state"],
    ["GET", "/users/usr_1/nothing"],
    ["POST", "/"],
  ] as const) {
    const reply = await admin(method, path);
    expect([method, path, reply.status]).toEqual([method, path, reply.status === 405 ? 405 : 404]);
    expect(reply.body).toMatchObject({ code: expect.any(Number), message: expect.any(String) });
  }
});

test("of two conflicting changes at once one is refused, and a key may be deleted twice", async () => {
  const twice = async (method: string, path: string, body?: unknown) =>
    (await Promise.all([admin(method, path, body), admin(method, path, body)])).sort(
      (a, b) => a.status - b.status,
    );
  const symbol = venue.symbol();
  const user = await venue.user({ cash: 100, positions: { [symbol]: 5 } });
  const taken = { cash: -60, positions: { [symbol]: -3 } };
  const [paid, short] = await twice("POST", `/accounts/${user.account_id}/deposit`, taken);
  expect([paid?.status, paid?.body]).toMatchObject([200, { cash: 40 }]);
  expect([short?.status, short?.body]).toMatchObject([409, { code: 40906 }]);
  const { body: account } = await admin("GET", `/accounts/${user.account_id}`);
  expect(account).toMatchObject({ cash: { total: 40 }, positions: [{ total: 2 }] });

  const [starts_at, ends_at] = [Date.UTC(2090, 0, 1), Date.UTC(2090, 0, 2)];
  const windows = await twice("POST", "/maintenance", { starts_at, ends_at, message: "Disks" });
  expect(windows.map(({ status }) => status)).toEqual([200, 400]);
  const { id } = (windows[0]?.body ?? {}) as Members;
  const cancelled = await twice("DELETE", `/maintenance/${id}`);
  expect(cancelled.map(({ status }) => status)).toEqual([200, 404]);

  const tokens = await twice("POST", "/admin-tokens", { name: "twin", role: "read" });
  expect(tokens.map(({ status }) => status)).toEqual([200, 400]);
  const revoked = await twice("DELETE", `/keys/${user.api_key}`);
  expect(revoked.map(({ status }) => status)).toEqual([200, 200]);
  expect(revoked[0]?.body).toEqual(revoked[1]?.body as object);
});

test("everything is still there after a restart: users, keys, halts, balances", async () => {
  await using own = await Venue.open();
  const symbol = own.symbol();
  const user = await own.user({ cash: 321, positions: { [symbol]: 3 } });
  const revoked = await own.user();
  await own.server.ask("DELETE", `/keys/${revoked.api_key}`);
  await own.server.ask("POST", `/symbols/${symbol}/halt`);
  const users = (await own.server.admin("GET", "/users")).body;
  await own.crash();
  expect((await own.server.admin("GET", "/users")).body).toEqual(users);
  using client = await own.connect("/orders", "json", user);
  expect((await client.result("account.balances")).cash).toMatchObject({ total: 321 });
  const order = { symbol, side: "SELL", type: "LIMIT", price: 10, quantity: 1 };
  expect((await client.refusal("order.place", order)).code).toBe(40909);
  using other = await own.open("/orders");
  expect((await other.login(revoked)).error).toEqual(bare(40102));
});
