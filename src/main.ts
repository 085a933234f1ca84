#!/usr/bin/env bun
import type { ServeOptions } from "./admin/cli/commands/serve.ts";
import type { Program } from "./admin/cli/root-command.ts";
import type { OwnPart, OwnThread } from "./host/own-program.ts";

/** What the exchange starts as processes of its own, by the first argument. */
const PARTS: Readonly<Record<OwnPart, () => Promise<unknown>>> = {
  "snapshot-worker": () => import("./snapshot-worker.ts"),
  "journal-check-worker": () => import("./journal-check-worker.ts"),
  "page-builder": () => import("./page-builder.ts"),
  "demo-market": () => import("./demo/main.ts"),
};

/** What the exchange starts as threads of its own. Their first message is their task. */
const THREADS: Readonly<Record<OwnThread, (task: Promise<unknown>) => Promise<unknown>>> = {
  "read-ahead": async (task) => (await import("./read-ahead.ts")).run(await task),
};

const [, , first = ""] = process.argv;
if (!Bun.isMainThread) await THREADS[first as OwnThread](firstMessage());
else if (Object.hasOwn(PARTS, first)) await PARTS[first as OwnPart]();
else await commandLine();

/** Called before the first `await`: a message that comes while nobody listens is lost. */
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

/** The exchange's code is loaded only to run it. The commands that ask a running exchange start faster without it. */
async function serve(options: ServeOptions): Promise<void> {
  const { runServer } = await import("./serve.ts");
  await runServer(options);
}
