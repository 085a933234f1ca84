import { expect, test } from "bun:test";
import { buy, cancel, formatCommands, note } from "../command-builder.ts";
import { minimise } from "./minimise.ts";

const numbers = Array.from({ length: 1_000 }, (_, i) => i);

test("items that are not needed for the failure are removed", () => {
  const fails = (list: readonly number[]) => [17, 500, 999].every((each) => list.includes(each));
  expect(minimise(numbers, fails)).toEqual([17, 500, 999]);
});

test("items that fail only together stay together", () => {
  const fails = (list: readonly number[]) => list.length >= 7;
  expect(minimise(numbers, fails)).toHaveLength(7);
});

test("after enough tries it returns the shortest list that still fails", () => {
  const tried: number[] = [];
  const fails = (list: readonly number[]) => {
    tried.push(list.length);
    return list.includes(999);
  };
  expect(minimise(numbers, fails, 700)).toEqual(numbers.slice(750));
  expect(tried).toEqual([500, 0, 250]);
});

test("the remaining commands are printed as the calls that build them", () => {
  const order = buy({ account: 1, price: 100, quantity: 5 });
  const text = formatCommands([note({ text: "a" }), order, cancel({ account: 1, of: order })]);
  expect(text).toBe(
    [
      "const order1 = buy({ account: 1, price: 100, quantity: 5 });",
      "[",
      '  note({ text: "a" }),',
      "  order1,",
      "  cancel({ account: 1, of: order1 }),",
      "]",
    ].join("\n"),
  );
});
