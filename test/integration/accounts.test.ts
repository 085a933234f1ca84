/** Users with more than one account. */
import { beforeAll, describe, expect, test } from "bun:test";
import { beginSession, createTradingClient, readSession } from "@waiver/client";
import { type User, Venue } from "./venue.ts";
import { ENCODINGS, type Members, WireClient } from "./wire-client.ts";

interface Opened {
  account_id: string;
}

const NOT_YOURS = expect.objectContaining({ code: 40301 });

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

const openAccount = async (user: User, deposit: object = {}, at = venue): Promise<string> => {
  const path = `/users/${user.user_id}/accounts`;
  const { account_id } = await at.server.ask<Opened>("POST", path, deposit);
  return account_id;
};

/** The first event of the name, when it has come. */
async function event(stream: WireClient, name: string): Promise<Members> {
  const first = () => stream.of("user_data").find((data) => data.event === name);
  await stream.until(() => first() !== undefined, name);
  return first() as Members;
}

const login = ({ api_key, api_secret }: User, account_id?: string) => ({
  api_key,
  api_secret,
  ...(account_id !== undefined && { account_id }),
});

describe.each(ENCODINGS)("a login for another account of the user, in %s,", (encoding) => {
  test("is about that account: its orders, its cash, its stream", async () => {
    const user = await venue.user({ cash: 1_000 });
    const account_id = await openAccount(user, { cash: 500 });
    using orders = await venue.open("/orders", encoding);
    expect(await orders.result("auth.login", login(user, account_id))).toMatchObject({
      user_id: user.user_id,
      account_id,
    });
    using stream = await venue.open("/user-data", encoding);
    await stream.result("auth.login", login(user, account_id));
    const snapshot = { account_id, cash: { available: 500, total: 500 } };
    expect(await event(stream, "snapshot")).toMatchObject(snapshot);

    const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 100, quantity: 3 };
    const { order_id } = await orders.result("order.place", order);
    expect(await event(stream, "order")).toMatchObject({ order_id });
    expect(await orders.result("account.balances")).toMatchObject({
      account_id,
      cash: { available: 200, reserved: 300, total: 500 },
    });
    expect(await orders.result("order.cancel_all")).toEqual({ cancelled: 1 });

    using first = await venue.connect("/orders", encoding, user);
    expect(await first.result("account.balances")).toMatchObject({
      account_id: user.account_id,
      cash: { available: 1_000, total: 1_000 },
    });
    expect(await first.refusal("order.cancel", { order_id })).toMatchObject({ code: 40004 });

    // An order is known by its id to all connections of the user, whichever account they are about.
    const other = await orders.result("order.place", { ...order, symbol: venue.symbol() });
    const named = { order_id: other.order_id };
    expect(await first.result("order.status", named)).toMatchObject({ status: "ACCEPTED" });
    expect(await first.result("order.cancel", named)).toMatchObject({ status: "CANCELLED" });
    expect(await orders.result("account.balances")).toMatchObject({ cash: { reserved: 0 } });
  });

  test("is refused for an account of somebody else, of nobody and of the operator, and costs no wrong login", async () => {
    const [user, other] = [await venue.user(), await venue.user()];
    using orders = await venue.open("/orders", encoding);
    for (const account_id of [other.account_id, "acc_9999999", "acc_0", "acc_x", user.user_id]) {
      for (let i = 0; i < 5; i++) {
        expect(await orders.refusal("auth.login", login(user, account_id))).toEqual(NOT_YOURS);
      }
    }
    await orders.result("auth.login", login(user, user.account_id));
  });
});

test("two accounts of one user do not trade with each other, and each cancels its own on disconnect", async () => {
  const symbol = venue.symbol();
  const user = await venue.user({ cash: 1_000 });
  const second = await openAccount(user, { positions: { [symbol]: 5 } });
  using seller = await venue.open("/orders");
  await seller.result("auth.login", { ...login(user, second), cancel_on_disconnect: true });
  using buyer = await venue.connect("/orders", "json", user);
  const order = { symbol, type: "LIMIT", price: 100, quantity: 2 };
  await buyer.result("order.place", { ...order, side: "BUY", price: 90 });
  await seller.result("order.place", { ...order, side: "SELL" });
  expect(await buyer.refusal("order.place", { ...order, side: "BUY" })).toMatchObject({
    code: 40908,
  });

  using watcher = await venue.open("/user-data");
  await watcher.result("auth.login", login(user, second));
  await event(watcher, "snapshot");
  await seller.close();
  const cancelled = { status: "CANCELLED", reason: "DISCONNECT" };
  expect(await event(watcher, "order")).toMatchObject(cancelled);
  expect((await buyer.result("orders.open")).orders).toHaveLength(1);
});

