import { describe, expect, test } from "bun:test";
import {
  findCommentedOutCode,
  findDebugOutput,
  findPutOffWork,
  findSleeps,
  findUnflushedWrites,
  findUnrunTests,
} from "./leftovers.ts";
import { parseSource, readSources } from "./source.ts";

const src = await readSources("src", "packages/client/src");
const tests = await readSources("test");
const everything = [...src, ...tests, ...(await readSources("bench", "scripts"))];

test("src/ leaves no debug output; the command line may print", () => {
  const silent = src.filter(({ path }) => !path.startsWith("src/admin/cli/"));
  expect(silent.flatMap(findDebugOutput)).toEqual([]);
});

test("src/ flushes what it writes into files", () => {
  expect(src.flatMap(findUnflushedWrites)).toEqual([]);
});

test("every test runs, unless a condition says otherwise", () => {
  expect(tests.flatMap(findUnrunTests)).toEqual([]);
});

test("tests wait for conditions, not for time", () => {
  expect(tests.flatMap(findSleeps)).toEqual([]);
});

test("no comment puts work off", () => {
  expect(everything.flatMap(findPutOffWork)).toEqual([]);
});

test("no code stands in comments", () => {
  expect(everything.flatMap(findCommentedOutCode)).toEqual([]);
});

describe("a bad sample is found:", () => {
  test("a file that is not flushed", () => {
    const source = parseSource(
      "src/core/sample.ts",
      'writeFileSync(path, token);\nBun.write(Bun.stdout, text);\nawait Bun.write(mark, "");\nappendFile(log, line);',
    );
    expect(findUnflushedWrites(source)).toEqual([
      "src/core/sample.ts:1: writeFileSync does not flush",
      "src/core/sample.ts:3: Bun.write does not flush",
      "src/core/sample.ts:4: appendFile does not flush",
    ]);
  });

  test("debug output", () => {
    const source = parseSource(
      "src/core/sample.ts",
      `console.log("here");
debugger;
const words = "console.log and debugger";
// console.log in a comment
const shown = { console: { log: 1 } };
`,
    );
    expect(findDebugOutput(source)).toEqual([
      "src/core/sample.ts:1: console.log",
      "src/core/sample.ts:2: debugger",
    ]);
  });

  test("tests that do not run", () => {
    const source = parseSource(
      "test/sample.test.ts",
      `test.only("a", () => {});
describe.skip("b", () => {});
test.skip.each([1])("c", () => {});
it.todo("d");
test.skipIf(noData)("e", () => {});
(noData ? test.skip : test)("f", () => {});
test.each([1])("g", () => {});
`,
    );
    expect(findUnrunTests(source)).toEqual([
      "test/sample.test.ts:1: test.only",
      "test/sample.test.ts:2: describe.skip",
      "test/sample.test.ts:3: test.skip.each",
      "test/sample.test.ts:4: it.todo",
    ]);
  });

  test("sleeps", () => {
    const source = parseSource(
      "test/sample.test.ts",
      `await Bun.sleep(10);
await new Promise((resolve) => setTimeout(resolve, 10));
await new Promise<void>((done) => { setTimeout(() => done(), 10); });
import { setTimeout as wait } from "node:timers/promises";
await new Promise((_resolve, reject) => setTimeout(() => reject(new Error("late")), 5000));
const guard = setTimeout(stop, 5000);
`,
    );
    expect(findSleeps(source)).toEqual([
      "test/sample.test.ts:4: waits for time with node:timers/promises",
      "test/sample.test.ts:1: waits for time with Bun.sleep",
      "test/sample.test.ts:2: waits for time with setTimeout",
      "test/sample.test.ts:3: waits for time with setTimeout",
    ]);
  });

  test("work put off", () => {
    const source = parseSource(
      "src/core/sample.ts",
      ["// TO", "DO: later\n/** Does it.\n * FIX", "ME */\nconst TO", 'DO = "FIX', 'ME";\n'].join(
        "",
      ),
    );
    expect(findPutOffWork(source)).toEqual([
      `src/core/sample.ts:1: ${"TO"}${"DO"}`,
      `src/core/sample.ts:3: ${"FIX"}${"ME"}`,
    ]);
  });

  test("code in comments", () => {
    const source = parseSource(
      "src/core/sample.ts",
      `// const depth = book.depth();
// The level is empty; the bit goes.
function settle(): void {
  // ledger.settle(fill);
  // }
}
/* was:
   if (crossed) {
     return;
   } */
const kept = 1; // total += fee;
// if the ring is full, the client hears 50300 (proto/errors.md)
/**
 * const example = settle();
 */
const text = "// return;";
`,
    );
    expect(findCommentedOutCode(source)).toEqual([
      "src/core/sample.ts:1: code in a comment: const depth = book.depth();",
      "src/core/sample.ts:4: code in a comment: ledger.settle(fill);",
      "src/core/sample.ts:5: code in a comment: }",
      "src/core/sample.ts:7: code in a comment: if (crossed) {",
      "src/core/sample.ts:11: code in a comment: total += fee;",
    ]);
  });
});
