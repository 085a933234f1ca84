import { expect, test } from "bun:test";
import { errorsSince, readErrorCounts } from "../../../bench/siege/error-counts.ts";

test("errors are read from the metrics by code, and what was added is told", () => {
  const text = [
    "# TYPE waiver_errors_total counter",
    'waiver_errors_total{code="40001"} 5',
    'waiver_errors_total{code="42902"} 7',
    "waiver_orders_total 9",
  ].join("\n");
  const after = readErrorCounts(text);
  expect(after).toEqual({ 40001: 5, 42902: 7 });
  expect(errorsSince({ 40001: 5 }, after)).toEqual({ 42902: 7 });
});
