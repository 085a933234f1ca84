import { expect, spyOn, test } from "bun:test";
import { encodeLists } from "../../src/lib/json-lists.ts";

const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

test("lists of any length are written as JSON writes them", async () => {
  for (const length of [0, 1, 127, 128, 129, 1000]) {
    const rows = Array.from({ length }, (_, n) => ({ n, text: '"ü\n' }));
    const lists = { rows, none: [], last: rows.slice(0, 1) };
    expect(decode(await encodeLists(lists))).toEqual(lists);
    expect(decode(await encodeLists(lists, { version: 3 }))).toEqual({ version: 3, ...lists });
  }
  expect(decode(await encodeLists({}))).toEqual({});
});

test("rows are made when their turn comes, and others have theirs in between", async () => {
  let made = 0;
  function* rows() {
    for (let n = 0; n < 1000; n++) {
      made++;
      yield { n };
    }
  }
  using turns = spyOn(globalThis, "setImmediate");
  const writing = encodeLists({ rows: rows() });
  expect(made).toBeLessThan(200);
  await writing;
  expect([made, turns.mock.calls.length >= 7]).toEqual([1000, true]);
});
