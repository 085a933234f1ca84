#!/usr/bin/env bun
import type { ServeOptions } from "./admin/cli/commands/serve.ts";
import type { Program } from "./admin/cli/root-command.ts";
import type { OwnPart, OwnThread } from "./host/own-program.ts";

/** What the exchange starts as processes of its own. */
const PARTS: Readonly<Record<OwnPart, () => Promise<unknown>>> = {
  "snapshot-worker": () => import("./snapshot-worker.ts"),
  "journal-check-worker": () => import("./journal-check-worker.ts"),
  "page-builder": () => import("./page-builder.ts"),
  "demo-market": () => import("./demo/main.ts"),
};

/** What it starts as threads of its own, which get their task as their first message. */
const THREADS: Readonly<Record<OwnThread, (task: Promise<unknown>) => Promise<unknown>>> = {
  "read-ahead": async (task) => (await import("./read-ahead.ts")).run(await task),
};

const [, , first = ""] = process.argv;
if (!Bun.isMainThread) await THREADS[first as OwnThread](firstMessage());
else if (Object.hasOwn(PARTS, first)) await PARTS[first as OwnPart]();
else await commandLine();

/** Called before anything is waited for: a message that nobody listens for is lost. */
function firstMessage(): Promise<unknown> {
  return new Promise((resolve) => {
    addEventListener("message", ({ data }) => resolve(data), { once: true });
  });
}

async function commandLine(): Promise<void> {
  const { runCli } = await import("./admin/cli/run-cli.ts");
  const program = await (first === "serve" ? serveProgram() : wholeProgram());
  const code = await runCli(program, process.argv.slice(2));
  if (code !== 0) process.exitCode = code;
}

async function serveProgram(): Promise<Program> {
  const { createServeProgram } = await import("./admin/cli/serve-program.ts");
  return createServeProgram(serve);
}

async function wholeProgram(): Promise<Program> {
  const { createProgram } = await import("./admin/cli/program.ts");
  return createProgram(serve);
}

/** The exchange is loaded only to be run: the commands that ask a running one start at once. */
async function serve(options: ServeOptions): Promise<void> {
  const { runServer } = await import("./serve.ts");
  await runServer(options);
}
