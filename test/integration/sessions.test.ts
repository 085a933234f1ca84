/** Sessions over HTTP and on WebSocket upgrades, with real sockets. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";

import { join } from "node:path";
import { assertAnswer } from "../protocol/documents/published.ts";
import { beforeEnd } from "./in-time.ts";
import { type Key, type User, Venue } from "./venue.ts";

let venue: Venue;
let user: User;
beforeAll(async () => {
  venue = await Venue.open();
  user = await venue.user({ cash: 500, permissions: ["trade", "market_data"] });
});
afterAll(() => venue[Symbol.asyncDispose]());

interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

type Ask = { method?: string; headers?: Record<string, string>; body?: object | string };

async function ask(path: string, { method = "GET", headers, body }: Ask = {}): Promise<Answer> {
  const response = await fetch(`${venue.server.url}/api/v1${path}`, {
    method,
    headers: { ...(body !== undefined && { "Content-Type": "application/json" }), ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const answer = {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  };
  assertAnswer(method, path, answer.status, answer.body);
  return answer;
}

const { stringify } = JSON;
const keyOf = ({ api_key, api_secret }: Key) => ({ api_key, api_secret });
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const own = () => venue.server.url;
const cookie = (token: string) => ({ Cookie: `other=1; waiver_session=${token}` });
const codeOf = ({ status, body }: Answer) => [status, body.code];

async function begin(key: Key = user): Promise<string> {
  const { status, body } = await ask("/session", { method: "POST", body: keyOf(key) });
  if (status !== 200) throw new Error(stringify(body));
  return String(body.token);
}

/** Whether the token logs in: the status and code of a question that needs a login. */
const standing = async (token: string) =>
  codeOf(await ask("/account/balances", { headers: bearer(token) }));
const GOOD = [200, undefined];

/** The first message on a connection that was opened with these headers, or how it ended. */
async function firstMessage(
  path: string,
  headers: Record<string, string>,
  question?: object,
): Promise<Record<string, unknown>> {
  const socket = new WebSocket(venue.server.url.replace("http", "ws") + path, { headers });
  const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
  socket.onopen = () => question !== undefined && socket.send(stringify(question));
  socket.onmessage = ({ data }) => resolve(JSON.parse(data));
  socket.onclose = ({ code, reason }) => resolve({ closed: code, reason });
  try {
    return await promise;
  } finally {
    socket.close();
  }
}

const BALANCES = { id: 1, method: "account.balances" };

