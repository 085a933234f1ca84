import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  averageDollars,
  counted,
  decimal,
  dollars,
  PRICE_MAX,
  parseDollars,
  parseShares,
  percentChange,
  plainDecimal,
  signedDollars,
  steppedPrice,
} from "../../src/web/lib/money.ts";

test("cents are shown as dollars", () => {
  expect([0, 5, 100, 1234567, -5, 9_007_199_254_740_991].map(dollars)).toEqual([
    "$0.00",
    "$0.05",
    "$1.00",
    "$12,345.67",
    "−$0.05",
    "$90,071,992,547,409.91",
  ]);
  expect([1, 0, -1].map(signedDollars)).toEqual(["+$0.01", "$0.00", "−$0.01"]);
  expect([decimal(1234567), plainDecimal(1234567)]).toEqual(["12,345.67", "12345.67"]);
});

test("one share is not called shares", () => {
  expect([0, 1, 1200].map((count) => counted(count, "share"))).toEqual([
    "0 shares",
    "1 share",
    "1,200 shares",
  ]);
});

test("averages have as many decimals as it takes", () => {
  expect([7717, 7717.25, 7717.3333, 0.5, 100.0001].map(averageDollars)).toEqual([
    "$77.17",
    "$77.1725",
    "$77.173333",
    "$0.005",
    "$1.000001",
  ]);
});

test("changes in percent have their sign; without a base there is none", () => {
  const changes = [percentChange(100, 101), percentChange(100, 99), percentChange(100, 100)];
  expect(changes).toEqual(["+1.00%", "−1.00%", "0.00%"]);
  expect(percentChange(0, 100)).toBe("");
});

describe("dollars that are typed", () => {
  const cents = {
    "12": 1200,
    "12.5": 1250,
    ".05": 5,
    "$1,234.50": 123_450,
    " 7. ": 700,
    "＄１２.５": 1250,
  };
  test.each(Object.entries(cents))("%p", (text, value) => {
    expect(parseDollars(text)).toEqual({ value });
  });

  const faults = {
    "": "Enter dollars and cents, such as 12.50",
    "-1": "Enter dollars and cents, such as 12.50",
    "1e3": "Enter dollars and cents, such as 12.50",
    "1,2": "Enter dollars and cents, such as 12.50",
    ".": "Enter dollars and cents, such as 12.50",
    "1.005": "A price has at most two decimals",
    "0.00": "Enter more than zero",
    "21474836.48": "Enter at most $21,474,836.47",
  };
  test.each(Object.entries(faults))("%p is refused", (text, fault) => {
    expect(parseDollars(text)).toEqual({ fault });
  });

  test("a shown amount can be typed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: PRICE_MAX }), (value) => {
        expect(parseDollars(plainDecimal(value))).toEqual({ value });
        expect(parseDollars(dollars(value))).toEqual({ value });
      }),
    );
  });
});

test("a price steps to the next multiple, and no further than prices go", () => {
  expect(steppedPrice(100, 5, true)).toBe(105);
  expect(steppedPrice(101, 5, true)).toBe(105);
  expect(steppedPrice(101, 5, false)).toBe(100);
  expect(steppedPrice(5, 5, false)).toBe(5);
  expect(steppedPrice(PRICE_MAX, 1, true)).toBe(PRICE_MAX);
});

test("typed shares must be whole", () => {
  expect(parseShares(" 1,000 ")).toEqual({ value: 1000 });
  expect(parseShares("１２")).toEqual({ value: 12 });
  expect(["", "0", "1.5", "1,5", "1,00,0", "-1", "2147483648"].map(parseShares)).toEqual([
    { fault: "Enter a whole number of shares" },
    { fault: "Enter at least one share" },
    { fault: "Enter a whole number of shares" },
    { fault: "Enter a whole number of shares" },
    { fault: "Enter a whole number of shares" },
    { fault: "Enter a whole number of shares" },
    { fault: "Enter at most 2,147,483,647 shares" },
  ]);
});
