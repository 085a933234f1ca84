import { expect, test } from "bun:test";
import { Conflation } from "../../src/market-data/conflation.ts";

function open() {
  const clock = { now: 0 };
  const pushed: [key: number, at: number][] = [];
  const silent = new Set<number>();
  const conflation = new Conflation(
    3,
    () => clock.now,
    (key) => {
      if (silent.has(key)) return false;
      pushed.push([key, clock.now]);
      return true;
    },
  );
  const beatAt = (now: number): void => {
    clock.now = now;
    conflation.onBeat();
  };
  return { clock, pushed, silent, conflation, beatAt };
}

test("the first change is sent at once, and those of the next second with one push at its end", () => {
  const { clock, pushed, conflation, beatAt } = open();
  conflation.onChange(0);
  clock.now = 300;
  conflation.onChange(0);
  conflation.onChange(0);
  conflation.onChange(1);
  for (const now of [400, 999, 1000, 1100, 5000]) beatAt(now);
  conflation.onChange(0);
  expect(pushed).toEqual([
    [0, 0],
    [1, 300],
    [0, 1000],
    [0, 5000],
  ]);
});

test("a key that has nothing to send does not count as pushed", () => {
  const { clock, pushed, silent, conflation, beatAt } = open();
  silent.add(0);
  conflation.onChange(0);
  silent.delete(0);
  clock.now = 1;
  conflation.onChange(0);
  conflation.onChange(0);
  silent.add(0);
  beatAt(1001);
  silent.delete(0);
  clock.now = 1002;
  conflation.onChange(0);
  expect(pushed).toEqual([
    [0, 1],
    [0, 1002],
  ]);
});

test("a forgotten key does not wait any more, and can wait again", () => {
  const { clock, pushed, conflation, beatAt } = open();
  for (let round = 0; round < 10; round++) {
    clock.now = round * 10;
    conflation.onChange(0);
    conflation.onChange(1);
    conflation.forget(0);
  }
  beatAt(1500);
  conflation.onChange(2);
  conflation.onChange(0);
  conflation.forget(1);
  conflation.onChange(0);
  beatAt(2500);
  expect(pushed).toEqual([
    [0, 0],
    [1, 0],
    [1, 1500],
    [2, 1500],
    [0, 1500],
    [0, 2500],
  ]);
});
