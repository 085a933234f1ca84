import { expect, test } from "bun:test";
import { HttpLogins } from "../../../src/gateway/http/http-logins.ts";
import { HttpError } from "../../../src/gateway/http/responses.ts";
import { ErrorCode, errorBody } from "../../../src/protocol/errors.ts";
import type { Caller } from "../../../src/trading/caller.ts";
import { FREE, openGateway } from "../rig.ts";
import { openIssuer } from "./issuer.ts";

const ask = (headers: Record<string, string>) => new Request("http://a/api/v1/time", { headers });

/** The error that `ask` ends with, or what it gives. */
async function outcomeOf(give: () => unknown): Promise<unknown> {
  try {
    return await give();
  } catch (error) {
    if (error instanceof HttpError) return error.body;
    throw error;
  }
}

test("a key with its secret gives the same caller as on a connection", async () => {
  await using rig = await openGateway();
  const logins = new HttpLogins({ ...rig, gate: FREE, isTls: false });
  const { api_key, api_secret } = await rig.createUser(["trade"]);
  const request = ask({ "X-API-KEY": api_key, "X-API-SECRET": api_secret });
  const login = await logins.loginOf(request, "192.0.2.1");
  expect(login?.caller.user.number).toBe(1);
  expect([login?.permissions, login?.expiresAt]).toEqual([["trade"], null]);
  const caller = await logins.callerOf(request, "192.0.2.1");
  expect(caller).toEqual(login?.caller as Caller);
  expect(caller.limits).toBe(rig.connectAs({ api_key, api_secret }).session.caller.limits);
});

test("the login of a connection is counted, a request with a key is not", async () => {
  await using rig = await openGateway();
  const logins = new HttpLogins({ ...rig, gate: FREE, isTls: false });
  const { api_key, api_secret } = await rig.createUser();
  const request = ask({ "X-API-KEY": api_key, "X-API-SECRET": api_secret });
  await logins.callerOf(request, "192.0.2.1");
  expect(rig.logins.made).toBe(0);
  await logins.loginOfUpgrade(request, "192.0.2.1");
  expect(rig.logins.made).toBe(1);
});

test("a request without a login counts as its address, and a wrong login is refused", async () => {
  await using rig = await openGateway();
  const logins = new HttpLogins({ ...rig, gate: FREE, isTls: false });
  const { api_key, api_secret } = await rig.createUser();
  const stranger = await logins.callerOf(ask({}), "192.0.2.1");
  expect(stranger.user).toBeNull();
  expect(stranger.limits).toBe(rig.callers.anonymous("192.0.2.1").limits);
  expect(await logins.loginOf(ask({}), "192.0.2.1")).toBeNull();

  const wrong = { code: 40101, message: "Wrong API key or secret" };
  for (const headers of [
    { "X-API-KEY": api_key },
    { "X-API-KEY": api_key, "X-API-SECRET": "x" },
    { "X-API-KEY": "x", "X-API-SECRET": api_secret },
    { "X-API-KEY": "", "X-API-SECRET": "" },
    { Authorization: "Bearer x" },
    { Authorization: `Bearer ${api_secret}` },
  ] as Record<string, string>[]) {
    const message = headers.Authorization ? "Not a token of this exchange" : wrong.message;
    expect(await outcomeOf(() => logins.callerOf(ask(headers), "192.0.2.1"))).toEqual({
      ...wrong,
      message,
    });
  }
  await rig.identity.revokeKey(api_key);
  const right = ask({ "X-API-KEY": api_key, "X-API-SECRET": api_secret });
  expect(await outcomeOf(() => logins.callerOf(right, "192.0.2.1"))).toMatchObject({ code: 40102 });
});

test("an issuer's token is checked after its address has paid; once it was valid the check is free", async () => {
  using ids = openIssuer();
  await using rig = await openGateway({ issuer: ids.issuer });
  await rig.createUser();
  const paid: number[] = [];
  let isSpent = false;
  const gate = {
    chargeAddress(_address: string, weight: number): void {
      if (isSpent) throw new HttpError(errorBody(ErrorCode.MARKET_DATA_RATE));
      paid.push(weight);
    },
  };
  const logins = new HttpLogins({ ...rig, gate, isTls: false });
  const callerBy = (token: string) =>
    outcomeOf(() => logins.callerOf(ask({ Authorization: `Bearer ${token}` }), "192.0.2.1"));
  const token = await ids.issue("one", rig.clock.now);
  const forged = `${token.slice(0, -8)}AAAAAAAA`;
  for (const each of [token, token]) expect(await callerBy(each)).toMatchObject({ user: {} });
  expect(paid).toEqual([1]);
  for (const each of [forged, forged]) expect(await callerBy(each)).toMatchObject({ code: 40101 });
  expect(paid).toEqual([1, 1, 1]);
  isSpent = true;
  expect(await callerBy(forged)).toMatchObject({ code: 42902 });
  expect(await callerBy(await ids.issue("two", rig.clock.now))).toMatchObject({ code: 42902 });
  expect(await callerBy(token)).toMatchObject({ user: {} });
});
