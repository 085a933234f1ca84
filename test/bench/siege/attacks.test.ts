import { expect, test } from "bun:test";
import { ATTACKS } from "../../../bench/siege/attacks.ts";

test("every attack has a name of its own and says in a sentence what it does", () => {
  const names = ATTACKS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
  expect(ATTACKS.filter(({ about }) => !/^[A-Z0-9].*\.$/.test(about))).toEqual([]);
});

test("every section that a socket can attack is there", () => {
  expect([...new Set(ATTACKS.map(({ section }) => section))]).toEqual([1, 5, 2, 3, 6, 7]);
});
