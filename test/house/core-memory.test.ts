import { describe, expect, test } from "bun:test";
import { findCoreOffsets, findMemoryGivenAway, findRecordOffsets } from "./core-memory.ts";
import { parseSource, readSources } from "./source.ts";

const tree = await readSources("src");

test("no file outside the core imports an offset in its memory", () => {
  expect(tree.flatMap(findCoreOffsets)).toEqual([]);
});

test("offsets in command records are known to those who write and read records", () => {
  expect(tree.flatMap(findRecordOffsets)).toEqual([]);
});

test("the doors of the core give nothing of its memory away", () => {
  const core = tree.filter(({ path }) => /^src\/(?:core|lib)\//.test(path));
  expect(findMemoryGivenAway(core)).toEqual([]);
});

describe("a bad sample is found:", () => {
  test("offsets in the core's memory", () => {
    const text = `import { C_HEAD, EventKind } from "../core/event.ts";
import {
  B_PRICE as PRICE,
  type Events,
  O_ACCOUNT_NEXT,
} from "../core/event.ts";
import * as events from "../core/event.ts";
import { S_OWN } from "./own.ts";
`;
    expect(findCoreOffsets(parseSource("src/records/fills.ts", text))).toEqual([
      "src/records/fills.ts:3: imports B_PRICE, an offset in the core's memory",
      "src/records/fills.ts:5: imports O_ACCOUNT_NEXT, an offset in the core's memory",
      "src/records/fills.ts:7: imports all of a file of the core",
    ]);
    const inside = parseSource("src/core/whistle/stops.ts", 'import { O_BOOK } from "../emit.ts";');
    expect(findCoreOffsets(inside)).toEqual([]);
  });

  test("offsets in command records", () => {
    const text = 'import { C_TEXT_INTS, C_ACTOR, CommandKind } from "../core/command.ts";';
    expect(findRecordOffsets(parseSource("src/gateway/orders.ts", text))).toEqual([
      "src/gateway/orders.ts:1: imports C_ACTOR, an offset in command records",
    ]);
    expect(findRecordOffsets(parseSource("src/router/order-command.ts", text))).toEqual([]);
  });

  test("memory that a door gives away, and no other", () => {
    const view = `import { createArena, type Arena } from "./arena.ts";
export type { Arena };
export interface Core {
  readonly stores: readonly { words: Int32Array }[];
  apply(ints: Int32Array, doubles: Float64Array): void;
}
export class Hash {
  readonly #own = new Float64Array(4);
  private readonly words = new Uint8Array(4);
  digest = (): number => this.#own[0] + this.words[0];
}
export function createView() {
  const arena = createArena();
  return {
    price: (slot: number): number => arena.ints[slot],
    deep: { walk: (): Map<string, Float64Array[]> => new Map() },
    cash: arena.ints.subarray(4),
  };
}
export { lost } from "./lost.ts";
`;
    const arena = `export const createArena = () => ({ ints: new Int32Array(8) });
export type Arena = ReturnType<typeof createArena>;
`;
    const sources = [
      parseSource("src/core/view.ts", view),
      parseSource("src/core/arena.ts", arena),
      parseSource("src/core/parts.ts", "export const words = new Int32Array(8);"),
    ];
    expect(findMemoryGivenAway(sources)).toEqual([
      "src/core/view.ts:12: createView().deep.walk()[][] gives memory away, Float64Array",
      "src/core/view.ts:12: createView().cash gives memory away, Int32Array",
      "src/core/view.ts:2: Arena.ints gives memory away, Int32Array",
      "src/core/view.ts:20: lost has no type: it could be anything",
    ]);
  });
});
