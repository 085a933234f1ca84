import { expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import * as v from "valibot";
import { AccountBody, DepositBody, NewKeyBody, NewUserBody } from "../../src/admin/schemas.ts";
import { adminRoutes } from "../../src/protocol/schemas/admin.ts";

const SCHEMAS = {
  "POST /admin/v1/users": NewUserBody,
  "POST /admin/v1/users/:id/keys": NewKeyBody,
  "POST /admin/v1/accounts/:id/deposit": DepositBody,
  "POST /admin/v1/accounts/:id/settings": AccountBody,
} as const;

/** The published schema and ours have to agree on each. */
const BODIES: [route: keyof typeof SCHEMAS, taken: boolean, body: object][] = [
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
  expect({
    published: Value.Check(adminRoutes[route].body, body),
    checked: v.safeParse(SCHEMAS[route], body).success,
  }).toEqual({ published: taken, checked: taken });
});

test.each([" ann", "ann ", "a\nb", "\u0000", "\ud800"])("no name: %j", (name) => {
  expect(v.safeParse(NewUserBody, { name }).success).toBe(false);
});

test("what is left out of a new user", () => {
  expect(v.parse(NewUserBody, { name: "Zoë 🏈" })).toEqual({
    name: "Zoë 🏈",
    permissions: ["trade", "market_data"],
    cash: 0,
    positions: {},
    rate_limits: {},
  });
});
