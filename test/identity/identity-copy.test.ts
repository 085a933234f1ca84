import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreCopy } from "../../src/identity/identity-copy.ts";
import { IDENTITY_FILE, IdentityStore } from "../../src/identity/identity-store.ts";

const directory = mkdtempSync(join(tmpdir(), "waiver-copy-"));

test("a store made of a copy has the same users and keys, and takes the same secrets", async () => {
  const store = await IdentityStore.open(join(directory, "first", IDENTITY_FILE));
  await store.createUser({
    name: "Ann",
    permissions: ["trade", "market_data"],
    rateLimits: { burst_limit: 3 },
    accountNumber: 1,
  });
  await store.createUser({ name: "Bob", permissions: ["trade"], number: 7, accountNumber: 4 });
  const key = await store.createKey(1, { permissions: ["trade"], expiresAt: 4_000_000_000_000 });
  const revoked = await store.createKey(7);
  await store.revokeKey(revoked.api_key);
  const copy = store.copy();
  expect(store.copy()).toEqual(copy);

  const path = join(directory, IDENTITY_FILE);
  await restoreCopy(path, copy);
  expect([statSync(path).mode & 0o777, existsSync(`${path}.restoring`)]).toEqual([0o600, false]);
  const restored = await IdentityStore.open(path);
  expect(restored.users()).toEqual(store.users());
  expect([restored.keysOf(1), restored.keysOf(7)]).toEqual([store.keysOf(1), store.keysOf(7)]);
  expect(restored.verifyLogin(key.api_key, key.api_secret, 0).ok).toBe(true);
  expect(restored.copy()).toEqual(copy);
  await Promise.all([store.close(), restored.close()]);
});

test("a store that is there is left alone, and a copy of another form is refused", async () => {
  const copy = new TextEncoder().encode('{"version":2,"users":[],"keys":[]}');
  await expect(restoreCopy(join(directory, IDENTITY_FILE), copy)).rejects.toThrow(
    "is there already",
  );
  await expect(restoreCopy(join(directory, "other"), copy)).rejects.toThrow(
    "the copy of users and keys: version: ",
  );
  expect(existsSync(join(directory, "other"))).toBe(false);
});
