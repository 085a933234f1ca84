import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN_TOKENS_FILE, AdminTokens, reaches } from "../../src/admin/admin-tokens.ts";
import { OPERATOR_CHARACTERS_MAX } from "../../src/core/command.ts";
import { compileCheck } from "../../src/protocol/check.ts";
import { ADMIN_ROLES, CreateTokenBody } from "../../src/protocol/schemas/admin.ts";

let dir: string;
const recorded = async (): Promise<void> => undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tokens-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("a token survives a restart; it is stored as a hash in a file that only the owner can read", async () => {
  const before = new AdminTokens(dir, "secret");
  const { token } = await before.create({ name: "ann", role: "money" }, 7, recorded);
  const path = join(dir, ADMIN_TOKENS_FILE);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8")).not.toContain(token);
  const after = new AdminTokens(dir, "secret");
  expect(after.operatorOf(token)).toEqual({ name: "ann", role: "money" });
  expect(after.operatorOf("secret")).toEqual({ name: "root", role: "root" });
  expect(after.operatorOf("")).toBeNull();
  expect(after.list()).toEqual([{ name: "ann", role: "money", created_at: 7, revoked_at: null }]);
});

test("a revoked token ends before the call returns, stays revoked, and its name is not used again", async () => {
  const tokens = new AdminTokens(dir, "secret");
  const { token } = await tokens.create({ name: "ann", role: "read" }, 1, recorded);
  const revoking = tokens.revoke("ann", 5);
  expect(tokens.operatorOf(token)).toBeNull();
  expect(await revoking).toEqual({ name: "ann", role: "read", created_at: 1, revoked_at: 5 });
  expect(await tokens.revoke("ann", 9)).toMatchObject({ revoked_at: 5 });
  expect(await tokens.revoke("bob", 9)).toBeNull();
  expect(new AdminTokens(dir, "secret").operatorOf(token)).toBeNull();
  expect(tokens.create({ name: "ann", role: "read" }, 9, recorded)).rejects.toThrow(
    /ann is or was/,
  );
});

test("a token that is revoked while it is created does not work", async () => {
  const tokens = new AdminTokens(dir, "secret");
  const creating = tokens.create({ name: "ann", role: "read" }, 1, recorded);
  await tokens.revoke("ann", 5);
  expect(tokens.operatorOf((await creating).token)).toBeNull();
});

test("if the audit record or the disk fails, no token is created", async () => {
  const tokens = new AdminTokens(dir, "secret");
  const fails = tokens.create({ name: "ann", role: "read" }, 1, () =>
    Promise.reject(new Error("no")),
  );
  expect(fails).rejects.toThrow("no");
  expect(tokens.list()).toEqual([]);
});

test("a damaged token file stops the start, and the message says what to do", () => {
  const path = join(dir, ADMIN_TOKENS_FILE);
  writeFileSync(path, "{}");
  chmodSync(path, 0o600);
  expect(() => new AdminTokens(dir, "secret")).toThrow(
    /admin-tokens.json: damaged: .*move it away/s,
  );
  writeFileSync(path, '{"version":2,"tokens":{}}');
  expect(() => new AdminTokens(dir, "secret")).toThrow(
    `${path}: it has version 2, and this program knows 1 at most: start the newer program`,
  );
});

test("each role may do everything that the roles before it may do", () => {
  const table = ADMIN_ROLES.map((role) => ADMIN_ROLES.map((needed) => reaches(role, needed)));
  expect(table).toEqual(ADMIN_ROLES.map((_, i) => ADMIN_ROLES.map((_needed, j) => j <= i)));
});

test("a token's name fits into the journal's field", () => {
  const check = compileCheck(CreateTokenBody);
  const named = (length: number) => check({ name: "a".repeat(length), role: "read" });
  expect(named(OPERATOR_CHARACTERS_MAX)).toBeNull();
  expect(named(OPERATOR_CHARACTERS_MAX + 1)).not.toBeNull();
});
