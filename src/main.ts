#!/usr/bin/env bun
import type { OwnPart } from "./host/own-program.ts";

/** What the exchange starts as processes of its own. */
const PARTS: Readonly<Record<OwnPart, () => Promise<unknown>>> = {
  "snapshot-worker": () => import("./snapshot-worker.ts"),
  "journal-check-worker": () => import("./journal-check-worker.ts"),
  "page-builder": () => import("./page-builder.ts"),
  "demo-market": () => import("./demo/main.ts"),
};

const [, , first = ""] = process.argv;
await (Object.hasOwn(PARTS, first) ? PARTS[first as OwnPart]() : commandLine());

async function commandLine(): Promise<void> {
  const { createProgram } = await import("./admin/cli/program.ts");
  const { runCli } = await import("./admin/cli/run-cli.ts");
  // The exchange is loaded only to be run: the commands that ask a running one start at once.
  const program = createProgram(async (options) => {
    const { runServer } = await import("./serve.ts");
    await runServer(options);
  });
  const code = await runCli(program, process.argv.slice(2));
  if (code !== 0) process.exitCode = code;
}
