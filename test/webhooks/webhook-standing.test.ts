import { expect, test } from "bun:test";
import { type StandingOf, webhookStanding } from "../../src/webhooks/webhook-standing.ts";

const NOW = 1000;
const user = {
  ...{ number: 8, name: "ann", permissions: ["trade"] as const, rateLimits: {} },
  ...{ accounts: [9], createdAt: 500, disabledAt: null },
};
const key = {
  ...{ apiKey: "ak", userNumber: 8, permissions: [], createdAt: 500, expiresAt: null },
  ...{ revokedAt: null, allowedAddresses: [], account: null },
};

function standing(of: Partial<StandingOf>, users = user, keys: object = {}): string {
  const identity = {
    user: (number: number) => (number === 8 ? users : undefined),
    key: (apiKey: string) => (apiKey === "ak" ? { ...key, ...keys } : undefined),
  };
  const hook = { user: 8, account: 9, apiKey: null, createdAt: 500, ...of };
  return webhookStanding(identity, NOW, hook);
}

test("a webhook is used while its user is enabled and its key, if any, is good", () => {
  expect(standing({})).toBe("stands");
  expect(standing({ apiKey: "ak" })).toBe("stands");
  expect(standing({ apiKey: "ak" }, user, { expiresAt: NOW })).toBe("waits");
  expect(standing({ apiKey: "ak" }, user, { revokedAt: 1 })).toBe("over");
  expect(standing({ apiKey: "of a lost key" })).toBe("waits");
  expect(standing({}, { ...user, disabledAt: 700 as never })).toBe("waits");
  expect(standing({ user: 7 })).toBe("waits");
});

test("after a restore, webhooks of lost users and accounts are not those of others with their numbers", () => {
  // It is older than the user who has this number now.
  expect(standing({ createdAt: 499 })).toBe("over");
  // The user has lost this account, and somebody else may have its number.
  expect(standing({ account: 10 })).toBe("waits");
});
