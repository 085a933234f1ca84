import { expect, test } from "bun:test";
import { LineBudget } from "../../src/lib/line-budget.ts";

test("a limited number of lines a second is written, and the next line says how many were left out", () => {
  let clock = 5;
  const budget = new LineBudget(2, () => clock);
  expect([1, 2, 3, 4].map(() => budget.take())).toEqual([true, true, false, false]);
  clock += 999;
  expect(budget.take()).toBe(false);
  clock += 1;
  expect(budget.take()).toBe(true);
  expect([budget.leftOut(), budget.leftOut()]).toEqual([{ left_out: 3 }, {}]);
});
