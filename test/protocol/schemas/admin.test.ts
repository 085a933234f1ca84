import { describe, expect, test } from "bun:test";
import { compileCheck } from "../../../src/protocol/check.ts";
import { adminRoutes } from "../../../src/protocol/schemas/admin.ts";

const CHECKS = {
  "POST /admin/v1/users": compileCheck(adminRoutes["POST /admin/v1/users"].body),
  "POST /admin/v1/users/:id/keys": compileCheck(adminRoutes["POST /admin/v1/users/:id/keys"].body),
  "POST /admin/v1/accounts/:id/deposit": compileCheck(
    adminRoutes["POST /admin/v1/accounts/:id/deposit"].body,
  ),
  "POST /admin/v1/accounts/:id/settings": compileCheck(
    adminRoutes["POST /admin/v1/accounts/:id/settings"].body,
  ),
} as const;
type Route = keyof typeof CHECKS;

/** What each route takes and what it refuses. */
const BODIES: [route: Route, taken: boolean, body: object][] = [
  ["POST /admin/v1/users", true, { name: "ann" }],
  [
    "POST /admin/v1/users",
    true,
    {
      name: "Ann of Anywhere, 2nd",
      permissions: ["trade", "market_data", "admin"],
      cash: Number.MAX_SAFE_INTEGER,
      positions: { SYMBOL_0: 0, SYMBOL_4095: 2_147_483_647 },
      rate_limits: { orders_per_second: 1, market_data_per_second: 5, burst_limit: 10 },
    },
  ],
  ["POST /admin/v1/users", true, { name: "ann", rate_limits: { burst_limit: 10 } }],
  ["POST /admin/v1/users", false, {}],
  ["POST /admin/v1/users", false, { name: "" }],
  ["POST /admin/v1/users", false, { name: "a".repeat(65) }],
  ["POST /admin/v1/users", false, { name: "ann", permissions: [] }],
  ["POST /admin/v1/users", false, { name: "ann", permissions: ["root"] }],
  ["POST /admin/v1/users", false, { name: "ann", cash: -1 }],
  ["POST /admin/v1/users", false, { name: "ann", cash: 1.5 }],
  ["POST /admin/v1/users", false, { name: "ann", cash: 2 ** 53 }],
  ["POST /admin/v1/users", false, { name: "ann", positions: { SYMBOL_1: -1 } }],
  ["POST /admin/v1/users", false, { name: "ann", positions: { SYMBOL_1: 2 ** 31 } }],
  ["POST /admin/v1/users", false, { name: "ann", positions: { SYMBOL_01: 1 } }],
  ["POST /admin/v1/users", false, { name: "ann", rate_limits: { burst: 10 } }],
  ["POST /admin/v1/users", false, { name: "ann", cahs: 1 }],
  ["POST /admin/v1/users/:id/keys", true, {}],
  ["POST /admin/v1/users/:id/keys", true, { permissions: ["trade"], expires_at: 1 }],
  ["POST /admin/v1/users/:id/keys", false, { permissions: "trade" }],
  ["POST /admin/v1/users/:id/keys", false, { expires_at: "tomorrow" }],
  ["POST /admin/v1/accounts/:id/deposit", true, { cash: -5 }],
  ["POST /admin/v1/accounts/:id/deposit", true, { positions: { SYMBOL_1: -2_147_483_647 } }],
  ["POST /admin/v1/accounts/:id/deposit", false, { cash: "5" }],
  ["POST /admin/v1/accounts/:id/deposit", false, { positions: { SYMBOL_1: 0.5 } }],
  ["POST /admin/v1/accounts/:id/deposit", false, { amount: 5 }],
  ["POST /admin/v1/accounts/:id/settings", true, {}],
  ["POST /admin/v1/accounts/:id/settings", true, { may_short: true }],
  ["POST /admin/v1/accounts/:id/settings", true, { fees: { maker_bps: -1000, taker_bps: 1000 } }],
  ["POST /admin/v1/accounts/:id/settings", false, { fees: { maker_bps: -1001, taker_bps: 0 } }],
  ["POST /admin/v1/accounts/:id/settings", false, { fees: { maker_bps: 0, taker_bps: -1 } }],
  ["POST /admin/v1/accounts/:id/settings", false, { fees: { maker_bps: 0 } }],
  ["POST /admin/v1/accounts/:id/settings", false, { may_short: 1 }],
  ["POST /admin/v1/accounts/:id/settings", false, { rebate: 1 }],
];

