import { describe, expect, test } from "bun:test";
import { importsOf, reachedFrom } from "./imports.ts";
import { findAsync, findNames } from "./names.ts";
import { faultAt, parseSource, readSources, type Source } from "./source.ts";

const tree = await readSources("src");
const client = await readSources("packages/client/src");

/** What a journal replayed elsewhere, at another time, would not find the same. */
const UNREPEATABLE = new Set([
  ...["Date", "performance", "Math.random", "crypto", "Intl"],
  ...["process", "Bun", "globalThis", "import.meta", "console"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "Promise", "Worker"],
  ...["fetch", "WebSocket"],
]);

/** What a browser does not have. */
const SERVER_ONLY = new Set(["Bun", "process", "Buffer", "require", "__dirname", "__filename"]);

const ENVIRONMENT = new Set(["process.env", "Bun.env"]);

function findServerModules(source: Source): string[] {
  return importsOf(source)
    .filter(({ specifier }) => /^(?:node:|bun(?::|$))/.test(specifier))
    .map(({ specifier, position }) => faultAt(source, position, `imports ${specifier}`));
}

function readsEnvironmentRightly(source: Source): boolean {
  return source.path.startsWith("src/config/") || source.path === "src/admin/cli/environment.ts";
}

describe("core/ and what it imports", () => {
  const blind = reachedFrom(tree, ["src/core/"]);

  test("name no clock, randomness, I/O or runtime", () => {
    expect(blind.flatMap((source) => findNames(source, UNREPEATABLE))).toEqual([]);
    expect(blind.flatMap(findServerModules)).toEqual([]);
  });

  test("are synchronous", () => {
    expect(blind.flatMap(findAsync)).toEqual([]);
  });
});

test("protocol/, the client package and what they import name nothing that browsers lack", () => {
  const shared = [...reachedFrom(tree, ["src/protocol/"]), ...client];
  expect(client.length).toBeGreaterThan(10);
  expect(shared.flatMap((source) => findNames(source, SERVER_ONLY))).toEqual([]);
  expect(shared.flatMap(findServerModules)).toEqual([]);
});

test("the environment is read in config/ and by the command line only", () => {
  const others = tree.filter((source) => !readsEnvironmentRightly(source));
  expect(others.flatMap((source) => findNames(source, ENVIRONMENT))).toEqual([]);
});

describe("a bad sample is found:", () => {
  const source = parseSource(
    "src/core/sample.ts",
    `import { readFileSync } from "node:fs";
import { sql } from "bun";
import { Database } from "bun:sqlite";
// Date, Math.random and process in a comment are words.
const words = "Date Bun.env";
const at = Date.now() + performance.now() + Math.random();
const home = process.env.HOME ?? Bun.env.HOME;
const later: Promise<void> = new Promise((resolve) => setTimeout(resolve, 1));
const clock = { Date: 1, process: 2 };
const same = clock.Date + clock.process + Math.max(1, 2);
interface Clock { Date: number; fetch(): void }
const here = import.meta.url;
async function wait() { await later; for await (const x of []) x; }
const arrow = async () => 1;
`,
  );

  test("names", () => {
    expect(findNames(source, UNREPEATABLE)).toEqual([
      "src/core/sample.ts:6: names Date",
      "src/core/sample.ts:6: names performance",
      "src/core/sample.ts:6: names Math.random",
      "src/core/sample.ts:7: names process",
      "src/core/sample.ts:7: names Bun",
      "src/core/sample.ts:8: names Promise",
      "src/core/sample.ts:8: names Promise",
      "src/core/sample.ts:8: names setTimeout",
      "src/core/sample.ts:12: names import.meta",
    ]);
    expect(findNames(source, ENVIRONMENT)).toEqual([
      "src/core/sample.ts:7: names process.env",
      "src/core/sample.ts:7: names Bun.env",
    ]);
    expect(findNames(source, SERVER_ONLY)).toEqual([
      "src/core/sample.ts:7: names process",
      "src/core/sample.ts:7: names Bun",
    ]);
  });

  test("async and await", () => {
    expect(findAsync(source)).toEqual([
      "src/core/sample.ts:13: is asynchronous",
      "src/core/sample.ts:13: is asynchronous",
      "src/core/sample.ts:13: is asynchronous",
      "src/core/sample.ts:14: is asynchronous",
    ]);
  });

  test("modules of the server's runtime", () => {
    expect(findServerModules(source)).toEqual([
      "src/core/sample.ts:1: imports node:fs",
      "src/core/sample.ts:2: imports bun",
      "src/core/sample.ts:3: imports bun:sqlite",
    ]);
  });

  test("the environment read in another room", () => {
    const paths = ["src/config/load.ts", "src/admin/cli/environment.ts", "src/gateway/server.ts"];
    const allowed = paths.map((path) => readsEnvironmentRightly(parseSource(path, "")));
    expect(allowed).toEqual([true, true, false]);
  });
});
