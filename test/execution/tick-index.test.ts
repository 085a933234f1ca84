import { expect, test } from "bun:test";
import { EventKind } from "../../src/core/event.ts";
import type { EventPlaces, TickOutput } from "../../src/core/tick-output.ts";
import { Random } from "../core/fuzz/random.ts";
import { drawCommand, MarketRun, START, setUp } from "../records/market-run.ts";

const SYMBOLS = 2;

function walked({ events }: TickOutput, kind: number): number[] {
  const places: number[] = [];
  for (let e = 0; e < events.end(); e = events.next(e)) {
    if (events.kind(e) === kind) places.push(e);
  }
  return places;
}

const used = (places: EventPlaces): number[] =>
  Array.from({ length: places.count }, (_, i) => places.at(i));

test("the index has the trades and the levels of each tick, even if there are more than it first has room for", () => {
  const run = new MarketRun();
  expect(run.tick(START, ...setUp(SYMBOLS)).hasDone).toBe(true);
  const random = new Random(1);
  const placed: Parameters<typeof drawCommand>[2] = [];
  let trades = 0;
  for (const count of [1, 40, 4000, 1, 200]) {
    const commands = Array.from({ length: count }, () => drawCommand(random, SYMBOLS, placed));
    const output = run.tick(START, ...commands);
    expect(used(output.trades)).toEqual(walked(output, EventKind.TRADE));
    expect(used(output.levels)).toEqual(walked(output, EventKind.LEVEL));
    const holdings = [...walked(output, EventKind.CASH), ...walked(output, EventKind.POSITION)];
    expect(output.holdings).toBe(Math.min(output.events.end(), ...holdings));
    expect(output.hasDone).toBe(false);
    trades += output.trades.count;
  }
  expect(trades).toBeGreaterThan(1024);
});
