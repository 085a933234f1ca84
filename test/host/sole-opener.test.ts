import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOpenNowhereElse } from "../../src/host/sole-opener.ts";

const directory = mkdtempSync(join(tmpdir(), "waiver-opener-"));
afterAll(() => rmSync(directory, { recursive: true }));

describe.skipIf(process.platform !== "linux")("a file's only opener (Linux only)", () => {
  test("alone, beside a reader, and alone again", () => {
    const path = join(directory, "file");
    writeFileSync(path, "text");
    const file = openSync(path, "r+");
    expect(isOpenNowhereElse(file)).toBe(true);
    const reader = openSync(path, "r");
    expect(isOpenNowhereElse(file)).toBe(false);
    closeSync(reader);
    expect(isOpenNowhereElse(file)).toBe(true);
    closeSync(file);
  });

  test("beside a reader in another process", async () => {
    const path = join(directory, "other");
    writeFileSync(path, "text");
    const file = openSync(path, "r+");
    const reader = Bun.spawn(["sh", "-c", `exec 3<"${path}"; echo open; read line`], {
      stdin: "pipe",
      stdout: "pipe",
    });
    await reader.stdout.getReader().read();
    expect(isOpenNowhereElse(file)).toBe(false);
    reader.stdin.end();
    await reader.exited;
    expect(isOpenNowhereElse(file)).toBe(true);
    closeSync(file);
  });

  test("not a descriptor", () => {
    expect(isOpenNowhereElse(-1)).toBe(false);
  });
});
