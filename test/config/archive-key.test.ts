import { expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArchiveKey } from "../../src/config/archive-key.ts";

const KEY = new Uint8Array(32).fill(0xab);
const HEX = "ab".repeat(32);
const EXPECTED =
  "expected 64 hexadecimal digits or 44 characters of base64, 32 bytes (openssl rand -hex 32)";

test("the key is hexadecimal or base64, from the environment or from the file", () => {
  const file = join(mkdtempSync(join(tmpdir(), "waiver-key-")), "key");
  writeFileSync(file, `${HEX}\n`);
  const found = { key: KEY, problem: null };
  expect(readArchiveKey(HEX, undefined)).toEqual(found);
  expect(readArchiveKey(Buffer.from(KEY).toString("base64"), undefined)).toEqual(found);
  expect(readArchiveKey(undefined, file)).toEqual(found);
  expect(readArchiveKey("", file)).toEqual(found);
  expect(readArchiveKey(HEX, "/not/there")).toEqual(found);
  expect(readArchiveKey(undefined, undefined)).toEqual({ key: null, problem: null });
});

test("an invalid key is refused, and the message does not show it", () => {
  for (const text of ["secret", HEX.slice(1), `${HEX}0`, "g".repeat(64)]) {
    expect(readArchiveKey(text, undefined)).toEqual({
      key: null,
      problem: `WAIVER_ARCHIVE_KEY: ${EXPECTED}`,
    });
  }
  expect(readArchiveKey(undefined, "/not/there").problem).toBe(
    "persistence.cloud.key_file = \"/not/there\": cannot be read: ENOENT: no such file or directory, open '/not/there'",
  );
});
