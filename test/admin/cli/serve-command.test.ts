import { expect, test } from "bun:test";
import type { ServeOptions } from "../../../src/admin/cli/commands/serve.ts";
import { createProgram } from "../../../src/admin/cli/program.ts";

/** What `serve` is handed for these arguments. */
async function served(...args: string[]): Promise<ServeOptions[]> {
  const calls: ServeOptions[] = [];
  const program = createProgram(async (options) => {
    calls.push(options);
  });
  await program.parseAsync(["serve", ...args], { from: "user" });
  return calls;
}

test("serve without options leaves everything to the configuration", async () => {
  expect(await served()).toEqual([{ demo: false, marketMakers: true }]);
});

test("serve with all its options", async () => {
  expect(
    await served(
      ...["--config", "waiver.toml", "--port", "0", "--data-dir", "there"],
      ...["--demo", "--no-market-makers"],
    ),
  ).toEqual([
    { config: "waiver.toml", port: 0, dataDir: "there", demo: true, marketMakers: false },
  ]);
});

test("an error of serve is passed on", async () => {
  const program = createProgram(() => Promise.reject(new Error("no such port")));
  await expect(program.parseAsync(["serve"], { from: "user" })).rejects.toThrow("no such port");
});

test("--no-market-makers is allowed only with the demo", async () => {
  await expect(served("--no-market-makers")).rejects.toThrow("goes with --demo only");
});

test.each(["--url http://127.0.0.1:1", "--token mine", "--token-file mine", "--json"])(
  "what would be left out is refused: %s",
  async (typed) => {
    const [flag = "", ...value] = typed.split(" ");
    await expect(served(flag, ...value)).rejects.toThrow(`${flag} is for the commands that ask`);
  },
);
