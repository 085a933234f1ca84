import { expect, test } from "bun:test";
import type { TickOutput } from "../../src/core/tick-output.ts";
import { youngCollection } from "../../src/execution/young-collection.ts";

const tick = (count: number): TickOutput => ({ count }) as TickOutput;

test("young garbage is collected once for 65,536 commands, however they come", () => {
  let collections = 0;
  let clock = 0;
  const took: number[] = [];
  const stage = youngCollection({
    times: { observe: (seconds) => took.push(seconds) },
    collect() {
      collections++;
      clock += collections;
    },
    now: () => clock,
  });
  const afterEach = [40_000, 25_535, 1, 65_535, 1, 200_000, 1].map((count) => {
    stage.onTick(tick(count));
    return collections;
  });
  expect(afterEach).toEqual([0, 0, 1, 1, 2, 3, 3]);
  expect(took).toEqual([0.001, 0.002, 0.003]);
});
