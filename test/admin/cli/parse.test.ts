import { expect, test } from "bun:test";
import { collectPosition, timeOf } from "../../../src/admin/cli/parse.ts";

test.each([
  ["2027-01-31", "2027-01-31T00:00:00.000Z"],
  ["2028-02-29", "2028-02-29T00:00:00.000Z"],
  ["2027-01-31T18:00", "2027-01-31T18:00:00.000Z"],
  ["2027-01-31T18:00:05Z", "2027-01-31T18:00:05.000Z"],
  ["2027-01-31T18:00:05.250+02:00", "2027-01-31T16:00:05.250Z"],
  ["2027-01-31 18:00:05 UTC", "2027-01-31T18:00:05.000Z"],
])("%s is a moment wherever it is typed: %s", (text, moment) => {
  expect(timeOf(text)).toBe(Date.parse(moment));
});

test.each([
  "2027-02-29",
  "2027-02-30T06:00:00Z",
  "2027-13-01",
  "2027-1-31",
  "2027-01-31T25:00Z",
  "2027-01-31T06",
  "2027-01-31 06:00 PM",
  "2027-01-31 (about)",
  "",
])("%p is no date", (text) => {
  expect(timeOf(text)).toBeNull();
});

test("a player may have the name of a built-in object member", () => {
  expect(collectPosition("constructor=5", { mahomes: 1 })).toEqual({ mahomes: 1, constructor: 5 });
  expect(() => collectPosition("mahomes=5", { mahomes: 1 })).toThrow("mahomes is given twice.");
});
