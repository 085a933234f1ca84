import { expect, test } from "bun:test";
import type { ApiKey } from "../../src/identity/api-key.ts";
import type { User } from "../../src/identity/user.ts";
import { ErrorCode } from "../../src/protocol/errors.ts";
import { Callers } from "../../src/trading/caller.ts";
import { FailedLogins } from "../../src/trading/failed-logins.ts";
import { Logins } from "../../src/trading/logins.ts";
import { UserLimitsTable } from "../../src/trading/user-limits.ts";

const RATE_LIMITS = { orders_per_second: 1, market_data_per_second: 1, burst_limit: 1 };
const USER: User = {
  number: 3,
  name: "user",
  permissions: ["trade"],
  rateLimits: {},
  accounts: [7, 8],
  createdAt: 0,
  disabledAt: null,
};
const KEY: ApiKey = {
  apiKey: "ak",
  userNumber: 3,
  permissions: ["trade"],
  createdAt: 0,
  expiresAt: null,
  revokedAt: null,
  allowedAddresses: [],
  account: null,
};

const CLOCK = 1_000_000;

const answer = (isRight: boolean, apiKey: string) =>
  isRight
    ? { ok: true as const, user: USER, key: KEYS[apiKey] ?? KEY }
    : { ok: false as const, code: ErrorCode.WRONG_CREDENTIALS };

const KEYS: Record<string, ApiKey> = {
  office: { ...KEY, apiKey: "office", allowedAddresses: ["192.0.2.0/24", "2001:db8::/32"] },
};

function open(keysWithoutSignature = 0) {
  const clock = { now: 0 };
  const taken = new Set<string>();
  const callers = new Callers({
    limits: new UserLimitsTable(RATE_LIMITS),
    anonymousMarketData: true,
    monotonic: () => clock.now,
  });
  const logins = new Logins({
    lines: { write: () => undefined },
    identity: {
      verifySecret: (apiKey, secret) => answer(secret === "right", apiKey),
      verifySignature: (apiKey, text, signature) => answer(signature === `of ${text}`, apiKey),
      keysWithoutSignature,
    },
    signatures: {
      take: (apiKey, timestamp) => {
        const isNew = !taken.has(`${apiKey} ${timestamp}`);
        taken.add(`${apiKey} ${timestamp}`);
        return isNew;
      },
    },
    callers,
    failures: new FailedLogins(),
    now: () => CLOCK,
    monotonic: () => clock.now,
  });
  const waitOf = (address: string, api_key = "ak") => {
    const refused = logins.verify({ api_key, api_secret: "wrong" }, address);
    return "code" in refused ? refused.details?.retry_after_ms : "logged in";
  };
  return { clock, callers, logins, waitOf };
}

test("wrong logins of an address are slowed down, and nobody else's", () => {
  const { clock, logins, waitOf } = open();
  let keys = 0;
  const anyKey = (address: string) => waitOf(address, `ak_${keys++}`);
  while (anyKey("a") === undefined);
  expect([keys, anyKey("a"), anyKey("b")]).toEqual([101, 100, undefined]);
  clock.now = 50;
  expect(anyKey("a")).toBe(50);
  clock.now = 100;
  expect([anyKey("a"), anyKey("a")]).toEqual([undefined, 100]);
  expect(logins.logIn({ api_key: "ak", api_secret: "right" }, "a")).toMatchObject({ key: KEY });
  expect(logins.made).toBe(1);
});

test("a login makes a caller with the user's accounts, limits and permissions", () => {
  const { logins } = open();
  const [one, other] = [1, 2].map(() => logins.verify({ api_key: "ak", api_secret: "right" }, "a"));
  if ("code" in one || "code" in other) throw new Error("refused");
  const { user, account, permissions } = one.caller;
  expect({ user, account, permissions }).toEqual({
    user: USER,
    account: 7,
    permissions: ["trade", "market_data"],
  });
  expect(other.caller.limits).toBe(one.caller.limits);
});

