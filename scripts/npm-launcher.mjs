#!/usr/bin/env node
// Runs the exchange on the Bun that its package brings along: `waiver` for whoever has Node and npm.
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Bun itself has tens of megabytes. */
const PLACEHOLDER_BYTES_MAX = 1_000_000;

const { resolve } = createRequire(import.meta.url);
const bun = findBun();
const main = join(dirname(fileURLToPath(import.meta.url)), "dist/main.js");

// The .env file of the folder that it is started in is not meant for it.
const child = spawn(bun, ["--no-env-file", main, ...process.argv.slice(2)], { stdio: "inherit" });
process.on("SIGTERM", () => child.kill("SIGTERM"));
// A terminal tells the exchange as well.
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => undefined);
child.on("error", (error) => {
  console.error(`waiver: ${bun} does not start: ${error.message}`);
  process.exitCode = 1;
});
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 1;
  if (signal !== null) process.stderr.write(`waiver: ended by ${signal}\n`);
});

/**
 * Where the install script of Bun's package puts it; where npm runs no scripts, in the package for this
 * machine.
 */
function findBun() {
  const usual = join(dirname(resolve("bun/package.json")), "bin/bun.exe");
  if (existsSync(usual) && statSync(usual).size > PLACEHOLDER_BYTES_MAX) return usual;
  const arch = process.arch === "arm64" ? "aarch64" : process.arch;
  for (const variant of ["", "-musl"]) {
    try {
      const name = `@oven/bun-${process.platform}-${arch}${variant}/package.json`;
      return join(dirname(resolve(name, { paths: [dirname(usual)] })), "bin/bun");
    } catch {
      // Not installed: it is for another machine.
    }
  }
  return usual;
}
