/** Symbols that shells complete, from a running exchange and where there is none. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AS_OPERATORS_DO } from "./server-process.ts";
import { Venue } from "./venue.ts";
import { waiver } from "./waiver-command.ts";

let venue: Venue;
let dir: string;
/** A ticker, and the options that say which exchange is meant. */
let ticker: string;
let which: string[];

beforeAll(async () => {
  venue = await Venue.open();
  dir = mkdtempSync(join(tmpdir(), "waiver-completion-"));
  which = ["--url", venue.server.url, "--data-dir", venue.dataDir];
  const { symbols } = await venue.server.ask<{ symbols: { ticker: string }[] }>("GET", "/symbols");
  ticker = String(symbols[0]?.ticker);
  await Bun.write(join(dir, "waiver"), `#!/bin/sh\nexec ${AS_OPERATORS_DO.join(" ")} "$@"\n`);
  chmodSync(join(dir, "waiver"), 0o755);
  for (const shell of ["bash", "zsh", "fish"]) {
    await Bun.write(join(dir, shell), (await waiver("completion", shell)).out);
  }
});
afterAll(async () => {
  await venue[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const symbols = (beginning: string, ...options: string[]) =>
  waiver(...options, "completion", "symbols", "--", beginning);

test("completes tickers and symbols in either case", async () => {
  const { out } = await symbols("", ...which);
  const all = out.trimEnd().split("\n");
  expect(all).toContain(ticker);
  const beginning = ticker.slice(0, 3);
  const fitting = all.filter((name) => name.startsWith(beginning));
  for (const typed of [beginning, beginning.toLowerCase()]) {
    const found = (await symbols(typed, ...which)).out.trimEnd().split("\n");
    expect(found.toSorted()).toEqual(fitting.toSorted());
  }
  const byNumber = (await symbols("symbol_", ...which)).out.trimEnd().split("\n");
  expect(byNumber.length).toBe(all.length);
  expect(byNumber.filter((name) => !name.startsWith("SYMBOL_"))).toEqual([]);
  expect(await symbols("NOBODYATALL", ...which)).toEqual({ code: 0, out: "", err: "" });
});

test("completes nothing where no exchange answers at once, or the token is wrong", async () => {
  using silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const at = (port: number) => ["--url", `http://127.0.0.1:${port}`, "--data-dir", venue.dataDir];
  const nothing = { code: 0, out: "", err: "" };
  expect(await symbols("", ...at(1))).toEqual(nothing);
  expect(await symbols("", ...at(silent.port))).toEqual(nothing);
  expect(await symbols("", "--url", venue.server.url, "--token", "wrong")).toEqual(nothing);
  expect(await symbols("", "--url", venue.server.url, "--data-dir", dir)).toEqual(nothing);
  expect(await symbols("x".repeat(500), ...which)).toEqual(nothing);
});

/** What is offered at the end of a line that a shell completes; nothing may be printed beside it. */
const SHELLS: Readonly<Record<string, (words: string[]) => string>> = {
  bash: (words) => {
    const listed = words.map((word) => `'${word}'`).join(" ");
    return `source ./bash; COMP_WORDS=(${listed}); COMP_LINE='${words.join(" ")}'; COMP_CWORD=${words.length - 1}; _waiver; printf '%s\\n' "\${COMPREPLY[@]}"`;
  },
  zsh: (words) => {
    const listed = words.map((word) => `'${word}'`).join(" ");
    const taken = "compdef() { }; compadd() { print -l -- $@ }";
    return `${taken}; source ./zsh; words=(${listed}); CURRENT=${words.length}; _waiver`;
  },
  fish: (words) => `source ./fish; complete -C '${words.join(" ")}'`,
};

for (const [shell, scriptOf] of Object.entries(SHELLS)) {
  test.skipIf(Bun.which(shell) === null)(`${shell} offers them`, async () => {
    const offered = async (...words: string[]): Promise<string[]> => {
      const flags = { bash: ["--norc", "-c"], zsh: ["-f", "-c"], fish: ["--no-config", "-c"] }[
        shell
      ];
      const child = Bun.spawn([shell, ...(flags ?? []), scriptOf(["waiver", ...words])], {
        cwd: dir,
        env: { ...process.env, HOME: dir, PATH: `${dir}:${process.env.PATH}` },
        stderr: "pipe",
      });
      const [out, err] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
      ]);
      expect(err).toBe("");
      return out.split("\n").map((line) => line.split("\t")[0] ?? "");
    };
    const typed = ticker.slice(0, 3);
    expect(await offered(...which, "book", typed)).toContain(ticker);
    expect(await offered(...which, "symbol", "halt", typed)).toContain(ticker);
    expect(await offered(...which, "account", "orders", "acc_1", "--symbol", typed)).toContain(
      ticker,
    );
    expect(await offered(...which, "status", typed)).not.toContain(ticker);
    expect(await offered("--url", "http://127.0.0.1:1", "book", typed)).not.toContain(ticker);
  });
}