describe("a session", () => {
  test("begins with a key and its secret, and the answer has user and expiry", async () => {
    const before = Date.now();
    const { status, body, headers } = await ask("/session", { method: "POST", body: keyOf(user) });
    expect([status, body]).toEqual([
      200,
      {
        token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        expires_at: expect.any(Number),
        user_id: user.user_id,
        account_id: user.account_id,
        account_ids: [user.account_id],
        permissions: ["trade", "market_data"],
        name: "user 1",
        manages_keys: false,
      },
    ]);
    expect(Number(body.expires_at)).toBeGreaterThanOrEqual(before + 43_200_000);
    expect(headers.get("Cache-Control")).toBe("no-store");
    const [pair, ...attributes] = String(headers.get("Set-Cookie")).split("; ");
    expect(pair).toBe(`waiver_session=${body.token}`);
    expect(attributes).toEqual([
      "Path=/",
      expect.stringMatching(/^Max-Age=43(199|200)$/),
      "HttpOnly",
      "SameSite=Strict",
    ]);
    expect(await standing(String(body.token))).toEqual(GOOD);
  });

  test("begins with a signature too", async () => {
    const timestamp = Date.now();
    const text = `auth.login\n${user.api_key}\n${timestamp}`;
    const signature = createHmac("sha256", user.api_secret).update(text).digest("hex");
    const body = { api_key: user.api_key, timestamp, signature };
    expect((await ask("/session", { method: "POST", body })).status).toBe(200);
    expect(codeOf(await ask("/session", { method: "POST", body }))).toEqual([401, 40101]);
  });

  test("does not begin with a wrong key, secret or signature, and the answer is the same for each", async () => {
    for (const [body, message] of [
      [{ ...keyOf(user), api_secret: "sk_0" }, "Wrong API key or secret"],
      [{ ...keyOf(user), api_key: "ak_0" }, "Wrong API key or secret"],
      [{ name: "user 1", password: "x" }, "Wrong name or password"],
      [{ name: "nobody", password: "x" }, "Wrong name or password"],
    ] as const) {
      const { status, body: answer } = await ask("/session", { method: "POST", body });
      expect([status, answer]).toEqual([401, { code: 40101, message }]);
    }
  });

  test.each([
    {},
    { api_key: "a" },
    { api_secret: "a" },
    { name: "a" },
    { password: "a" },
    { api_key: "a", api_secret: "a", name: "a", password: "a" },
    { api_key: "a", api_secret: "a", timestamp: 1 },
    { api_key: "a", signature: "0".repeat(64) },
    { api_key: "a", api_secret: "a", more: 1 },
    { api_key: 1, api_secret: "a" },
  ])("%j is no login", async (body) => {
    expect(codeOf(await ask("/session", { method: "POST", body }))).toEqual([400, 40001]);
  });

  test("is shown for its token", async () => {
    const token = await begin();
    const { status, body } = await ask("/session", { headers: bearer(token) });
    expect([status, body.user_id, body.permissions]).toEqual([
      200,
      user.user_id,
      ["trade", "market_data"],
    ]);
    expect(codeOf(await ask("/session"))).toEqual([401, 40100]);
  });

  test("ends at once with its connections; other sessions go on", async () => {
    const [ending, staying] = [await begin(), await begin()];
    const gone = await openWith(bearer(ending));
    const kept = await openWith(bearer(staying));
    const { status, body, headers } = await ask("/session", {
      method: "DELETE",
      headers: bearer(ending),
    });
    expect([status, body]).toEqual([200, { ended: true }]);
    expect(headers.get("Set-Cookie")).toStartWith("waiver_session=; Path=/; Max-Age=0; ");
    expect(await standing(ending)).toEqual([401, 40102]);
    expect(await standing(staying)).toEqual(GOOD);
    expect(await gone.closed).toEqual([4003, "session ended"]);
    expect(kept.socket.readyState).toBe(WebSocket.OPEN);
    kept.socket.close();
    expect(codeOf(await ask("/session", { method: "DELETE", headers: bearer(ending) }))).toEqual([
      401, 40102,
    ]);
  });

  test("ends when its key is revoked or expires, or its user is disabled", async () => {
    for (const end of [
      (key: Key) => venue.server.ask("DELETE", `/keys/${key.api_key}`),
      (key: Key) => venue.server.ask("PATCH", `/keys/${key.api_key}`, { expires_at: 1 }),
      (_key: Key, id: string) => venue.server.ask("POST", `/users/${id}/disable`, {}),
    ]) {
      const owner = await venue.user();
      const token = await begin(owner);
      expect(await standing(token)).toEqual(GOOD);
      const byKey = await venue.open("/orders");
      await byKey.login(owner);
      const connection = await openWith(bearer(token));
      await end(owner, owner.user_id);
      expect(await standing(token)).toEqual([401, 40102]);
      expect((await byKey.closed).code).toBe(4003);
      expect((await connection.closed)[0]).toBe(4003);
    }
  });

  test("expires with its key", async () => {
    const { expires_at, body, closed } = await beforeEnd(300, async (expires_at) => {
      const path = `/users/${user.user_id}/keys`;
      const key = await venue.server.ask<Key>("POST", path, { expires_at });
      const { body } = await ask("/session", { method: "POST", body: keyOf(key) });
      expect(body.expires_at).toBe(expires_at);
      return { expires_at, body, ...(await openWith(bearer(String(body.token)))) };
    });
    expect(await closed).toEqual([4003, "session expired"]);
    expect(Date.now()).toBeGreaterThanOrEqual(expires_at);
    expect(await standing(String(body.token))).toEqual([401, 40102]);
  });

  test("a user has at most 64 sessions, and gets 42904 for too many at once", async () => {
    const owner = await venue.user();
    const tokens: string[] = [];
    let refused: Answer | null = null;
    while (refused === null) {
      const answer = await ask("/session", { method: "POST", body: keyOf(owner) });
      if (answer.status === 200) tokens.push(String(answer.body.token));
      else refused = answer;
    }
    expect(codeOf(refused)).toEqual([429, 42904]);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThanOrEqual(1);
    expect(tokens.length).toBeGreaterThanOrEqual(20);
    expect(await standing(tokens[0] as string)).toEqual(GOOD);
    expect((await ask("/session", { method: "POST", body: keyOf(user) })).status).toBe(200);
  });
});

