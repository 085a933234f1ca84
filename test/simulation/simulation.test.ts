import { describe, expect, test } from "bun:test";
import { BROKEN_JOURNALS } from "./broken-journals.ts";
import { Simulation } from "./simulation.ts";

const TICKS = 5_000;
/** How far a mistake may get before it is found. */
const TICKS_UNTIL_FOUND_MAX = 100_000;

test("every promise is kept through hundreds of crashes", () => {
  const simulation = new Simulation();
  expect(simulation.run(1, TICKS)).toBeNull();
  expect(simulation.crashes).toBeGreaterThan(500);
  const nothing = Object.entries(simulation.tally).filter(([, count]) => count === 0);
  expect(nothing).toEqual([]);
});

test("a seed repeats itself", () => {
  const [first, second] = [new Simulation(), new Simulation()];
  first.exchange(7);
  second.exchange(7);
  expect(second.tally).toEqual(first.tally);
});

describe("the simulation finds a journal that", () => {
  for (const [mistake, subject] of Object.entries(BROKEN_JOURNALS)) {
    test(mistake, () => {
      const failure = new Simulation(subject).run(1, TICKS_UNTIL_FOUND_MAX);
      expect(failure).toMatchObject({ reason: expect.not.stringContaining("a bug:") });
    });
  }
});

test("a failure has a short story", () => {
  const broken = BROKEN_JOURNALS["acknowledges before the flush is done"];
  const simulation = new Simulation(broken);
  const failure = simulation.run(1, TICKS_UNTIL_FOUND_MAX);
  if (failure === null) throw new Error("it was not found out");
  const shortest = simulation.shortest(failure, 30);
  expect(shortest.length).toBeLessThanOrEqual(failure.length);
  expect(new Simulation(broken).exchange(shortest.seed)).toEqual(shortest);
});
