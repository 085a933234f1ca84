import { expect, test } from "bun:test";
import { elapsed } from "../../src/lib/elapsed.ts";
import { oncePerTurn } from "../../src/lib/once-per-turn.ts";
import { turn } from "./until.ts";

test("the time stays the same within a turn of the event loop, and is read again in the next", async () => {
  let time = 1;
  const clock = oncePerTurn(() => time);
  expect(clock()).toBe(1);
  time = 2;
  expect(clock()).toBe(1);
  await turn();
  expect(clock()).toBe(2);
  time = 3;
  expect(clock()).toBe(2);
  await turn();
  await turn();
  time = 4;
  expect(clock()).toBe(4);
});

test("it never goes back", async () => {
  const clock = oncePerTurn(elapsed);
  let last = clock();
  for (let n = 0; n < 50; n++) {
    await turn();
    const now = clock();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});
