import { expect, test } from "bun:test";
import { loopFigures } from "../../../bench/siege/loop-figures.ts";
import type { LoopLine } from "../../../bench/siege/plan.ts";

const line = (at: number, stretches: number[], cpuMs = 0, waitedMs = 0): LoopLine => {
  return { event: "loop", at, wallMs: 100, cpuMs, waitedMs, stretches };
};

test("of the lines of a time: the thread's share, and what it did in one go", () => {
  const lines = [line(100, [50]), line(200, [2, 7], 20), line(300, [3], 10, 50), line(400, [60])];
  const { cpuShare, waitedShare, longestMs } = loopFigures(lines, 150, 300);
  // The second had no processor for half of the time.
  expect(cpuShare).toBeCloseTo(30 / 150);
  expect(waitedShare).toBeCloseTo(50 / 200);
  expect(longestMs).toBe(7);
});

test("the wait of one in a hundred that come at any time", () => {
  // Of 1,000 ms those who come in the first 10 of a stretch of 20 wait longer than 10.
  const second = Array.from({ length: 10 }, (_, n) => line(n * 100, n === 3 ? [20] : []));
  expect(loopFigures(second, 0, 1000).p99Ms).toBe(10);
  // In 5 of the one and 5 of the other.
  const two = Array.from({ length: 10 }, (_, n) => line(n * 100, n < 2 ? [20] : []));
  expect(loopFigures(two, 0, 1000).p99Ms).toBe(15);
  expect(loopFigures([line(0, [1])], 0, 100).p99Ms).toBe(0);
  expect(loopFigures([], 0, 100)).toEqual({
    cpuShare: 0,
    waitedShare: 0,
    longestMs: 0,
    p99Ms: 0,
  });
});
