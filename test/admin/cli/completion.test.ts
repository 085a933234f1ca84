/** The completion scripts in the shells that they are for; zsh and fish where they are installed. */
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runHere } from "./run-here.ts";

const dir = mkdtempSync(join(tmpdir(), "completion-"));

beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, out, err } = await runHere(["completion", shell]);
    expect({ shell, code, err }).toEqual({ shell, code: 0, err: "" });
    await Bun.write(join(dir, shell), out);
  }
  await Bun.write(join(dir, "waiver.toml"), "");
});

/** What a shell's script prints. */
async function linesOf(command: string[]): Promise<string[]> {
  const child = Bun.spawn(command, {
    cwd: dir,
    env: { ...process.env, HOME: dir },
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  expect({ command, code, err }).toEqual({ command, code: 0, err: "" });
  return out.trim() === "" ? [] : out.trim().split("\n");
}

const listed = (words: readonly string[]): string =>
  ["waiver", ...words].map((word) => `'${word}'`).join(" ");

/** What bash offers where the last of these words stands. */
function offered(...words: string[]): Promise<string[]> {
  const script = `source ./bash; COMP_WORDS=(${listed(words)}); COMP_CWORD=${words.length}; _waiver; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return linesOf(["bash", "--norc", "-c", script]);
}

const BASH: readonly [words: string[], offered: string[]][] = [
  [["sy"], ["symbol"]],
  [["symbol", "ha"], ["halt"]],
  [["symbol", "halt", "--te"], ["--team"]],
  [["--json", "user", "cr"], ["create"]],
  // The value of an option is no command, though it is called like one.
  [["user", "create", "--name", "user", "--ca"], ["--cash"]],
  [["user", "create", "--name", ""], []],
  [
    ["admin-token", "create", "--role", ""],
    ["read", "operate", "money"],
  ],
  [
    ["candles", "mahomes", "--interval", "1"],
    ["1m", "15m", "1h", "1d"],
  ],
  [["serve", "--config", "wai"], ["waiver.toml"]],
  [["nonsense", "--ur"], ["--url"]],
];

test.each(BASH)("bash: waiver %j", async (words, expected) => {
  expect(await offered(...words)).toEqual(expected);
});

test("bash offers commands and options of the program, and then of the command", async () => {
  expect(await offered("")).toEqual(expect.arrayContaining(["serve", "audit", "--url", "--help"]));
  const options = await offered("symbol", "halt", "");
  expect(options).toEqual(expect.arrayContaining(["--all", "--yes", "--url", "--json"]));
  expect(options).not.toContain("serve");
});

/** The words before the one that is completed; zsh and fish look themselves which of those offered fit it. */
const OTHERS: readonly [words: string[], among: string[]][] = [
  [[], ["serve", "symbol", "audit"]],
  [["symbol"], ["halt", "bands"]],
  [
    ["--json", "user"],
    ["create", "limits"],
  ],
  [
    ["admin-token", "create", "--role"],
    ["read", "operate", "money"],
  ],
];

test("fish's descriptions end before the text in brackets", async () => {
  const script = await Bun.file(join(dir, "fish")).text();
  const descriptions = [...script.matchAll(/ -d '(.+)'$/gm)].map(([, text = ""]) => text);
  expect(descriptions).toContain("how many");
  expect(descriptions).toContain("Runs the exchange until it is told to stop");
  expect(descriptions.filter((text) => text.includes("("))).toEqual([]);
});

describe.skipIf(Bun.which("zsh") === null)("zsh", () => {
  test.each(OTHERS)("offers after waiver %j", async (words, among) => {
    // What zsh's own completion would take in is printed.
    const taken = "compdef() { }; compadd() { shift; print -l -- $@ }";
    const at = `words=(${listed(words)} ''); CURRENT=${words.length + 2}`;
    const script = `${taken}; source ./zsh; ${at}; _waiver`;
    expect(await linesOf(["zsh", "-f", "-c", script])).toEqual(expect.arrayContaining(among));
  });
});

test("fish describes an option and its values separately", async () => {
  const script = await Bun.file(join(dir, "fish")).text();
  const rows = script.split("\n").filter((row) => row.includes(" -x -a "));
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    const [, values = "", description = ""] = / -a '([^']*)' -d '([^']*)'$/.exec(row) ?? [];
    expect([row, values.split(" ").includes(description)]).toEqual([row, false]);
  }
});

describe.skipIf(Bun.which("fish") === null)("fish", () => {
  test.each(OTHERS)("offers after waiver %j", async (words, among) => {
    const script = `source ./fish; complete -C 'waiver ${words.join(" ")} '`;
    const lines = await linesOf(["fish", "--no-config", "-c", script]);
    expect(lines.map((line) => line.split("\t")[0])).toEqual(expect.arrayContaining(among));
  });
});
