import { expect, test } from "bun:test";
import { money, NONE, short, whole } from "../../../../src/admin/cli/dashboard/words.ts";

test("a figure that does not fit is rounded, never cut", () => {
  const shares = [0, 12_345, 99_999, 123_456, 2_055_654, 2_147_483_647];
  const shown = shares.map((value) => short(whole(value), value, 6));
  expect(shown).toEqual(["0", "12,345", "99,999", "123.5K", "2.056M", "2.147B"]);
  expect(short(money(12_345_678), 123_456.78, 8)).toBe("123.5K");
  expect(short(NONE, null, 8)).toBe(NONE);
});
