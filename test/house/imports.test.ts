import { describe, expect, test } from "bun:test";
import { findIdleDoors, findWrongImports, importsOf, reachedFrom } from "./imports.ts";
import { doorsOf, ROOMS, roomsOpenTo } from "./rooms.ts";
import { parseSource, readSources } from "./source.ts";

const tree = await readSources("src");

test("imports in src/ point downwards only, and enter other rooms by their doors", () => {
  expect(tree.flatMap(findWrongImports)).toEqual([]);
});

test("every door is there, and somebody enters by it", () => {
  expect(findIdleDoors(tree, ROOMS)).toEqual([]);
});

test("every kind of import is seen, and no other text", () => {
  const source = parseSource(
    "src/core/sample.ts",
    `import "./a.ts";
import type { B } from "./b.ts";
import { type C, d } from "./c.ts";
export * from "./e.ts";
export type { F } from "./f.ts";
const g = await import("./g.ts");
const h = require("./h.ts");
type I = import("./i.ts").I;
new Worker(new URL("./j.ts", import.meta.url));
new URL("./not-k.ts", "http://localhost");
// import "./not-l.ts";
const m = 'import "./not-m.ts"';
`,
  );
  expect(importsOf(source).map(({ specifier }) => specifier)).toEqual(
    ["a", "b", "c", "e", "f", "g", "h", "i", "j"].map((name) => `./${name}.ts`),
  );
});

describe("a wrong import is found:", () => {
  const cases: [what: string, path: string, text: string, faults: string[]][] = [
    [
      "upwards",
      "src/persistence/wal/segment.ts",
      'import { place } from "../../router/place.ts";',
      ['src/persistence/wal/segment.ts:1: persistence may not import "../../router/place.ts"'],
    ],
    [
      "upwards, of a type",
      "src/config/limits.ts",
      '\nimport type { Book } from "../core/book.ts";',
      ['src/config/limits.ts:2: config may not import "../core/book.ts"'],
    ],
    [
      "to a neighbour on the same floor",
      "src/gateway/server.ts",
      'import { routes } from "../admin/routes.ts";',
      ['src/gateway/server.ts:1: gateway may not import "../admin/routes.ts"'],
    ],
    [
      "downwards, where less is open",
      "src/core/apply.ts",
      'import { PORT } from "../config/config.ts";',
      ['src/core/apply.ts:1: core may not import "../config/config.ts"'],
    ],
    [
      "of a package, where none is open",
      "src/core/apply.ts",
      'import "valibot"; import "node:fs"; import "bun";',
      [
        'src/core/apply.ts:1: core may not import "valibot"',
        'src/core/apply.ts:1: core may not import "node:fs"',
        'src/core/apply.ts:1: core may not import "bun"',
      ],
    ],
    [
      "out of src/",
      "src/gateway/server.ts",
      'import { names } from "../../test/names.ts"; import version from "../../package.json";',
      ['src/gateway/server.ts:1: gateway may not import "../../test/names.ts"'],
    ],
    [
      "of a file that is no door",
      "src/records/fills.ts",
      'import { createView } from "../core/view.ts"; import type { O } from "../core/whistle/order-arena.ts";',
      ['src/records/fills.ts:1: "../core/whistle/order-arena.ts" is not a door of core'],
    ],
    [
      "by a file in no room",
      "src/helpers/misc.ts",
      "",
      ["src/helpers/misc.ts: stands in no room of test/house/rooms.ts"],
    ],
  ];
  test.each(cases)("%s", (_what, path, text, faults) => {
    expect(findWrongImports(parseSource(path, text))).toEqual(faults);
  });
});

test("a door that nobody outside enters by is found", () => {
  const names = doorsOf("analytics").map((path) => path.replace("src/analytics/", ""));
  const importing = (from: string) => names.map((name) => `import "${from}${name}";`).join("\n");
  const inside = parseSource("src/analytics/gauges.ts", importing("./"));
  const outside = parseSource("src/gateway/health.ts", importing("../analytics/"));
  expect(names).toContain("metrics.ts");
  expect(findIdleDoors([inside], ["analytics", "main.ts"])).toEqual(
    names.map((name) => `src/analytics/${name}: nobody outside analytics imports this door`),
  );
  expect(findIdleDoors([inside, outside], ["analytics", "main.ts"])).toEqual([]);
});

test("reachedFrom follows imports to the end, through cycles", () => {
  const sources = [
    parseSource("src/core/apply.ts", 'import "../lib/ring.ts";'),
    parseSource("src/lib/ring.ts", 'import type { Bits } from "./bits.ts";'),
    parseSource("src/lib/bits.ts", 'import "./ring.ts";'),
    parseSource("src/lib/clock.ts", ""),
  ];
  expect(reachedFrom(sources, ["src/core/"]).map(({ path }) => path)).toEqual([
    "src/core/apply.ts",
    "src/lib/ring.ts",
    "src/lib/bits.ts",
  ]);
});

test("what is open to a room is open to the rooms above it, but for those kept apart", () => {
  const rooms = ROOMS.map((room) => [room, roomsOpenTo(room)] as const);
  expect(Object.fromEntries(rooms)).toMatchObject({
    "main.ts": ROOMS,
    web: ["web", "protocol"],
    persistence: ["persistence", "core", "protocol", "host", "config", "lib"],
    core: ["core", "lib"],
    protocol: ["protocol", "lib"],
    lib: ["lib"],
  });
});
