import { expect, test } from "bun:test";
import { lossOf } from "../../bench/guard/loss.ts";
import { compare } from "../../bench/report/compare.ts";

function comparison(better: "more" | "less", ratio: number, cpuRatio: number | null = null) {
  const heading = { name: "orders", unit: "orders/s", against: "echo", better };
  return compare(heading, [{ figure: ratio, baseline: 1, details: { cpu_ratio: cpuRatio } }]);
}

test("less of what is better with more is a loss, and more of what is better with less", () => {
  expect(lossOf(comparison("more", 0.2), comparison("more", 0.5))).toBe(2.5);
  expect(lossOf(comparison("less", 5), comparison("less", 2))).toBe(2.5);
});

test("the servers' processor time decides where both have it", () => {
  expect(lossOf(comparison("more", 0.1, 0.25), comparison("more", 0.5, 0.5))).toBe(2);
  expect(lossOf(comparison("more", 0.1, null), comparison("more", 0.5, 0.5))).toBe(5);
});

test("what has no baseline has no loss", () => {
  const alone = compare({ name: "start", unit: "ms", against: null, better: "less" }, [
    { figure: 1, baseline: null },
  ]);
  expect(lossOf(alone, alone)).toBe(null);
});

test("a comparison has the medians of its rounds, and of their ratios", () => {
  const heading = { name: "orders", unit: "orders/s", against: "echo", better: "more" } as const;
  const rounds = [
    { figure: 100, baseline: 400, details: { server_cpu: 0.5, ticks_per_s: null } },
    { figure: 300, baseline: 600, details: { server_cpu: 0.9, ticks_per_s: null } },
    { figure: 200, baseline: 2_000, details: { server_cpu: 0.7, ticks_per_s: null } },
  ];
  expect(compare(heading, rounds)).toEqual({
    ...heading,
    figure: 200,
    baseline: 600,
    ratio: 0.25,
    details: { server_cpu: 0.7, ticks_per_s: null },
  });
});