test.each(BODIES)("%s takes, %p: %j", (route, taken, body) => {
  expect(CHECKS[route](body) === null).toBe(taken);
});

describe("a name", () => {
  const issues = (name: string) => CHECKS["POST /admin/v1/users"]({ name });

  test.each(["a", "Ann of Anywhere, 2nd", "Zoë 🏈", "🏈".repeat(64)])("is one: %j", (name) => {
    expect(issues(name)).toBeNull();
  });

  test.each([
    ...["", " ", " ann", "ann ", "\u2003ann", "ann\ufeff"],
    ...["a\nb", "\u0000", "\u0085", "\ud800", "a\udfff", "🏈".repeat(65), "a".repeat(65)],
  ])("is none: %j", (name) => {
    expect(issues(name)).toEqual([
      {
        field: "name",
        issue: "Name must be printable text of 1 to 64 characters, without a space at either end",
        got: expect.stringMatching(/^"/),
      },
    ]);
  });
});

test("what is wrong is said with the field, the value and what was expected", () => {
  const check = CHECKS["POST /admin/v1/users"];
  expect(
    check({
      name: 5,
      permissions: ["trade", "trade"],
      cash: "5",
      positions: { SYMBOL_1: -1, SYMBOL_01: 1 },
      rate_limits: { burst_limit: 0, orders_per_second: 2 ** 31 },
    }),
  ).toEqual([
    {
      field: "name",
      issue: "Name must be printable text of 1 to 64 characters, without a space at either end",
      got: "5",
    },
    { field: "permissions", issue: "Must not name anything twice" },
    { field: "cash", issue: "Cash must be non-negative integer", got: '"5"' },
    { field: "positions.SYMBOL_1", issue: "SYMBOL_1 must be non-negative integer", got: "-1" },
    { field: "positions.SYMBOL_01", issue: "Name must be SYMBOL_<number> or a ticker" },
    {
      field: "rate_limits.orders_per_second",
      issue: "Orders per second must be positive integer up to 2147483647",
      got: "2147483648",
    },
    { field: "rate_limits.burst_limit", issue: "Burst limit must be positive integer", got: "0" },
  ]);
  expect(check({ name: "a", permissions: ["root"], positions: [] })).toEqual([
    {
      field: "permissions.0",
      issue: "Permissions item must be trade or market_data or admin",
      got: '"root"',
    },
    { field: "positions", issue: "Positions must be an object", got: "an array" },
  ]);
});

test.each(["__proto__", "constructor", "toString", ""])("no symbol has the name %p", (name) => {
  const positions: unknown = JSON.parse(`{${JSON.stringify(name)}: 5}`);
  const issue = { field: `positions.${name}`, issue: "Name must be SYMBOL_<number> or a ticker" };
  expect(CHECKS["POST /admin/v1/accounts/:id/deposit"]({ positions })).toEqual([issue]);
  expect(CHECKS["POST /admin/v1/users"]({ name: "a", positions })).toEqual([issue]);
});

test("no member has the name of the prototype", () => {
  const body: unknown = JSON.parse('{"name": "a", "__proto__": {"cash": 5}}');
  expect(CHECKS["POST /admin/v1/users"](body)).toEqual([
    { field: "__proto__", issue: "Unknown parameter" },
  ]);
});