/** An open connection of these headers, and the code and reason that it is closed with. */
async function openWith(headers: Record<string, string>) {
  const socket = new WebSocket(`${venue.server.url.replace("http", "ws")}/user-data`, { headers });
  const closed = new Promise<[number, string]>((resolve) => {
    socket.onclose = ({ code, reason }) => resolve([code, reason]);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("close", ({ code }) => reject(new Error(`closed with ${code}`)));
  });
  return { socket, closed };
}

describe("a token", () => {
  test("logs a connection in from the start", async () => {
    const headers = bearer(await begin());
    expect(await firstMessage("/orders", headers, BALANCES)).toMatchObject({
      result: { account_id: user.account_id },
    });
    expect(await firstMessage("/user-data", headers)).toMatchObject({
      data: { event: "snapshot", account_id: user.account_id },
    });
  });

  test("that was cut, altered or made by somebody else is 40101", async () => {
    const token = await begin();
    const [head = "", body = "", signature = ""] = token.split(".");
    const encode = (value: object) => Buffer.from(stringify(value)).toString("base64url");
    const decode = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString());
    const claims = decode(body);
    const header = decode(head);
    const flipped = `${signature.slice(0, 10)}${signature[10] === "A" ? "B" : "A"}${signature.slice(11)}`;
    const { privateKey } = generateKeyPairSync("ed25519");
    const signed = (part: string) =>
      `${part}.${sign(null, Buffer.from(part), privateKey).toString("base64url")}`;
    const hmac = (part: string, key: string) =>
      `${part}.${createHmac("sha256", key).update(part).digest("base64url")}`;
    for (const wrong of [
      token.slice(0, -1),
      token.slice(0, -20),
      `${head}.${body}`,
      `${head}.${body}.`,
      `${head}.${body}.${flipped}`,
      `${token}A`,
      `${head}.${encode({ ...claims, sub: "usr_1", admin: true })}.${signature}`,
      `${encode({ ...header, alg: "none" })}.${body}.`,
      `${encode({ ...header, alg: "none" })}.${body}.${signature}`,
      hmac(`${encode({ ...header, alg: "HS256" })}.${body}`, header.kid),
      signed(`${head}.${body}`),
      signed(`${encode({ alg: "EdDSA", kid: "other" })}.${body}`),
      "a.b.c",
      "x",
      "x".repeat(10_000),
    ]) {
      const [status, code] = await standing(wrong);
      expect({ wrong, status, isRefused: code === 40101 || code === 42904 }).toEqual({
        wrong,
        status: code === 42904 ? 429 : 401,
        isRefused: true,
      });
    }
    expect(await standing(token)).toEqual(GOOD);
  });

  test("of another exchange logs nobody in", async () => {
    await using other = await Venue.open();
    const theirs = await other.user();
    const response = await fetch(`${other.server.url}/api/v1/session`, {
      method: "POST",
      body: stringify(keyOf(theirs)),
    });
    const { token } = (await response.json()) as { token: string };
    const [status] = await standing(token);
    expect([401, 429]).toContain(Number(status));
    expect(await firstMessage("/orders", bearer(token), BALANCES)).toMatchObject({ closed: 1006 });
  });
});

