import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN_TOKEN_FILE, adminToken } from "../../src/admin/token.ts";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "token-"));
});

afterEach(() => rmSync(dir, { recursive: true }));

test("the first start creates a token that only its owner can read, and later starts keep it", async () => {
  const dataDir = join(dir, "data");
  const token = await adminToken(dataDir, undefined);
  const path = join(dataDir, ADMIN_TOKEN_FILE);
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(readFileSync(path, "utf8")).toBe(`${token}\n`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  chmodSync(path, 0o644);
  expect(await adminToken(dataDir, "  ")).toBe(token);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a configured token is used and not written to disk", async () => {
  expect(await adminToken(dir, " given ")).toBe("given");
  expect(readdirSync(dir)).toEqual([]);
});

test("an empty token file gets a new token", async () => {
  const path = join(dir, ADMIN_TOKEN_FILE);
  writeFileSync(path, "\n", { mode: 0o644 });
  const token = await adminToken(dir, undefined);
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(readFileSync(path, "utf8")).toBe(`${token}\n`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a token file without a valid token is reported and left as it is", async () => {
  const path = join(dir, ADMIN_TOKEN_FILE);
  for (const text of ["\0".repeat(65), "two words\n", "clé\n"]) {
    writeFileSync(path, text);
    await expect(adminToken(dir, undefined)).rejects.toThrow(
      `${path} has no token: expected printable ASCII without spaces. Remove it: then a start makes a new one`,
    );
    expect(readFileSync(path, "utf8")).toBe(text);
  }
});
