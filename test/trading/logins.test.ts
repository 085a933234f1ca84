import { expect, test } from "bun:test";
import type { User } from "../../src/identity/user.ts";
import { ErrorCode } from "../../src/protocol/errors.ts";
import { Callers } from "../../src/trading/caller.ts";
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
};
const KEY = {
  apiKey: "ak",
  userNumber: 3,
  permissions: ["trade"],
  createdAt: 0,
  expiresAt: null,
  revokedAt: null,
} as const;

function open() {
  const clock = { now: 0 };
  const callers = new Callers({
    limits: new UserLimitsTable(RATE_LIMITS),
    anonymousMarketData: true,
    monotonic: () => clock.now,
  });
  const logins = new Logins({
    identity: {
      verifyLogin: (_key, secret) =>
        secret === "right"
          ? { ok: true, user: USER, key: KEY }
          : { ok: false, code: ErrorCode.WRONG_CREDENTIALS },
    },
    callers,
    now: () => clock.now,
    monotonic: () => clock.now,
  });
  const waitOf = (address: string) => {
    const refused = logins.verify({ api_key: "ak", api_secret: "wrong" }, address);
    return "code" in refused ? refused.details?.retry_after_ms : "logged in";
  };
  return { clock, callers, logins, waitOf };
}

test("wrong logins of an address are slowed down, and nobody else's", () => {
  const { clock, logins, waitOf } = open();
  let allowed = 0;
  while (waitOf("a") === undefined) allowed++;
  expect([allowed, waitOf("a"), waitOf("b")]).toEqual([100, 100, undefined]);
  clock.now = 50;
  expect(waitOf("a")).toBe(50);
  clock.now = 100;
  expect([waitOf("a"), waitOf("a")]).toEqual([undefined, 100]);
  expect(logins.verify({ api_key: "ak", api_secret: "right" }, "a")).toMatchObject({ key: KEY });
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

test("a login with a signature is refused in words", () => {
  const { logins } = open();
  const params = { api_key: "ak", timestamp: 0, signature: "0".repeat(64) };
  expect(logins.verify(params, "a")).toEqual({
    code: 40101,
    message: "Logins with a signature are not served; send the api_secret",
  });
});
