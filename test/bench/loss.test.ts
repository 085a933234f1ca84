import { describe, expect, test } from "bun:test";
import { lastingLosses, lossOf } from "../../bench/guard/loss.ts";
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

describe("what is measured again while it is out of bounds", () => {
  /** Ratios of the measurements of two comparisons, which were 1 when they were recorded. */
  async function lost(...ratios: [orders: number, books: number][]) {
    const named = (name: string, ratio: number) => ({ ...comparison("more", ratio), name });
    const recorded = new Map(["orders", "books"].map((name) => [name, named(name, 1)]));
    let measured = 0;
    const measure = async (attempt: number) => {
      expect(attempt).toBe(measured++);
      const [orders, books] = ratios[attempt] as [number, number];
      return [named("orders", orders), named("books", books), named("new", 0.001)];
    };
    const losses = await lastingLosses(measure, recorded, { lossMax: 2, triesMax: 4 });
    return { measured, lost: losses.map(({ comparison, loss }) => [comparison.name, loss]) };
  }

  test("once is enough where nothing is lost", async () => {
    expect(await lost([0.5, 1])).toEqual({ measured: 1, lost: [] });
  });

  test("noise that comes and goes is no loss, whichever comparison it meets", async () => {
    expect(await lost([0.1, 1], [1, 0.1])).toEqual({ measured: 2, lost: [] });
    expect(await lost([0.1, 0.1], [0.1, 0.1], [0.1, 0.1], [0.6, 0.6])).toEqual({
      measured: 4,
      lost: [],
    });
  });

  test("a loss that stays is told as its smallest", async () => {
    const told = { measured: 4, lost: [["orders", 2.5]] };
    expect(await lost([0.2, 1], [0.4, 1], [0.1, 1], [0.25, 1])).toEqual(told);
  });
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