const WRONG = { code: 40101, message: "Wrong API key or secret" };
const signed = (timestamp: number, api_key = "ak") => ({
  api_key,
  timestamp,
  signature: `of auth.login\n${api_key}\n${timestamp}`,
});

test("a signature logs in within 5 s of the clock, and the answer outside tells the clock", () => {
  const { logins } = open();
  for (const skew of [0, -5000, 5000, -4999]) {
    expect(logins.verify(signed(CLOCK + skew), "a")).toMatchObject({ key: KEY });
  }
  for (const skew of [-5001, 5001, -CLOCK, 2 ** 52]) {
    for (const params of [signed(CLOCK + skew), { ...signed(CLOCK + skew), signature: "x" }]) {
      expect(logins.verify(params, "a")).toEqual({
        code: 40101,
        message: "Timestamp too far from the exchange's clock",
        details: {
          field: "timestamp",
          issue: "Must be within 5000 ms of the exchange's clock, which is server_time",
          server_time: CLOCK,
        },
      });
    }
  }
});

test("a signature logs in once, from wherever it comes", () => {
  const { logins } = open();
  expect(logins.verify(signed(CLOCK), "a")).toMatchObject({ key: KEY });
  for (const address of ["a", "b"]) {
    expect(logins.verify(signed(CLOCK), address)).toEqual({
      ...WRONG,
      details: { field: "signature", issue: "Was used before: sign a later timestamp" },
    });
  }
  expect(logins.verify(signed(CLOCK + 1), "a")).toMatchObject({ key: KEY });
  expect(logins.verify(signed(CLOCK, "other"), "a")).toMatchObject({ key: KEY });
});

test("a wrong signature is a wrong login, and does not use up the right one", () => {
  const { logins } = open();
  const wrong = { ...signed(CLOCK), signature: "0".repeat(64) };
  expect(logins.verify(wrong, "a")).toEqual(WRONG);
  expect(logins.verify(signed(CLOCK), "a")).toMatchObject({ key: KEY });
});

test("while there are keys that cannot sign, every wrong signature says what such a key does first", () => {
  const { logins } = open(1);
  for (const api_key of ["ak", "unknown"]) {
    const wrong = { api_key, timestamp: CLOCK, signature: "0".repeat(64) };
    expect(logins.verify(wrong, "a")).toEqual({
      ...WRONG,
      details: {
        field: "signature",
        issue:
          "Wrong, or of a key that was made before signatures were served: such a key logs in once with its api_secret",
      },
    });
    expect(logins.verify({ api_key, api_secret: "wrong" }, "a")).toEqual(WRONG);
  }
});

test("a key works from its addresses only, and says so to those who have its secret", () => {
  const { logins } = open();
  const params = { api_key: "office", api_secret: "right" };
  for (const address of ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::7"]) {
    expect(logins.verify(params, address)).toMatchObject({ key: { apiKey: "office" } });
  }
  for (const address of ["192.0.3.7", "::ffff:192.0.3.7", "2001:db9::7", "unknown"]) {
    expect(logins.verify(params, address)).toEqual({
      code: 40300,
      message: "This API key may not be used from this address",
      details: { address },
    });
    expect(logins.verify({ ...params, api_secret: "wrong" }, address)).toEqual(WRONG);
  }
});

test("wrong logins with a key from an address have to wait twice as long each time", () => {
  const { clock, logins, waitOf } = open();
  for (let i = 0; i < 10; i++) expect(waitOf("a")).toBeUndefined();
  expect([waitOf("a"), waitOf("a"), waitOf("a")]).toEqual([500, 1000, 2000]);
  for (let i = 0; i < 10; i++) waitOf("a");
  expect(waitOf("a")).toBe(300_000);
  // Whoever has the secret is not kept out, whoever else tries.
  expect(logins.verify({ api_key: "ak", api_secret: "right" }, "a")).toMatchObject({ key: KEY });
  expect(waitOf("b")).toBeUndefined();
  expect(logins.verify({ api_key: "other", api_secret: "wrong" }, "a")).toEqual(WRONG);
  clock.now = 900_000;
  expect(waitOf("a")).toBeUndefined();
});
