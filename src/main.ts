#!/usr/bin/env bun
import { createProgram } from "./admin/cli/program.ts";
import { runCli } from "./admin/cli/run-cli.ts";

// The exchange is loaded only to be run: the commands that ask a running one start at once.
const program = createProgram(async (options) => {
  const { runServer } = await import("./serve.ts");
  await runServer(options);
});

await runCli(program);
