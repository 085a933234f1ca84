import { expect, test } from "bun:test";
import { MetricsText, quantile } from "../../../../src/admin/cli/dashboard/metrics-text.ts";
import { Readings } from "../../../../src/admin/cli/dashboard/readings.ts";
import { fit, money, percent, seconds } from "../../../../src/admin/cli/dashboard/words.ts";

const TEXT = `# HELP size Of something
# TYPE size histogram
size_bucket{le="1"} 10
size_bucket{le="4"} 30
size_bucket{le="+Inf"} 40
size_sum 99
size_count 40
errors_total{code="40001"} 3
errors_total{code="odd \\"one\\"\\n"} 4
`;

test("reads series, sums and labels", () => {
  const metrics = new MetricsText(TEXT);
  expect(metrics.value("size_count")).toBe(40);
  expect(metrics.value("errors_total")).toBe(7);
  expect(metrics.value("errors_total", { code: "40001" })).toBe(3);
  expect(metrics.value("nothing")).toBeUndefined();
  expect(metrics.by("errors_total", "code")).toEqual([
    ["40001", 3],
    ['odd "one"\n', 4],
  ]);
  expect(metrics.buckets("size")).toEqual([
    [1, 10],
    [4, 30],
    [Number.POSITIVE_INFINITY, 40],
  ]);
});

test("percentiles lie within their bucket, and cover the time between two readings", () => {
  const buckets = new MetricsText(TEXT).buckets("size");
  expect(quantile(0.25, buckets)).toBe(1);
  expect(quantile(0.5, buckets)).toBe(2.5);
  expect(quantile(0.99, buckets)).toBe(4);
  expect(quantile(0.5, buckets, buckets)).toBeNull();
  const before: [number, number][] = [
    [1, 10],
    [4, 10],
    [Number.POSITIVE_INFINITY, 10],
  ];
  expect(quantile(0.5, buckets, before)).toBe(3.25);
});

test("rates need two readings, and are not computed across a restart", () => {
  const readings = new Readings();
  const text = (count: number) => `waiver_requests_total ${count}\n`;
  expect(readings.rate("waiver_requests_total")).toBeNull();
  readings.add(text(100), 1_000);
  expect(readings.rate("waiver_requests_total")).toBeNull();
  readings.add(text(300), 3_000);
  expect(readings.rate("waiver_requests_total")).toBe(100);
  readings.add(text(5), 4_000);
  expect(readings.rate("waiver_requests_total")).toBeNull();
  readings.add(text(7), 5_000);
  expect(readings.rates("waiver_requests_total", 9)).toEqual([2]);
});

test("text is padded to the requested width and has no terminal control characters", () => {
  expect(fit("a\u001b[2Jb\n", 8)).toBe("a [2Jb  ");
  expect(fit("Ja’Marr Chase", 6)).toBe("Ja’Ma…");
  expect(fit("日本", 3)).toBe("日…");
  expect(fit("7", 3, "right")).toBe("  7");
  expect([money(123_450), money(-5), money(null)]).toEqual(["1,234.50", "-0.05", "–"]);
  expect([seconds(0.00005), seconds(0.0123), seconds(90), seconds(7200)]).toEqual([
    "50 µs",
    "12.3 ms",
    "90 s",
    "2 h",
  ]);
  expect([percent(0), percent(0.0002), percent(0.034), percent(1)]).toEqual([
    "0%",
    "<0.1%",
    "3.4%",
    "100%",
  ]);
});
