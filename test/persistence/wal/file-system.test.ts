/** Files of the real file system that are cut off and removed beside the ticks. */
import { afterAll, describe, expect, test } from "bun:test";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskFileSystem } from "../../../src/persistence/wal/file-system.ts";

const directory = fs.mkdtempSync(join(tmpdir(), "waiver-files-"));
afterAll(() => fs.rmSync(directory, { recursive: true }));

/** Several pieces and a part of one. */
const BYTES = 5 * 1024 * 1024 + 77;
const content = new Uint8Array(BYTES).fill(7);

function fileOf(name: string): string {
  const path = join(directory, name);
  fs.writeFileSync(path, content);
  return path;
}

describe("cut off", () => {
  test.each([0, 100, 1024 * 1024, BYTES - 1, BYTES])("to %i bytes", async (bytes) => {
    const path = fileOf(`cut-${bytes}`);
    const file = fs.openSync(path, "r+");
    await diskFileSystem.truncate(file, bytes);
    fs.closeSync(file);
    expect(Bun.hash(fs.readFileSync(path))).toBe(Bun.hash(content.subarray(0, bytes)));
  });
});

describe("removed", () => {
  test("is gone", async () => {
    const path = fileOf("removed");
    await diskFileSystem.removeBeside(path);
    expect(fs.existsSync(path)).toBe(false);
  });

  test("whoever reads it reads on", async () => {
    const path = fileOf("read");
    const reader = fs.openSync(path, "r");
    await diskFileSystem.removeBeside(path);
    expect(fs.existsSync(path)).toBe(false);
    expect(fs.fstatSync(reader).size).toBe(BYTES);
    fs.closeSync(reader);
  });

  test("a copy made with a hard link stays whole", async () => {
    const path = fileOf("linked");
    const copy = join(directory, "copy");
    fs.linkSync(path, copy);
    await diskFileSystem.removeBeside(path);
    expect(fs.existsSync(path)).toBe(false);
    expect(fs.statSync(copy).size).toBe(BYTES);
  });

  test("one that is not there: the system's error", async () => {
    const path = join(directory, "missing");
    await expect(diskFileSystem.removeBeside(path)).rejects.toThrow("ENOENT");
  });
});
