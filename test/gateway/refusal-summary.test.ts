import { expect, test } from "bun:test";
import { Counters } from "../../src/gateway/counters.ts";
import { RefusalSummary } from "../../src/gateway/refusal-summary.ts";

test("one line has the count of each code since the last line; without refusals there is no line", () => {
  const counters = new Counters();
  const lines: object[] = [];
  const log = { info: (fields: object) => void lines.push(fields), warn() {}, error() {} };
  const summary = new RefusalSummary(counters, log);
  summary.write();
  for (const code of [40001, 40906, 40906]) counters.onError(code);
  summary.write();
  counters.onError(40906);
  counters.framesRefused = 7;
  summary.write();
  summary.write();
  expect(lines).toEqual([
    { seconds: 60, codes: { 40001: 1, 40906: 2 }, frames: 0 },
    { seconds: 60, codes: { 40906: 1 }, frames: 7 },
  ]);
});
