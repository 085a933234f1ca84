import { expect, test } from "bun:test";
import { paysMoreThanItTakes } from "../../src/lib/fee-balance.ts";

test("a rebate may be as large as the fee that it is paid from, and no larger", () => {
  const pairs: [number, number][] = [
    [0, 0],
    [-10, 10],
    [-11, 10],
    [-1, 0],
    [5, 0],
    [5, -5],
    [5, -6],
  ];
  expect(pairs.map(([maker, taker]) => paysMoreThanItTakes(maker, taker))).toEqual([
    false,
    false,
    true,
    true,
    false,
    false,
    true,
  ]);
});