describe("the cookie", () => {
  const place = {
    method: "POST",
    body: { symbol: "", side: "BUY", type: "LIMIT", price: 1, quantity: 1 },
  };

  test("reads, and changes with an Origin of the exchange's own only", async () => {
    place.body.symbol = venue.symbol();
    const headers = cookie(await begin());
    const read = (more: Record<string, string>) =>
      ask("/account/balances", { headers: { ...headers, ...more } });
    expect((await read({})).status).toBe(200);
    expect((await read({ Origin: own() })).status).toBe(200);
    for (const Origin of ["https://evil.example", "null", "http://127.0.0.1"]) {
      expect(codeOf(await read({ Origin }))).toEqual([401, 40100]);
    }
    const change = (more: Record<string, string>) =>
      ask("/orders", { ...place, headers: { ...headers, ...more } });
    expect((await change({ Origin: own() })).status).toBe(200);
    for (const more of [{}, { Origin: "https://evil.example" }, { Origin: "null" }]) {
      expect(codeOf(await change(more as Record<string, string>))).toEqual([403, 40300]);
      const end = { method: "DELETE", headers: { ...headers, ...more } } as Ask;
      expect(codeOf(await ask("/session", end))).toEqual([403, 40300]);
    }
    const byToken = { ...place, headers: bearer(await begin()) };
    expect((await ask("/orders", byToken)).status).toBe(200);
    const end = { method: "DELETE", headers: { ...headers, Origin: own() } };
    expect((await ask("/session", end)).status).toBe(200);
    expect(codeOf(await read({}))).toEqual([401, 40100]);
  });

  test("logs a connection in on pages of the exchange's own only", async () => {
    const headers = cookie(await begin());
    const withOwn = await firstMessage("/orders", { ...headers, Origin: own() }, BALANCES);
    expect(withOwn).toMatchObject({ result: { account_id: user.account_id } });
    const without = await firstMessage("/orders", headers, BALANCES);
    expect(without).toMatchObject({ error: { code: 40100 } });
    const foreign = { ...headers, Origin: "https://evil.example" };
    expect(await firstMessage("/orders", foreign, BALANCES)).toMatchObject({ closed: 1006 });
  });

  test("of an ended session counts as no login", async () => {
    const token = await begin();
    await ask("/session", { method: "DELETE", headers: bearer(token) });
    const headers = { ...cookie(token), Origin: own() };
    expect((await ask("/time", { headers })).status).toBe(200);
    expect(codeOf(await ask("/account/balances", { headers }))).toEqual([401, 40100]);
    const stranger = await firstMessage("/orders", headers, BALANCES);
    expect(stranger).toMatchObject({ error: { code: 40100 } });
  });

  test("that is sent twice counts as no login, because one may be somebody else's", async () => {
    const twice = `waiver_session=${await begin()}; waiver_session=${await begin()}`;
    const answer = await ask("/account/balances", { headers: { Cookie: twice } });
    expect(codeOf(answer)).toEqual([401, 40100]);
  });

  test("is left with pages of the exchange's own, and is Secure where they came by https", async () => {
    const start = async (Origin: string) => {
      const body = keyOf(await venue.user());
      const answer = await ask("/session", { method: "POST", body, headers: { Origin } });
      return [answer.status, answer.headers.get("Set-Cookie")?.endsWith("; Secure") ?? null];
    };
    expect(await start(own())).toEqual([200, false]);
    expect(await start(own().replace("http:", "https:"))).toEqual([200, true]);
    expect(await start("https://evil.example")).toEqual([200, null]);
  });
});

test("sessions survive a kill, ended ones stay ended, and the file has no secrets", async () => {
  const { api_key } = user;
  const [ending, staying] = [await begin(), await begin()];
  await ask("/session", { method: "DELETE", headers: bearer(ending) });
  await venue.server.kill();

  const file = join(venue.dataDir, "identity.sqlite");
  using database = new Database(file, { readonly: true });
  const keys = database.query("SELECT private_key FROM session_keys").all();
  expect(keys).toHaveLength(1);
  // PKCS #8 of an Ed25519 key begins so.
  expect(stringify(keys)).not.toContain("302e0201003005");
  const rows = database.query("SELECT api_key FROM sessions").all() as { api_key: string }[];
  expect(rows.some((row) => row.api_key === api_key)).toBe(true);

  await venue.restart();
  expect(await standing(staying)).toEqual(GOOD);
  expect(await standing(ending)).toEqual([401, 40102]);
  expect(await standing(await begin())).toEqual(GOOD);
});
