import { expect, test } from "bun:test";
import { OneSidedBooks } from "../../bench/demo/one-sided.ts";

const [some, none] = [[100, 1], null];

test("a book that has had both sides is one-sided from when it loses one until it has it again", () => {
  const books = new OneSidedBooks();
  books.hear({ symbol: "A", bid: some, ask: none }, 0);
  books.hear({ symbol: "A", bid: some, ask: some }, 5);
  books.hear({ symbol: "A", bid: none, ask: some }, 10);
  books.hear({ symbol: "A", bid: some, ask: none }, 20);
  books.hear({ symbol: "A", bid: some, ask: some }, 25);
  books.hear({ symbol: "B", bid: some, ask: some }, 30);
  books.hear({ symbol: "B", bid: none, ask: none }, 40);
  expect(books.built).toBe(2);
  expect(books.spells(60)).toEqual([
    { symbol: "B", ms: 20 },
    { symbol: "A", ms: 15 },
  ]);
});
