import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

test("a journal goes on from segment to segment while all descriptors are used up", async () => {
  const directory = mkdtempSync(join(tmpdir(), "waiver-descriptors-"));
  const program = join(import.meta.dir, "descriptor-shortage.ts");
  const child = Bun.spawn(
    ["bash", "-c", 'ulimit -n 96 && exec "$@"', "bash", process.execPath, program, directory],
    { stdout: "pipe", stderr: "inherit" },
  );
  const output = (await new Response(child.stdout).json()) as {
    names: string[];
    failure: null;
    rotated: number;
    sealed: boolean;
  };
  expect(output).toEqual({
    names: expect.arrayContaining(["wal_000001.log", "wal_000002.log"]),
    failure: null,
    rotated: expect.any(Number),
    sealed: true,
  });
  expect(output.rotated).toBeGreaterThan(3);
  expect(await child.exited).toBe(0);
  rmSync(directory, { recursive: true });
});
