import { expect, test } from "bun:test";
import { ClockWatch } from "../../src/router/clock-watch.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 2027-01-15T08:00:00.000Z */
const START = 1_800_000_000_000;

function open(stamped = 0) {
  const state = { now: START, elapsed: 500, stamped };
  const lines: [string, object][] = [];
  const say = (fields: object, message: string): void => void lines.push([message, fields]);
  const watch = new ClockWatch({
    stamped: () => state.stamped,
    log: { info: say, warn: say, error: say },
    now: () => state.now,
    elapsed: () => state.elapsed,
  });
  /** Both clocks go on for so long, and the wall clock is set by so much more. */
  const pass = (ms: number, setBy = 0): string | null => {
    state.elapsed += ms;
    state.now += ms + setBy;
    watch.check();
    return watch.reason();
  };
  return { state, watch, lines, pass };
}

test("clocks that agree are healthy, and so is a clock that is corrected slowly", () => {
  const { pass, lines } = open(START);
  for (let second = 0; second < 100; second++) expect(pass(1000, 100)).toBeNull();
  expect(pass(1000, -3000)).toBeNull();
  expect(lines).toEqual([]);
});

test("a jump forward is reported with its size, in health and once in the log", () => {
  const { pass, lines } = open();
  const told =
    "the wall clock jumped forward by 7200 s: it was set, or the machine was suspended. Check that it is right";
  expect([pass(1000, 2 * HOUR_MS), pass(1000), pass(HOUR_MS - 1000)]).toEqual([told, told, told]);
  expect(pass(1000)).toBeNull();
  expect(lines).toEqual([["the wall clock jumped", { milliseconds: 2 * HOUR_MS }]]);
});

test("a jump that is reversed is no longer reported", () => {
  const { pass, lines } = open();
  expect(pass(1000, -HOUR_MS)).toBe(
    "the wall clock jumped back by 3600 s: it was set. Check that it is right",
  );
  expect(pass(1000, HOUR_MS)).toBeNull();
  expect(lines.map(([, fields]) => fields)).toEqual([
    { milliseconds: -HOUR_MS },
    { milliseconds: HOUR_MS },
  ]);
});

test("a journal that is ahead of the clock is reported from the start until the clock has reached it", () => {
  const { state, watch, pass, lines } = open(START + 40 * DAY_MS);
  watch.check();
  const told = (s: number): string =>
    `the journal's time is ${s} s ahead of the wall clock and never goes back: orders are stamped with it, and a GTD order ` +
    "must expire after it. If the wall clock is wrong, set it; if it is right, wait until it has caught up";
  expect(watch.reason()).toBe(told(3_456_000));
  expect([watch.ahead(), pass(HOUR_MS)]).toEqual([40 * DAY_MS, told(3_452_400)]);
  state.stamped = state.now + 3000;
  expect([watch.ahead(), pass(0)]).toEqual([0, null]);
  expect(lines).toEqual([
    [
      "the journal's time is ahead of the wall clock",
      { aheadMs: 40 * DAY_MS, stamped: "2027-02-24T08:00:00.000Z" },
    ],
    ["the wall clock has reached the journal's time", {}],
  ]);
});

test("a clock that was ahead and is corrected leaves the journal ahead", () => {
  const { state, pass } = open();
  pass(1000, 40 * DAY_MS);
  state.stamped = state.now;
  expect(pass(1000, -40 * DAY_MS)).toStartWith("the journal's time is 3455999 s ahead");
});
