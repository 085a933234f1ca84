import { describe, expect, test } from "bun:test";
import { readTestSummary } from "../../scripts/test-summary.ts";

const summary = (...lines: string[]): string => ["", ...lines, ""].join("\n");

describe("readTestSummary", () => {
  test("counts what bun test counted", () => {
    const output = summary(" 41 pass", " 2 skip", " 1 todo", " 3 fail", " 1 error", "Ran 47 tests");
    expect(readTestSummary(output, 1)).toEqual({ passed: 41, failed: 3, skipped: 3 });
    expect(readTestSummary(summary(" 7 pass", " 0 fail"), 0)).toEqual({
      passed: 7,
      failed: 0,
      skipped: 0,
    });
  });

  test("does not take a test's own output for the summary", () => {
    const output = summary(" 5 pass", " 9 fail", "(fail) a test", " 2 pass", " 1 fail");
    expect(readTestSummary(output, 1)).toEqual({ passed: 2, failed: 1, skipped: 0 });
  });

  test.each([
    ["no test was found", "No tests found!", 1],
    ["no test was executed", summary(" 0 pass", " 0 fail"), 0],
    ["the run ended early", "test/a.test.ts:", null],
    ["the exit code says so", summary(" 3 pass", " 0 fail"), 1],
  ])("has a failure when %s", (_why, output, exitCode) => {
    expect(readTestSummary(output, exitCode).failed).toBe(1);
  });
});
