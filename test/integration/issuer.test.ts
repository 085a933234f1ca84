/** An issuer's tokens, and keys that are bound to networks, at a running exchange. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import { eventually } from "../lib/eventually.ts";
import { assertAnswer } from "../protocol/documents/published.ts";
import { type Key, type User, Venue } from "./venue.ts";

const directory = mkdtempSync(join(tmpdir(), "waiver-issuer-"));
const keysFile = join(directory, "keys.json");
const signers = { one: generateKeyPairSync("ed25519"), two: generateKeyPairSync("ed25519") };
type Signer = keyof typeof signers;

/** Makes these the issuer's keys. */
function publish(...kids: Signer[]): void {
  const keys = kids.map((kid) => {
    const jwk = signers[kid].publicKey.export({ format: "jwk" });
    return { ...jwk, kid, alg: "EdDSA" };
  });
  writeFileSync(keysFile, JSON.stringify({ keys }));
}

let venue: Venue;
let user: User;
beforeAll(async () => {
  publish("one");
  const config = `[gateway.auth]
jwt_support = true
jwt_issuer = "https://id.example.com"
jwt_keys = "${keysFile}"
jwt_users = ["ann=usr_1"]
`;
  venue = await Venue.open({ config });
  user = await venue.user({ cash: 7 });
});
afterAll(async () => {
  await venue[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const issue = (subject: string, seconds: number, kid: Signer = "one"): Promise<string> =>
  new SignJWT()
    .setProtectedHeader({ alg: "EdDSA", kid })
    .setIssuer("https://id.example.com")
    .setAudience("waiver")
    .setSubject(subject)
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(signers[kid].privateKey);

async function ask(path: string, headers: Record<string, string>, method = "GET") {
  const response = await fetch(`${venue.server.url}/api/v1${path}`, { method, headers });
  const body = (await response.json()) as Record<string, unknown>;
  assertAnswer(method, path, response.status, body);
  return { status: response.status, body };
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

test("an issuer's token logs its user in, over REST and on a connection, and nobody else", async () => {
  const token = await issue("ann", 60);
  expect(await ask("/account/balances", bearer(token))).toMatchObject({
    status: 200,
    body: { account_id: user.account_id, cash: { total: 7 } },
  });
  const url = `${venue.server.url.replace("http", "ws")}/user-data`;
  const socket = new WebSocket(url, { headers: bearer(token) });
  const first = await new Promise<string>((resolve) => {
    socket.onmessage = ({ data }) => resolve(String(data));
  });
  expect(JSON.parse(first)).toMatchObject({ data: { account_id: user.account_id } });
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  expect(await ask("/session", bearer(token), "DELETE")).toMatchObject({
    status: 403,
    body: { code: 40300 },
  });
  for (const [wrong, code] of [
    [await issue("bob", 60), 40101],
    [await issue("ann", -60), 40102],
  ] as const) {
    expect(await ask("/account/balances", bearer(wrong))).toMatchObject({
      status: 401,
      body: { code },
    });
  }
  await venue.server.ask("POST", `/users/${user.user_id}/disable`, {});
  expect(await closed).toBe(4003);
  expect((await ask("/account/balances", bearer(token))).body.code).toBe(40102);
  await venue.server.ask("POST", `/users/${user.user_id}/enable`, {});
  expect((await ask("/account/balances", bearer(token))).status).toBe(200);
});

test("connections that a token has opened end with the key that signed it, and no others", async () => {
  publish("one", "two");
  const url = `${venue.server.url.replace("http", "ws")}/user-data`;
  const open = async (token: string) => {
    const socket = new WebSocket(url, { headers: bearer(token) });
    const closed = new Promise<number>((resolve) => {
      socket.onclose = ({ code }) => resolve(code);
    });
    await new Promise((resolve) => {
      socket.onmessage = resolve;
    });
    return { socket, closed };
  };
  const [one, other] = [await open(await issue("ann", 600)), await open(await issue("ann", 601))];
  // The exchange looks at the file once a second at most.
  const token = await issue("ann", 600, "two");
  await eventually(async () => (await ask("/account/balances", bearer(token))).status === 200);
  const two = await open(token);
  publish("two");
  expect(await Promise.all([one.closed, other.closed])).toEqual([4003, 4003]);
  expect(two.socket.readyState).toBe(WebSocket.OPEN);
  two.socket.close(1000);
  expect(await two.closed).toBe(1000);
  publish("one");
});

test("a key that is bound to networks works from those networks only, over WebSockets and REST", async () => {
  const make = (allowed_addresses: string[]): Promise<Key> =>
    venue.server.ask("POST", `/users/${user.user_id}/keys`, { allowed_addresses });
  const tries = async ({ api_key, api_secret }: Key): Promise<unknown[]> => {
    using client = await venue.open("/orders");
    const { error } = await client.login({ api_key, api_secret });
    const headers = { "X-API-KEY": api_key, "X-API-SECRET": api_secret };
    const balances = await ask("/account/balances", headers);
    const session = await fetch(`${venue.server.url}/api/v1/session`, {
      method: "POST",
      body: JSON.stringify({ api_key, api_secret }),
    });
    return [error?.code, balances.status, session.status];
  };
  expect(await tries(await make(["10.0.0.0/8", "127.0.0.2", "::1"]))).toEqual([40300, 403, 403]);
  expect(await tries(await make(["10.0.0.0/8", "127.0.0.0/8"]))).toEqual([undefined, 200, 200]);
  expect(await tries(await make(["::ffff:127.0.0.1"]))).toEqual([undefined, 200, 200]);
});
