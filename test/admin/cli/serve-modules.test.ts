import { expect, test } from "bun:test";
import { join } from "node:path";

const SOURCES = join(import.meta.dir, "../../../src");

/** Loads what `waiver serve` does, and prints the files of it. */
const LOAD = `
  await import("./admin/cli/run-cli.ts");
  await import("./admin/cli/serve-program.ts");
  await import("./serve.ts");
  console.log(Object.keys(require.cache).join("\\n"));
`;

test("a start loads no module that only other commands or a few configurations need", async () => {
  const child = Bun.spawn([process.execPath, "-e", LOAD], { cwd: SOURCES, stdout: "pipe" });
  const files = (await child.stdout.text()).split("\n");
  expect(await child.exited).toBe(0);
  expect(files.some((file) => file.includes("/src/core/"))).toBe(true);
  const unneeded =
    /\/(?:jose|cli-table3|ink|react|@opentelemetry\/sdk-trace)\/|\/src\/(?:demo|persistence\/archive(?!\/archive-state)|admin\/cli\/dashboard)\/|\/post\.ts$/;
  expect(files.filter((file) => unneeded.test(file))).toStrictEqual([]);
});
