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

test("the first start makes a token that only its owner reads, and later ones keep it", () => {
  const dataDir = join(dir, "data");
  const token = adminToken(dataDir, undefined);
  const path = join(dataDir, ADMIN_TOKEN_FILE);
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(readFileSync(path, "utf8")).toBe(`${token}\n`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  chmodSync(path, 0o644);
  expect(adminToken(dataDir, "  ")).toBe(token);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a given token is used and not written down", () => {
  expect(adminToken(dir, " given ")).toBe("given");
  expect(readdirSync(dir)).toEqual([]);
});

test("an empty file is no token", () => {
  const path = join(dir, ADMIN_TOKEN_FILE);
  writeFileSync(path, "\n", { mode: 0o644 });
  const token = adminToken(dir, undefined);
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(readFileSync(path, "utf8")).toBe(`${token}\n`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
