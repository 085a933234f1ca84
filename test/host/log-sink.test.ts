import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pty } from "./pty.ts";

test("output that waits for a stopped terminal gets into no other file when the sink is ended", async () => {
  const directory = mkdtempSync(join(tmpdir(), "log-sink-"));
  const file = join(directory, "other");
  const program = join(import.meta.dir, "log-sink-program.ts");
  await using pty = new Pty([process.execPath, program, file]);
  await pty.shows(/ready/);
  pty.press("S");
  expect(await pty.exited).toBe(0);
  expect(readFileSync(file, "utf8")).toBe("");
  rmSync(directory, { recursive: true });
});
