import { expect, test } from "bun:test";
import {
  bytes,
  money,
  NONE,
  seconds,
  short,
  whole,
} from "../../../../src/admin/cli/dashboard/words.ts";

test("a figure that does not fit is rounded and never cut off", () => {
  const shares = [0, 12_345, 99_999, 123_456, 2_055_654, 2_147_483_647];
  const shown = shares.map((value) => short(whole(value), value, 6));
  expect(shown).toEqual(["0", "12,345", "99,999", "123.5K", "2.056M", "2.147B"]);
  expect(short(money(12_345_678), 123_456.78, 8)).toBe("123.5K");
  expect(short(NONE, null, 8)).toBe(NONE);
});

test("a figure that rounds up to the next unit is shown in that unit", () => {
  const sizes = [0, 1023, 1023.6, 1024, 1024 ** 2 - 1, 1024 ** 3 - 1, 1024 ** 5];
  const told = ["0 B", "1023 B", "1.0 KiB", "1.0 KiB", "1.0 MiB", "1.0 GiB", "1024 TiB"];
  expect(sizes.map(bytes)).toEqual(told);
  const times = [0.000_999_4, 0.000_999_6, 0.001, 0.9994, 0.9996, 1];
  expect(times.map(seconds)).toEqual(["999 µs", "1.00 ms", "1.00 ms", "999 ms", "1 s", "1 s"]);
});
