import { expect, test } from "bun:test";
import { backoffDelayMs } from "../../packages/client/src/backoff.ts";

const BACKOFF = { delayMinMs: 100, delayMaxMs: 1_000 };

test("the waits double up to the maximum", () => {
  const delays = [0, 1, 2, 3, 4, 50].map((attempt) => backoffDelayMs(BACKOFF, attempt, 1));
  expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000]);
});

test("half of each wait is random", () => {
  expect([0, 0.5, 1].map((random) => backoffDelayMs(BACKOFF, 1, random))).toEqual([100, 150, 200]);
});
