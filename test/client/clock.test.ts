import { afterEach, expect, setSystemTime, test } from "bun:test";
import { Clock } from "../../packages/client/src/clock.ts";

/** Seconds. */
const offsetOf = (clock: Clock): number => Math.round((clock.now() - Date.now()) / 1_000);

afterEach(() => {
  setSystemTime();
});

test("the clock follows the fastest answer, and follows a server clock that is set", () => {
  // It stands still, so that no time passes between two looks at it.
  setSystemTime(new Date("2026-09-01T12:00:00Z"));
  const clock = new Clock();
  expect([offsetOf(clock), clock.latencyMs]).toEqual([0, undefined]);
  clock.sample(Date.now() + 60_000, 10);
  expect([offsetOf(clock), clock.latencyMs]).toEqual([60, 10]);
  // Slower, and no further off than it took: nothing new.
  clock.sample(Date.now() + 64_000, 9_000);
  expect([offsetOf(clock), clock.latencyMs]).toEqual([60, 9_000]);
  clock.sample(Date.now() - 3_600_000, 20);
  expect(offsetOf(clock)).toBe(-3_600);
  clock.set(Date.now() + 5_000);
  expect(offsetOf(clock)).toBe(5);
});