describe("X-ACCOUNT-ID", () => {
  const get = async (user: User, path: string, headers: Record<string, string>) => {
    const { api_key, api_secret } = user;
    const shown = { "X-API-KEY": api_key, "X-API-SECRET": api_secret, ...headers };
    const response = await fetch(`${venue.server.url}/api/v1${path}`, { headers: shown });
    return { status: response.status, body: (await response.json()) as Members };
  };

  test("says over REST which account a request is about, by key and by token", async () => {
    const user = await venue.user({ cash: 1_000 });
    const account_id = await openAccount(user, { cash: 7 });
    const balances = { status: 200, body: { account_id, cash: { total: 7 } } };
    const header = { "X-ACCOUNT-ID": account_id };
    expect(await get(user, "/account/balances", header)).toMatchObject(balances);
    const begun = await fetch(`${venue.server.url}/api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ api_key: user.api_key, api_secret: user.api_secret }),
    });
    const { token } = (await begun.json()) as { token: string };
    const bearer = { Authorization: `Bearer ${token}`, ...header };
    const answer = await fetch(`${venue.server.url}/api/v1/account/balances`, { headers: bearer });
    expect(await answer.json()).toMatchObject(balances.body);
  });

  test("is refused for an account that is not the user's", async () => {
    const [user, other] = [await venue.user(), await venue.user()];
    for (const account_id of [other.account_id, "acc_0", "", "acc_1, acc_2"]) {
      const header = { "X-ACCOUNT-ID": account_id };
      expect(await get(user, "/account/balances", header)).toEqual({
        status: 403,
        body: NOT_YOURS,
      });
    }
  });
});

describe("an upgrade", () => {
  const sessionOf = async ({ api_key, api_secret }: User): Promise<string> =>
    (await beginSession(venue.server.url, { api_key, api_secret })).token;

  test("names the account in its query where it has no header for it, as in browsers", async () => {
    const user = await venue.user({ cash: 1_000 });
    const second = await openAccount(user, { cash: 7 });
    const third = await openAccount(user, { cash: 9 });
    const token = await sessionOf(user);
    const bearer = { Authorization: `Bearer ${token}` };
    const cookie = { Cookie: `waiver_session=${token}`, Origin: venue.server.url };
    const named = { ...bearer, "X-ACCOUNT-ID": third };
    for (const [headers, account_id] of [
      [bearer, second],
      [cookie, second],
      [named, third],
    ] as const) {
      const search = `?account_id=${second}`;
      const { url } = venue.server;
      using orders = await WireClient.openPlain(url, "/orders", search, "json", headers);
      expect(await orders.result("account.balances")).toMatchObject({ account_id });
    }
  });

  test("names the account also when the login comes later and names none", async () => {
    const [user, other] = [await venue.user(), await venue.user()];
    const second = await openAccount(user);
    const { url } = venue.server;
    const [secret, first] = [login(user), user.account_id];
    for (const [search, headers] of [
      [`?account_id=${second}`, {}],
      [`?account_id=${first}`, { "X-ACCOUNT-ID": second }],
    ] as const) {
      using orders = await WireClient.openPlain(url, "/orders", search, "json", headers);
      expect(await orders.result("auth.login", secret)).toMatchObject({ account_id: second });
      expect(await orders.result("account.balances")).toMatchObject({ account_id: second });
      const named = await orders.result("auth.login", login(user, first));
      expect(named).toMatchObject({ account_id: first });
    }
    for (const account of [other.account_id, "", `acc_${"0".repeat(70)}1`]) {
      const search = `?account_id=${account}`;
      using orders = await WireClient.openPlain(url, "/orders", search, "json");
      expect(await orders.refusal("auth.login", secret)).toEqual(NOT_YOURS);
      await orders.result("auth.login", login(user, first));
    }
  });

  test("is refused for an account that is not the user's", async () => {
    const [user, other] = [await venue.user(), await venue.user()];
    const headers = {
      ...{ Authorization: `Bearer ${await sessionOf(user)}`, Upgrade: "websocket" },
      ...{ Connection: "Upgrade", "Sec-WebSocket-Version": "13" },
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    for (const account of [other.account_id, "acc_0", ""]) {
      const url = `${venue.server.url}/user-data?account_id=${account}`;
      const response = await fetch(url, { headers });
      expect([response.status, await response.json()]).toEqual([403, NOT_YOURS]);
    }
  });
});

test("a session tells the accounts that may be named", async () => {
  const user = await venue.user();
  const second = await openAccount(user);
  const { api_key, api_secret } = user;
  const begun = await beginSession(venue.server.url, { api_key, api_secret });
  const account_ids = [user.account_id, second];
  expect(begun).toMatchObject({ account_id: user.account_id, account_ids });
  const read = await readSession(venue.server.url, begun.token, undefined, second);
  expect(read).toMatchObject({ account_id: second, account_ids });
});

test("@waiver/client ends when the account is not the user's, by key and by token", async () => {
  const [user, other] = [await venue.user(), await venue.user()];
  const { url } = venue.server;
  const { api_key, api_secret } = user;
  const { token } = await beginSession(url, { api_key, api_secret });
  for (const auth of [{ apiKey: api_key, apiSecret: api_secret }, { token }]) {
    const client = createTradingClient({ url, auth, accountId: other.account_id });
    // A client that tried again and again would say that there is no line.
    const refusal = await client.balances().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 40301 });
    client.close();
  }
});

test("@waiver/client trades on the account that it is given, by key and by token", async () => {
  const user = await venue.user({ cash: 1_000 });
  const accountId = await openAccount(user, { cash: 500 });
  const { url } = venue.server;
  const { api_key, api_secret } = user;
  const { token } = await beginSession(url, { api_key, api_secret });
  for (const auth of [{ apiKey: api_key, apiSecret: api_secret }, { token }]) {
    const client = createTradingClient({ url, auth, accountId });
    expect(await client.login()).toMatchObject({ account_id: accountId });
    expect(await client.balances()).toMatchObject({ account_id: accountId, cash: { total: 500 } });
    client.close();
  }
});

test("accounts stay with their users over a crash, the first one first", async () => {
  await using own = await Venue.open();
  const user = await own.user({ cash: 10 });
  const other = await own.user({ cash: 20 });
  const account_id = await openAccount(user, { cash: 30 }, own);
  expect(account_id).toBe("acc_3");
  await own.crash();
  const { users } = await own.server.ask<{ users: Members[] }>("GET", "/users");
  expect(users.map((each) => each.account_ids)).toEqual([
    [user.account_id, account_id],
    [other.account_id],
  ]);
  using orders = await own.open("/orders");
  await orders.result("auth.login", login(user, account_id));
  expect(await orders.result("account.balances")).toMatchObject({ cash: { total: 30 } });
});
