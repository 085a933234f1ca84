import { expect, test } from "bun:test";
import { Histogram } from "../../src/analytics/histogram.ts";

test("each value counts for the bounds that it does not exceed", () => {
  const histogram = new Histogram([1, 10]);
  for (const value of [0.5, 1, 2, 10, 11]) histogram.observe(value);
  expect(histogram.read()).toEqual({ upTo: [2, 4], count: 5, sum: 24.5 });
});

test("one observation may stand for many values", () => {
  const histogram = new Histogram([1, 10]);
  histogram.observe(2, 3);
  histogram.observe(20, 0.5);
  expect(histogram.read()).toEqual({ upTo: [0, 3], count: 3.5, sum: 16 });
});
