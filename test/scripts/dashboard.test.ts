/** The picture of the dashboard: its units, its axes, and what it draws. */
import { expect, test } from "bun:test";
import { type Dashboard, legendOf, substitute } from "../../scripts/dashboard/dashboard.ts";
import { drawDashboard } from "../../scripts/dashboard/draw.ts";
import { axisMarks, formatValue } from "../../scripts/dashboard/units.ts";

test.each([
  ["s", 0, "0 s"],
  ["s", 0.000_25, "250 µs"],
  ["s", 0.0021, "2.1 ms"],
  ["s", 90, "1.5 min"],
  ["bytes", 1536, "1.5 KiB"],
  ["bytes", 3 * 1024 ** 3, "3 GiB"],
  ["Bps", 2_500_000, "2.5 MB/s"],
  ["ops", 1234.5, "1.23 K ops/s"],
  ["percentunit", 0.125, "12.5%"],
  ["short", 2_000_000, "2 Mil"],
] as const)("%s of %d is %s", (unit, value, shown) => {
  expect(formatValue(unit, value)).toBe(shown);
});

test.each([
  ["short", 0, [0, 1]],
  ["bytes", 0, [0, 1]],
  ["short", 7, [0, 2, 4, 6, 8]],
  ["ops", 4000, [0, 1000, 2000, 3000, 4000]],
  ["s", 0.003, [0, 0.001, 0.002, 0.003]],
  ["s", 170, [0, 60, 120, 180]],
  ["bytes", 3 * 1024 ** 2, [0, 1, 2, 3].map((mebi) => mebi * 1024 ** 2)],
] as const)("an axis of %s up to %d", (unit, highest, marks) => {
  const made = axisMarks(unit, highest);
  expect(made.length).toBe(marks.length);
  for (const [index, mark] of marks.entries()) expect(made[index]).toBeCloseTo(mark, 9);
});

test("an expression and a legend get what Grafana puts in", () => {
  expect(substitute("rate(a[$__rate_interval]) / rate(b[$__rate_interval])", "8s")).toBe(
    "rate(a[8s]) / rate(b[8s])",
  );
  expect(legendOf("{{stage}} of {{ job }}", { stage: "match", job: "waiver" })).toBe(
    "match of waiver",
  );
});

test("a panel has its title, its unit, its legend and its line; one without numbers says so", () => {
  const panel = {
    gridPos: { x: 0, y: 0, w: 12, h: 8 },
    fieldConfig: { defaults: { unit: "s" } },
    targets: [],
  };
  const dashboard: Dashboard = {
    title: "All",
    panels: [
      { ...panel, title: "Late & <slow>" },
      { ...panel, title: "Nothing" },
    ],
  };
  const [first, second] = dashboard.panels;
  if (first === undefined || second === undefined) throw new Error("no panels");
  const gap = [
    [0, 0.001],
    [1, Number.NaN],
    [2, 0.002],
    [3, 0.002],
  ] as const;
  const series = new Map([
    [first, [{ name: "p50", points: gap }]],
    [second, [{ name: "p50", points: [[0, Number.NaN]] as const }]],
  ]);
  const { svg } = drawDashboard(dashboard, series, { from: 0, to: 3 }, 800);
  for (const part of [">Late &amp; &lt;slow&gt;<", ">2 ms<", ">p50<", ">Nothing<"]) {
    expect(svg).toContain(part);
  }
  expect(svg.match(/<polyline/g)?.length).toBe(2);
  expect(svg.match(/>No data</g)?.length).toBe(1);
});
