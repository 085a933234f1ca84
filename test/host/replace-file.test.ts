import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

test("a file is as it was when it is told not to be replaced: the directory could not be opened", async () => {
  const directory = mkdtempSync(join(tmpdir(), "waiver-replace-"));
  const program = join(import.meta.dir, "replace-file-program.ts");
  const file = join(directory, "file");
  const child = Bun.spawn(
    ["bash", "-c", 'ulimit -n 96 && exec "$@"', "bash", process.execPath, program, file],
    { stdout: "pipe", stderr: "inherit" },
  );
  expect(await new Response(child.stdout).json()).toEqual({ told: "EMFILE", there: "old" });
  expect(await child.exited).toBe(0);
  rmSync(directory, { recursive: true });
});
