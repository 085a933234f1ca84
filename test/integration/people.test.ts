/** People's own accounts over HTTP: signed up, logged in, with a password and keys of their own. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { peopleRoutesSpec } from "../../src/protocol/schemas/people.ts";
import { sessionRoutesSpec } from "../../src/protocol/schemas/session.ts";
import { webhookRoutesSpec } from "../../src/protocol/schemas/webhooks.ts";
import { assertAnswer } from "../protocol/documents/published.ts";
import { Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

const PASSWORD = "correct horse battery";
const SIGN_UP = `[gateway]
trusted_proxies = ["127.0.0.0/8", "::1"]
[gateway.auth]
sign_up = true
sign_up_cash = 250000
sign_up_shares = ["KCQB1=4"]
sign_up_users_max = 18
[webhooks]
allowed_networks = ["127.0.0.0/8"]
`;

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open({ config: SIGN_UP });
});
afterAll(() => venue[Symbol.asyncDispose]());

/** Each test comes from a network of its own: none uses up the tries at passwords of another. */
let network = 0;
beforeEach(() => {
  network++;
});

interface Answer {
  readonly status: number;
  readonly body: Members;
  readonly headers: Headers;
}

type Ask = { method?: string; headers?: Record<string, string>; body?: object };

async function ask(path: string, { method = "GET", headers, body }: Ask = {}): Promise<Answer> {
  const response = await fetch(`${venue.server.url}/api/v1${path}`, {
    method,
    headers: {
      "X-Forwarded-For": `10.0.${network}.1`,
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { status, headers: told } = response;
  const answer = { status, body: (await response.json()) as Members, headers: told };
  assertAnswer(method, path, status, answer.body);
  return answer;
}

const post = (path: string, body: object, headers?: Record<string, string>) =>
  ask(path, { method: "POST", body, ...(headers && { headers }) });
const shown = (token: unknown) => ({ Authorization: `Bearer ${token}` });
const codeOf = ({ status, body }: Answer) => [status, body.code];

let people = 0;
/** One more who has signed up: what he was told. */
async function person(): Promise<Members & { name: string; token: string }> {
  const name = `Person${++people}`;
  const { status, body } = await post("/users", { name, password: PASSWORD });
  expect([status, body]).toEqual([201, expect.anything()]);
  return body as Members & { name: string; token: string };
}

test("a sign-up logs in, and gives the configured cash and shares", async () => {
  const { status, body, headers } = await post("/users", { name: "Zoe", password: PASSWORD });
  expect([status, body]).toEqual([
    201,
    {
      token: expect.any(String),
      expires_at: expect.any(Number),
      user_id: expect.stringMatching(/^usr_\d+$/),
      account_id: expect.stringMatching(/^acc_\d+$/),
      account_ids: [expect.stringMatching(/^acc_\d+$/)],
      permissions: ["trade", "market_data"],
      name: "Zoe",
      manages_keys: true,
    },
  ]);
  const cookie = String(headers.get("Set-Cookie"));
  expect(cookie).toStartWith(`waiver_session=${body.token}; Path=/; Max-Age=`);
  expect(cookie).toEndWith("; HttpOnly; SameSite=Strict");
  const { token: _, ...info } = body;
  expect((await ask("/session", { headers: shown(body.token) })).body).toEqual(info);
  const balances = await ask("/account/balances", { headers: shown(body.token) });
  expect(balances.body.cash).toEqual({ available: 250_000, reserved: 0, total: 250_000 });
  const { positions } = (await ask("/account/positions", { headers: shown(body.token) })).body;
  const { symbol } = (await ask("/symbols/KCQB1")).body;
  expect(positions).toEqual([{ symbol, available: 4, reserved: 0, total: 4 }]);
  const audit = JSON.stringify((await venue.server.admin("GET", "/audit?limit=1000")).body);
  expect(audit).toContain(`user.sign_up ${body.user_id} Zoe`);
});

test("a name is the same in any case, and a bad field is named", async () => {
  const { name } = await person();
  const taken = await post("/users", { name: name.toUpperCase(), password: PASSWORD });
  expect([codeOf(taken), taken.body.details]).toEqual([
    [409, 40001],
    { field: "name", issue: `${name.toUpperCase()} is taken` },
  ]);
  await venue.server.ask("POST", "/users", { name: "Operators-Own" });
  const operators = await post("/users", { name: "operators-own", password: PASSWORD });
  expect(codeOf(operators)).toEqual([409, 40001]);
  for (const [body, field] of [
    [{ name: "ab", password: PASSWORD }, "name"],
    [{ name: "1abc", password: PASSWORD }, "name"],
    [{ name: "a b c", password: PASSWORD }, "name"],
    // A Cyrillic a.
    [{ name: "\u0430nnie", password: PASSWORD }, "name"],
    [{ name: "x".repeat(33), password: PASSWORD }, "name"],
    [{ name: "Fine", password: "x".repeat(9) }, "password"],
    [{ name: "Fine", password: "x".repeat(129) }, "password"],
    [{ name: "FineLongName", password: "finelongname" }, "password"],
    [{ name: "Fine" }, "password"],
    [{ name: "Fine", password: PASSWORD, cash: 5 }, "cash"],
  ] as const) {
    const { status, body: told } = await post("/users", body);
    expect([status, (told.details as Members | undefined)?.field]).toEqual([400, field]);
  }
});

test("an operator gives another password to who has forgotten his: his sessions end, his keys stay", async () => {
  const { name, token, user_id } = await person();
  const key = await post("/keys", {}, shown(token));
  const { api_key, api_secret } = key.body;
  const path = `/users/${user_id}/password`;
  const reset = await venue.server.admin("POST", path);
  const answer = { user_id, name, password: expect.stringMatching(/^[\w-]{20}$/) };
  expect([reset.status, reset.body]).toEqual([200, answer] as never);
  const { password } = reset.body as { password: string };
  expect(codeOf(await ask("/session", { headers: shown(token) }))).toEqual([401, 40102]);
  expect(codeOf(await post("/session", { name, password: PASSWORD }))).toEqual([401, 40101]);
  const again = await post("/session", { name, password });
  expect([again.status, again.body.user_id]).toEqual([200, user_id]);
  const keys = { "X-API-KEY": String(api_key), "X-API-SECRET": String(api_secret) };
  expect((await ask("/account/balances", { headers: keys })).status).toBe(200);
  const audit = JSON.stringify((await venue.server.admin("GET", "/audit?limit=1000")).body);
  expect(audit).toContain(`user.password_reset ${user_id}`);
  expect(audit).not.toContain(password);

  const { user_id: program } = await venue.user();
  const refused = await venue.server.admin("POST", `/users/${program}/password`);
  expect([refused.status, refused.body]).toMatchObject([409, { code: 40001 }]);
  expect((await venue.server.admin("POST", "/users/usr_999/password")).status).toBe(404);
});

test("of many sign-ups with one name at once one succeeds", async () => {
  const bodies = ["Racer", "racer", "RACER"].map((name) => ({ name, password: PASSWORD }));
  const answers = await Promise.all(bodies.map((body) => post("/users", body)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
});

test("of several password changes at once one succeeds, because the old password is no longer right for the others", async () => {
  const { name, token, user_id } = await person();
  const wanted = ["first first first", "second second second", "third third third"];
  const answers = await Promise.all(
    wanted.map((new_password) =>
      post("/password", { password: PASSWORD, new_password }, shown(token)),
    ),
  );
  const isDone = ({ status }: Answer) => status === 200;
  expect(answers.filter(isDone)).toHaveLength(1);
  for (const refused of answers.filter((answer) => !isDone(answer))) {
    expect([codeOf(refused), (refused.body.details as Members).field]).toEqual([
      [401, 40101],
      "password",
    ]);
  }
  const password = wanted[answers.findIndex(isDone)];
  expect((await post("/session", { name, password })).status).toBe(200);
  const { body } = await venue.server.admin("GET", "/audit?limit=1000");
  const texts = (body as { entries: Members[] }).entries.map(({ text }) => text);
  expect(texts.filter((text) => text === `user.password ${user_id}`)).toHaveLength(1);
});

describe("a login with a password", () => {
  test("takes the name in any case, and trades by WebSocket", async () => {
    const { name, account_id } = await person();
    const right = { name: name.toLowerCase(), password: PASSWORD };
    const { status, body } = await post("/session", right);
    expect([status, body.account_id, body.manages_keys]).toEqual([200, account_id, true]);
    const socket = new WebSocket(`${venue.server.url.replace("http", "ws")}/orders`, {
      headers: { Cookie: `waiver_session=${body.token}`, Origin: venue.server.url },
    });
    const { promise, resolve } = Promise.withResolvers<Members>();
    const order = { symbol: "KCQB1", side: "BUY", type: "LIMIT", price: 5, quantity: 1 };
    socket.onopen = () =>
      socket.send(JSON.stringify({ id: 1, method: "order.place", params: order }));
    socket.onmessage = ({ data }) => resolve(JSON.parse(data));
    expect((await promise).result).toMatchObject({ status: "ACCEPTED" });
    socket.close();
  });

  test("answers the same for an unknown name and for a wrong password", async () => {
    const { name } = await person();
    const answers: string[] = [];
    for (const wrong of [name, "Nobody-at-all", "!", "x".repeat(256)]) {
      const { status, body } = await post("/session", { name: wrong, password: "wrong password" });
      answers.push(JSON.stringify([status, body]));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("40101");
  });
});

test("a new password ends the other sessions, and the old password", async () => {
  const { name, token } = await person();
  const change = { password: PASSWORD, new_password: "staple staple staple" };
  const { token: other } = (await post("/session", { name, password: PASSWORD })).body;
  const wrong = await post("/password", { ...change, password: "not this one" }, shown(token));
  expect([codeOf(wrong), wrong.body.details]).toEqual([
    [401, 40101],
    { field: "password", issue: "Not the present password" },
  ]);
  const same = await post("/password", { ...change, new_password: name }, shown(token));
  expect(codeOf(same)).toEqual([400, 40001]);
  expect(codeOf(await post("/password", change))).toEqual([401, 40100]);
  const changed = await post("/password", change, shown(token));
  expect([changed.status, changed.body]).toEqual([200, { changed: true }]);
  expect((await ask("/session", { headers: shown(token) })).status).toBe(200);
  expect(codeOf(await ask("/session", { headers: shown(other) }))).toEqual([401, 40102]);
  expect(codeOf(await post("/session", { name, password: PASSWORD }))).toEqual([401, 40101]);
  const next = await post("/session", { name, password: change.new_password });
  expect(next.status).toBe(200);
});

test("after wrong passwords a login has to wait, for a known and for an unknown name", async () => {
  const { name } = await person();
  for (const tried of [name, "Nobody-to-guess"]) {
    const attempt = (password: string) => post("/session", { name: tried, password });
    const codes: unknown[] = [];
    // The waits double: a machine that is slower than one of them meets the next.
    while (codes.at(-1) !== 42904) codes.push((await attempt("a guess")).body.code);
    expect(codes.slice(0, 5)).toEqual(Array(5).fill(40101));
    let right = await attempt(PASSWORD);
    while (right.status !== 429) {
      // The wait was over: it begins with the next guesses.
      while ((await attempt("a guess")).status !== 429);
      right = await attempt(PASSWORD);
    }
    expect(codeOf(right)).toEqual([429, 42904]);
    expect(Number((right.body.details as Members).retry_after_ms)).toBeGreaterThan(0);
  }
  // The others of the address go on.
  const other = await person();
  expect((await post("/session", { name: other.name, password: PASSWORD })).status).toBe(200);
});

describe("keys of one's own", () => {
  test("are made, shown once, used and ended by their user alone", async () => {
    const [ann, bob] = [await person(), await person()];
    const body = {
      permissions: ["market_data"],
      expires_at: Date.now() + 3_600_000,
      allowed_addresses: ["10.0.0.0/16"],
    };
    const made = await post("/keys", body, shown(ann.token));
    expect([made.status, made.body]).toEqual([
      201,
      { user_id: ann.user_id, api_key: expect.any(String), api_secret: expect.any(String) },
    ]);
    const { api_key, api_secret } = made.body as Record<string, string>;
    const listed = (await ask("/keys", { headers: shown(ann.token) })).body;
    expect(JSON.stringify(listed)).not.toContain(String(api_secret));
    const entry = { ...body, api_key, user_id: ann.user_id, revoked_at: null, account_id: null };
    expect(listed.keys).toEqual([{ ...entry, created_at: expect.any(Number) }]);
    const headers = { "X-API-KEY": String(api_key), "X-API-SECRET": String(api_secret) };
    expect((await ask("/account/balances", { headers })).status).toBe(200);
    const order = { symbol: "KCQB1", side: "BUY", type: "LIMIT", price: 5, quantity: 1 };
    expect(codeOf(await post("/orders", order, headers))).toEqual([403, 40300]);

    expect((await ask("/keys", { headers: shown(bob.token) })).body).toEqual({ keys: [] });
    const path = `/keys/${api_key}`;
    const others = await ask(path, { method: "DELETE", headers: shown(bob.token) });
    expect(codeOf(others)).toEqual([404, 40001]);
    expect((await ask("/account/balances", { headers })).status).toBe(200);
    const ended = await ask(path, { method: "DELETE", headers: shown(ann.token) });
    expect([ended.status, ended.body]).toMatchObject([200, { revoked_at: expect.any(Number) }]);
    expect(codeOf(await ask("/account/balances", { headers }))).toEqual([401, 40102]);
    const again = await ask(path, { method: "DELETE", headers: shown(ann.token) });
    expect(again.body).toEqual(ended.body);

    const { account_id } = ann;
    const foreign = await post("/keys", { account_id: bob.account_id }, shown(ann.token));
    expect(codeOf(foreign)).toEqual([403, 40301]);
    expect((await post("/keys", { account_id }, shown(ann.token))).status).toBe(201);
    const { body: both } = await ask("/keys", { headers: shown(ann.token) });
    expect(both.keys).toMatchObject([{ account_id: null }, { account_id }]);
  });

  test("cannot be made with a key, with a session that began with one, or without a login", async () => {
    const { token } = await person();
    const made = (await post("/keys", {}, shown(token))).body;
    const { api_key, api_secret } = made as Record<string, string>;
    const byKey = { "X-API-KEY": String(api_key), "X-API-SECRET": String(api_secret) };
    const session = (await post("/session", { api_key, api_secret })).body;
    expect(session.manages_keys).toBe(false);
    for (const [headers, code] of [
      [byKey, 40300],
      [shown(session.token), 40300],
      [{}, 40100],
      [{ Cookie: `waiver_session=${token}` }, 40300],
      [{ Cookie: `waiver_session=${token}`, Origin: "http://elsewhere.example" }, 40300],
    ] as [Record<string, string>, number][]) {
      expect((await post("/keys", {}, headers)).body.code).toBe(code);
      const path = `/keys/${api_key}`;
      expect((await ask(path, { method: "DELETE", headers })).body.code).toBe(code);
    }
    const cookie = { Cookie: `waiver_session=${token}`, Origin: venue.server.url };
    expect((await post("/keys", {}, cookie)).status).toBe(201);
  });

  test("have at most their user's permissions, an expiry in the future, and are limited in number", async () => {
    const { token } = await person();
    const excess = await post("/keys", { permissions: ["admin"] }, shown(token));
    expect([codeOf(excess), excess.body.details]).toMatchObject([
      [400, 40001],
      { field: "permissions" },
    ]);
    const past = await post("/keys", { expires_at: 1 }, shown(token));
    expect((past.body.details as Members).field).toBe("expires_at");
    const codes: unknown[] = [];
    let last = excess;
    for (let i = 0; i < 11; i++) {
      last = await post("/keys", {}, shown(token));
      codes.push(last.body.code);
    }
    // Two of the bucket were spent on the refusals.
    expect(codes.filter((code) => code === undefined)).toHaveLength(8);
    expect(last.body).toMatchObject({ code: 42902, message: "Too many new keys" });
  });

  test("cost more to list where there are many", async () => {
    const { token, user_id } = await person();
    const admin = (path: string, body?: object) => venue.server.ask("POST", path, body);
    await Promise.all(Array.from({ length: 100 }, () => admin(`/users/${user_id}/keys`)));
    await admin(`/users/${user_id}/rate-limits`, { market_data_per_second: 12 });
    const { body, headers } = await ask("/keys", { headers: shown(token) });
    expect(body.keys).toHaveLength(100);
    // 10, of which 2 are left; and 5 for the keys.
    expect(headers.get("X-RateLimit-Remaining")).toBe("0");
  });

  test("never exceed their limit, even when several are made at once", async () => {
    const { token, user_id } = await person();
    for (let i = 0; i < 19; i++) await venue.server.ask("POST", `/users/${user_id}/keys`);
    const answers = await Promise.all([1, 2, 3].map(() => post("/keys", {}, shown(token))));
    expect(answers.map(codeOf).sort()).toEqual([
      [201, undefined],
      [409, 40910],
      [409, 40910],
    ]);
  });
});

describe("a user neither sees nor changes what another has", () => {
  const routes = Object.keys({ ...peopleRoutesSpec, ...sessionRoutesSpec, ...webhookRoutesSpec });

  test("by any route of people, sessions and webhooks", async () => {
    const [ann, bob] = [await person(), await person()];
    const { api_key } = (await post("/keys", {}, shown(ann.token))).body;
    const hook = { url: "https://127.0.0.1:9/events", events: ["order"] };
    const { webhook_id } = (await post("/webhooks", hook, shown(ann.token))).body;
    expect([api_key, webhook_id]).toEqual([expect.any(String), expect.any(String)]);
    const hers = async (): Promise<unknown> =>
      Promise.all(
        ["/keys", "/webhooks", "/session", "/account/balances"].map(
          async (path) => (await ask(path, { headers: shown(ann.token) })).body,
        ),
      );
    const before = await hers();
    const bodies: Record<string, object> = {
      "POST /users": { name: ann.name, password: PASSWORD },
      "POST /session": { name: ann.name, password: "not her password" },
      "POST /password": { password: PASSWORD, new_password: "another password" },
      "POST /webhooks": { ...hook, account_id: ann.account_id },
      "POST /keys": { user_id: ann.user_id },
    };
    const told: string[] = [];
    // He ends his own session last.
    const order = routes.toSorted(
      (a, b) => Number(a === "DELETE /session") - Number(b === "DELETE /session"),
    );
    for (const headers of [{}, shown(bob.token)]) {
      for (const route of order) {
        const [method = "", path = ""] = route.split(" ");
        const body = bodies[route];
        const named = path.replace(":key", String(api_key)).replace(":id", String(webhook_id));
        const answer = await ask(named, { method, headers, ...(body && { body }) });
        if (path.includes(":")) expect([401, 404]).toContain(answer.status);
        told.push(JSON.stringify(answer.body));
      }
    }
    const hersAlone = [ann.user_id, ann.account_id, webhook_id].map((word) => `"${word}"`);
    for (const word of hersAlone) expect(told.filter((text) => text.includes(word))).toEqual([]);
    expect(await hers()).toEqual(before);
    expect((await post("/session", { name: ann.name, password: PASSWORD })).status).toBe(200);
  });
});

test("without a login `GET /exchange` says what the exchange offers", async () => {
  const { body } = await ask("/exchange");
  expect(body).toEqual({
    sign_up: true,
    name: { pattern: "^[A-Za-z][A-Za-z0-9._-]{2,31}$" },
    password: { min: 10, max: 128 },
    demo_accounts: [],
    market: {
      price_increment: 1,
      price_band_percent: 0,
      max_order_quantity: 0,
      maker_fee_bps: 0,
      taker_fee_bps: 0,
    },
  });
  expect(codeOf(await ask("/demo/session", { method: "POST" }))).toEqual([404, 40002]);
});

test("sign-up ends at the configured number of users", async () => {
  let last: Answer;
  do {
    last = await post("/users", { name: `Crowd${++people}`, password: PASSWORD });
  } while (last.status === 201);
  expect(codeOf(last)).toEqual([409, 40910]);
});

test("where sign-up is closed, nobody signs up", async () => {
  await using closed = await Venue.open();
  const answer = await fetch(`${closed.server.url}/api/v1/users`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "Anybody", password: PASSWORD }),
  });
  expect([answer.status, await answer.json()]).toMatchObject([403, { code: 40300 }]);
});
