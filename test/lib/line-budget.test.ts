import { expect, test } from "bun:test";
import { LineBudget } from "../../src/lib/line-budget.ts";

test("so many lines a second are written, and the next one says how many were not", () => {
  let clock = 5;
  const budget = new LineBudget(2, () => clock);
  expect([1, 2, 3, 4].map(() => budget.take())).toEqual([true, true, false, false]);
  clock += 999;
  expect(budget.take()).toBe(false);
  clock += 1;
  expect(budget.take()).toBe(true);
  expect([budget.leftOut(), budget.leftOut()]).toEqual([{ left_out: 3 }, {}]);
});
