import { expect, test } from "bun:test";
import { ITEMS_MAX, lastListItems, listItems } from "../../../src/gateway/http/header-list.ts";

test("the items of a list have no blanks around them", () => {
  expect(listItems(null)).toEqual([]);
  expect(listItems("")).toEqual([""]);
  expect(listItems(" a ,b;c,, d")).toEqual(["a", "b;c", "", "d"]);
  expect(listItems("a ; b", ";")).toEqual(["a", "b"]);
});

test("a list with very many items is cut to the first ones", () => {
  const items = Array.from({ length: 5000 }, (_, n) => `i${n}`);
  expect(listItems(items.join(", "))).toEqual(items.slice(0, ITEMS_MAX));
});

test.each([
  ["a,b , c", 5, ["a", "b", "c"]],
  ["a,b , c", 3, ["a", "b", "c"]],
  ["a,b , c", 2, ["b", "c"]],
  ["a,b , c", 1, ["c"]],
  ["", 3, [""]],
  [",", 3, ["", ""]],
  [",,", 2, ["", ""]],
  [",a", 3, ["", "a"]],
])("of %j the last %d items are %j", (header, count, items) => {
  expect(lastListItems(header, count)).toEqual(items);
});

test("a missing header has no items", () => {
  expect(lastListItems(null, 3)).toBeNull();
});
