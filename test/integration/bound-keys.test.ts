/** A key for one account of its user: every way in which it could reach another one. */
import { beforeAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { beginSession, readSession } from "@waiver/client";
import { assertAnswer } from "../protocol/documents/published.ts";
import { type Key, type User, Venue } from "./venue.ts";
import { ENCODINGS, type Members, WireClient } from "./wire-client.ts";

const NOT_YOURS = expect.objectContaining({ code: 40301 });
const UNKNOWN = { code: 40004, message: "Unknown order" };

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

interface Bound {
  readonly user: User;
  /** The account that the key is not for, the user's first. */
  readonly other: string;
  /** The account of the key. */
  readonly own: string;
  readonly key: Key;
}

/** A user with two accounts, and a key for the second. */
async function bound(): Promise<Bound> {
  const user = await venue.user({ cash: 100_000 });
  const path = `/users/${user.user_id}`;
  const opened = await venue.server.ask<User>("POST", `${path}/accounts`, { cash: 500 });
  const own = opened.account_id;
  const key = keyOf(await venue.server.ask<Key>("POST", `${path}/keys`, { account_id: own }));
  return { user, other: user.account_id, own, key };
}

const keyOf = ({ api_key, api_secret }: Key): Key => ({ api_key, api_secret });

const order = (more: Members = {}): Members => ({
  ...{ symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 100, quantity: 2 },
  ...more,
});

interface Answer {
  readonly status: number;
  readonly body: Members;
}

async function rest(
  { api_key, api_secret }: Key,
  method: string,
  path: string,
  { body, headers }: { body?: Members; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(`${venue.server.url}/api/v1${path}`, {
    method,
    headers: {
      ...{ "X-API-KEY": api_key, "X-API-SECRET": api_secret },
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = { status: response.status, body: (await response.json()) as Members };
  assertAnswer(method, path, answer.status, answer.body);
  return answer;
}

describe.each(ENCODINGS)("on connections, in %s, a key of one account", (encoding) => {
  test("logs in to that account, by secret and by signature, and to no other", async () => {
    const { key, own, other } = await bound();
    using orders = await venue.open("/orders", encoding);
    const { api_key, api_secret } = key;
    expect(await orders.result("auth.login", { ...key })).toMatchObject({ account_id: own });
    const named = { api_key, api_secret, account_id: other };
    expect(await orders.refusal("auth.login", named)).toEqual(NOT_YOURS);
    const timestamp = Date.now();
    const text = `auth.login\n${api_key}\n${timestamp}`;
    const signature = createHmac("sha256", api_secret).update(text).digest("hex");
    const signed = { api_key, timestamp, signature, account_id: other };
    expect(await orders.refusal("auth.login", signed)).toEqual(NOT_YOURS);
    // The login before still counts.
    expect(await orders.result("account.balances")).toMatchObject({ account_id: own });
    expect(await orders.result("account.positions")).toMatchObject({ account_id: own });
    expect(await orders.result("account.equity")).toMatchObject({ account_id: own });
    expect(await orders.result("account.trades")).toMatchObject({ account_id: own });
  });

  test("places orders there only, and knows, changes and cancels no order of another account", async () => {
    const { user, key, own, other } = await bound();
    using first = await venue.connect("/orders", encoding, user);
    const open = await first.result("order.place", order({ client_order_id: "theirs" }));
    const done = await first.result("order.place", order());
    await first.result("order.cancel", { order_id: done.order_id });

    using orders = await venue.connect("/orders", encoding, key);
    const foreign = order({ account_id: other });
    expect(await orders.refusal("order.place", foreign)).toEqual(NOT_YOURS);
    const batch = await orders.result("order.batch", { orders: [foreign, order()] });
    expect(batch.results).toMatchObject([{ error: { code: 40301 } }, { result: {} }]);
    for (const { order_id } of [open, done]) {
      expect(await orders.refusal("order.status", { order_id })).toEqual(UNKNOWN);
      expect(await orders.refusal("order.cancel", { order_id })).toEqual(UNKNOWN);
      expect(await orders.refusal("order.amend", { order_id, quantity: 1 })).toEqual(UNKNOWN);
    }
    const named = { client_order_id: "theirs" };
    expect(await orders.refusal("order.status", named)).toEqual(UNKNOWN);
    expect(await orders.refusal("order.cancel", named)).toEqual(UNKNOWN);
    expect(await orders.refusal("order.amend", { ...named, quantity: 1 })).toEqual(UNKNOWN);
    expect((await orders.result("orders.open")).orders).toHaveLength(1);
    expect(await orders.result("orders.history")).toEqual({ orders: [] });
    expect(await orders.result("order.cancel_all")).toEqual({ cancelled: 1 });
    expect((await first.result("orders.open")).orders).toMatchObject([{ quantity: 2 }]);

    // Its own it names as any key does, also those that are done.
    const mine = await orders.result("order.place", order({ account_id: own }));
    const { order_id } = mine;
    expect(await orders.result("order.amend", { order_id, quantity: 1 })).toMatchObject({
      quantity: 1,
    });
    expect(await orders.result("order.cancel", { order_id })).toMatchObject({
      status: "CANCELLED",
    });
    expect(await orders.refusal("order.cancel", { order_id })).toMatchObject({
      code: 40004,
      details: { status: "CANCELLED" },
    });
  });

  test("gets that account's events, live and by user_data.resume", async () => {
    const { user, key, own, other } = await bound();
    using stream = await venue.connect("/user-data", encoding, key);
    await stream.until(() => stream.pushes.length === 1, "the snapshot");
    expect(stream.of("user_data")[0]).toMatchObject({ event: "snapshot", account_id: own });
    const foreign = { from_seq: 1, account_id: other };
    expect(await stream.refusal("user_data.resume", foreign)).toEqual(NOT_YOURS);
    using first = await venue.connect("/orders", encoding, user);
    await first.result("order.place", order());
    using orders = await venue.connect("/orders", encoding, key);
    const mine = await orders.result("order.place", order());
    await stream.until(() => stream.pushes.length === 3, "the own order and balance");
    expect(stream.of("user_data")[1]).toMatchObject({ order_id: mine.order_id });
  });

  test("has a dead man's switch and a cancel on disconnect for that account only", async () => {
    const { user, key } = await bound();
    using first = await venue.connect("/orders", encoding, user);
    await first.result("order.place", order());
    using watcher = await venue.connect("/user-data", encoding, key);
    const ended = (reason: string) => () =>
      watcher.of("user_data").some((event) => event.reason === reason);
    using switched = await venue.connect("/orders", encoding, key);
    await switched.result("order.place", order());
    await switched.result("orders.cancel_all_after", { timeout_ms: 1_000 });
    await watcher.until(ended("DEAD_MANS_SWITCH"), "the switch");
    using lost = await venue.open("/orders", encoding);
    await lost.result("auth.login", { ...key, cancel_on_disconnect: true });
    await lost.result("order.place", order());
    await lost.close();
    await watcher.until(ended("DISCONNECT"), "the disconnect");
    expect((await first.result("orders.open")).orders).toHaveLength(1);
  });
});

describe("over HTTP, a key of one account", () => {
  test("asks about and trades on that account only, whatever the header says", async () => {
    const { user, key, own, other } = await bound();
    using first = await venue.connect("/orders", "json", user);
    const { order_id } = await first.result("order.place", order());
    const mine = { status: 200, body: { account_id: own } };
    const refused = { status: 403, body: NOT_YOURS };
    const headers = { "X-ACCOUNT-ID": other };
    for (const path of ["/account/balances", "/account/positions", "/account/equity"]) {
      expect(await rest(key, "GET", path)).toMatchObject(mine);
      expect(await rest(key, "GET", path, { headers })).toEqual(refused);
    }
    const body = order();
    expect(await rest(key, "POST", "/orders", { body, headers })).toEqual(refused);
    expect(await rest(key, "POST", "/orders", { body: { ...body, account_id: other } })).toEqual(
      refused,
    );
    const unknown = { status: 404, body: UNKNOWN };
    const path = `/orders/${order_id}`;
    expect(await rest(key, "GET", path)).toEqual(unknown);
    expect(await rest(key, "PATCH", path, { body: { quantity: 1 } })).toEqual(unknown);
    expect(await rest(key, "DELETE", path)).toEqual(unknown);
    expect(await rest(key, "DELETE", "/orders")).toMatchObject({ body: { cancelled: 0 } });
  });

  test("begins sessions for that account only, whose token and cookie reach no other", async () => {
    const { key, own, other } = await bound();
    const { url } = venue.server;
    const { api_key, api_secret } = key;
    const { token, ...begun } = await beginSession(url, { api_key, api_secret });
    expect(begun).toMatchObject({ account_id: own, account_ids: [own], manages_keys: false });
    expect(await readSession(url, token)).toMatchObject({ account_id: own, account_ids: [own] });
    const refused = await readSession(url, token, undefined, other).catch((error) => error);
    expect(refused).toEqual(NOT_YOURS);
    const bearer = { Authorization: `Bearer ${token}` };
    const cookie = { Cookie: `waiver_session=${token}`, Origin: url };
    for (const shown of [bearer, cookie]) {
      const search = `?account_id=${own}`;
      using orders = await WireClient.openPlain(url, "/orders", search, "json", shown);
      expect(await orders.result("account.balances")).toMatchObject({ account_id: own });
      const headers = { ...shown, "X-ACCOUNT-ID": other };
      const answer = await fetch(`${url}/api/v1/account/balances`, { headers });
      expect([answer.status, await answer.json()]).toEqual([403, NOT_YOURS]);
      // An upgrade that a header or the query aims at the other account.
      const upgrade = { Upgrade: "websocket", Connection: "Upgrade", ...shown };
      for (const [query, more] of [
        [`?account_id=${other}`, {}],
        ["", { "X-ACCOUNT-ID": other }],
      ] as const) {
        const response = await fetch(`${url}/user-data${query}`, {
          headers: { ...upgrade, ...more },
        });
        expect([response.status, await response.json()]).toEqual([403, NOT_YOURS]);
      }
    }
    // It makes no keys, so none for the other account.
    const made = await fetch(`${url}/api/v1/keys`, { method: "POST", headers: bearer, body: "{}" });
    expect([made.status, await made.json()]).toMatchObject([403, { code: 40300 }]);
  });

  test("makes webhooks for that account only", async () => {
    const { key, other } = await bound();
    const url = "https://example.invalid/";
    const foreign = { url, account_id: other };
    expect(await rest(key, "POST", "/webhooks", { body: foreign })).toEqual({
      status: 403,
      body: NOT_YOURS,
    });
    expect(await rest(key, "GET", "/webhooks")).toEqual({ status: 200, body: { webhooks: [] } });
  });
});

describe("making a key of one account", () => {
  test("is refused for an account that is not the user's, and listed with its account", async () => {
    const { user, own, key } = await bound();
    const stranger = await venue.user();
    const path = `/users/${user.user_id}/keys`;
    for (const account_id of [stranger.account_id, "acc_0", "acc_x"]) {
      const refused = { status: 403, body: NOT_YOURS };
      expect(await venue.server.admin("POST", path, { account_id })).toEqual(refused);
    }
    const { keys } = await venue.server.ask<{ keys: Members[] }>("GET", path);
    expect(keys.map((each) => [each.api_key, each.account_id])).toEqual([
      [user.api_key, null],
      [key.api_key, own],
    ]);
  });

  test("stays bound to that account over a crash, and when the user gets more accounts", async () => {
    await using own = await Venue.open();
    const user = await own.user({ cash: 10 });
    const path = `/users/${user.user_id}`;
    const account_id = user.account_id;
    const key = keyOf(await own.server.ask<Key>("POST", `${path}/keys`, { account_id }));
    await own.server.ask("POST", `${path}/accounts`, { cash: 20 });
    const check = async (): Promise<void> => {
      using orders = await own.open("/orders");
      const named = { ...key, account_id: "acc_2" };
      expect(await orders.refusal("auth.login", named)).toEqual(NOT_YOURS);
      expect(await orders.result("auth.login", { ...key })).toMatchObject({ account_id });
    };
    await check();
    await own.crash();
    await check();
  });
});
