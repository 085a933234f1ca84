import { describe, expect, test } from "bun:test";
import {
  countLines,
  findMachinePaths,
  findRegistryHosts,
  isKebabCase,
  LINES_MAX,
} from "./files.ts";
import { findFiles, readFromTop } from "./source.ts";

const inSrc = [...(await findFiles("src/**/*")), ...(await findFiles("packages/*/src/**/*"))];
/** Written by scripts/proto.ts. */
const GENERATED = "packages/client/src/messages.ts";
const committed = [
  ...inSrc,
  ...(await findFiles("{test,bench,scripts,proto,docs,examples,.ci}/**/*")),
  ...(await findFiles("*")).filter((path) => /\.(?:md|json|toml|ts|lock|yml)$|file$/.test(path)),
];

async function findEverywhere(find: (path: string, text: string) => string[]): Promise<string[]> {
  const faults = committed.map(async (path) => find(path, await readFromTop(path)));
  return (await Promise.all(faults)).flat();
}

test("files in src/ are named in kebab-case", () => {
  expect(inSrc.filter((path) => !isKebabCase(path))).toEqual([]);
});

test(`no file in src/ that somebody wrote is longer than ${LINES_MAX} lines`, async () => {
  const written = inSrc.filter((path) => path !== GENERATED);
  const lengths = await Promise.all(
    written.map(async (path) => ({ path, lines: countLines(await readFromTop(path)) })),
  );
  expect(lengths.filter(({ lines }) => lines > LINES_MAX)).toEqual([]);
});

test("no file names a path of one machine", async () => {
  expect(await findEverywhere(findMachinePaths)).toEqual([]);
});

test("no file names a package registry", async () => {
  expect(await findEverywhere(findRegistryHosts)).toEqual([]);
});

describe("a bad sample is found:", () => {
  test("names", () => {
    const names = [
      "src/core/orderBook.ts",
      "src/Core/book.ts",
      "src/core/order_book.ts",
      "src/a-/b.ts",
    ];
    expect(names.filter(isKebabCase)).toEqual([]);
    const good = [
      "src/main.ts",
      "src/core/order-book.ts",
      "src/web/app.d.ts",
      "src/market-data/l2.ts",
    ];
    expect(good.filter(isKebabCase)).toEqual(good);
  });

  test("length", () => {
    expect([countLines("a"), countLines("a\n"), countLines("a\nb")]).toEqual([1, 1, 2]);
  });

  test("paths of a machine", () => {
    const text = [
      ["const a = '", "home", "ann", "exchange';"].join("/"),
      ["see ", "tmp", "build.log"].join("/"),
      "import './home/work/a.ts'; fetch('/api/v1/tmp'); https://example.com/home/x",
      "a volume at /data, the folder ../shared/work/x, src/tmp/y",
    ].join("\n");
    expect(findMachinePaths("notes.md", text)).toEqual([
      `notes.md:1: ${["", "home", "ann"].join("/")}`,
      `notes.md:2: ${["", "tmp", "build.log"].join("/")}`,
    ]);
  });

  test("registries", () => {
    const host = ["registry", "example", "com"].join(".");
    expect(findRegistryHosts("bun.lock", `["a", "https://${host}/a.tgz"]\n["b", ""]`)).toEqual([
      `bun.lock:1: ${host}`,
    ]);
  });
});
