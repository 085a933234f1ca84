import { expect, test } from "bun:test";
import { watchEventLoop } from "../../src/host/event-loop-delay.ts";

test("reports how late each timer was, and never a negative delay", () => {
  let clock = 0;
  const late: number[] = [];
  const timers: { milliseconds: number; callback: () => void }[] = [];
  let calledOff = 0;
  using watch = watchEventLoop({
    observe: (seconds) => void late.push(seconds),
    now: () => clock,
    after(milliseconds, callback) {
      timers.push({ milliseconds, callback });
      return () => void calledOff++;
    },
  });
  for (const delay of [0, 250, -1]) {
    clock += 100 + delay;
    timers.at(-1)?.callback();
  }
  expect(late).toEqual([0, 0.25, 0]);
  expect(timers.map(({ milliseconds }) => milliseconds)).toEqual([100, 100, 100, 100]);
  watch[Symbol.dispose]();
  expect(calledOff).toBe(1);
});
