/** Logins to a demo without a password: from its own machine, by its own page, and by nobody else. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { isLocal } from "../../src/people/demo-logins.ts";
import { DataDir, ServerProcess } from "../integration/server-process.ts";

let dir: DataDir;
let server: ServerProcess;
beforeAll(async () => {
  dir = await DataDir.make();
  const args = ["--demo", "--no-market-makers"];
  server = await ServerProcess.start(dir.path, { args, config: '[gateway]\nhost = "0.0.0.0"\n' });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

async function tryAs(headers: Record<string, string>, body?: object, host = "127.0.0.1") {
  const answer = await fetch(`http://${host}:${server.port}/api/v1/demo/session`, {
    method: "POST",
    headers: { ...(body && { "Content-Type": "application/json" }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  const told = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, ...told, cookie: answer.headers.get("Set-Cookie") };
}

test("one at the machine logs in as alice, or whom he names, and trades", async () => {
  const origin = `http://127.0.0.1:${server.port}`;
  const alice = await tryAs({ Origin: origin, "Sec-Fetch-Site": "same-origin" });
  expect(alice).toMatchObject({ status: 200, name: "alice", manages_keys: true });
  expect(String(alice.cookie)).toStartWith("waiver_session=");
  expect(await tryAs({})).toMatchObject({ status: 200, name: "alice" });
  const bob = await tryAs({}, { name: "bob" });
  expect(bob).toMatchObject({ status: 200, name: "bob" });
  expect(await tryAs({}, { name: "maker-1" })).toMatchObject({ status: 404, code: 40001 });
  const headers = { Authorization: `Bearer ${(bob as { token?: string }).token}` };
  const balances = await fetch(`${origin}/api/v1/account/balances`, { headers });
  expect(await balances.json()).toMatchObject({ cash: { total: 10_000_000 } });
  const offered = await fetch(`${origin}/api/v1/exchange`);
  expect(await offered.json()).toMatchObject({ sign_up: true, demo_accounts: ["alice", "bob"] });
});

test("signing up to a demo gives cash and a few shares", async () => {
  const answer = await fetch(`${server.url}/api/v1/users`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "Newcomer", password: "correct horse battery" }),
  });
  const { token } = (await answer.json()) as { token: string };
  const ask = async (what: string) => {
    const url = `${server.url}/api/v1/account/${what}`;
    return (await fetch(url, { headers: { Authorization: `Bearer ${token}` } })).json();
  };
  expect(await ask("balances")).toMatchObject({ cash: { total: 10_000_000 } });
  const { positions } = (await ask("positions")) as { positions: { total: number }[] };
  expect(positions.length).toBeGreaterThan(2);
  expect(new Set(positions.map(({ total }) => total))).toEqual(new Set([10]));
});

test("a page of another site, a rebound name and a proxy are refused", async () => {
  const here = `127.0.0.1:${server.port}`;
  for (const headers of [
    { Origin: "http://evil.example" },
    { Origin: "null" },
    // Another server on this machine.
    { Origin: "http://127.0.0.1:1" },
    { Host: `evil.example:${server.port}`, Origin: `http://evil.example:${server.port}` },
    { Host: `localhost.evil.example:${server.port}` },
    { Host: "" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { Host: here, "X-Forwarded-For": "203.0.113.9" },
    { Host: here, Forwarded: "for=203.0.113.9" },
    { Host: here, Via: "1.1 tunnel" },
  ] as Record<string, string>[]) {
    const told = await tryAs(headers);
    expect([headers, told]).toMatchObject([headers, { status: 403, code: 40300, cookie: null }]);
  }
});

test("nobody comes from another machine", async () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === "IPv4" && !each.internal)?.address;
  if (outside !== undefined) {
    const host = { Host: `127.0.0.1:${server.port}` };
    expect(await tryAs(host, undefined, outside)).toMatchObject({ status: 403, code: 40300 });
  }
  const from = (address: string) => {
    const request = new Request("http://localhost:8080/", { headers: { Host: "localhost:8080" } });
    return isLocal(request, { requestIP: () => ({ address, family: "IPv4", port: 1 }) });
  };
  expect(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].map(from)).not.toContain(false);
  expect(["203.0.113.9", "10.0.0.1", "::", "::ffff:10.0.0.1", "128.0.0.1"].map(from)).not.toContain(
    true,
  );
});
