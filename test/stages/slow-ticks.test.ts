import { expect, test } from "bun:test";
import { LineBudget } from "../../src/lib/line-budget.ts";
import { slowTicks } from "../../src/stages/slow-ticks.ts";

function watch(slowMs: number) {
  const lines: unknown[] = [];
  const log = {
    info: () => {},
    warn: (...line: unknown[]) => void lines.push(line),
    error: () => {},
  };
  return { lines, onTick: slowTicks(slowMs, log, new LineBudget(2, () => 0)) };
}

const tick = (took: number) => ({
  begun: 0,
  written: 1,
  waited: 1.5,
  matched: 3,
  durable: 3.04,
  answered: 4,
  told: took,
});

test("a tick that takes as long as the bound, or longer, is told of with its stages", () => {
  const { lines, onTick } = watch(50);
  onTick(tick(49.9), 7, { count: 3 });
  onTick(tick(50), 8, { count: 4 });
  expect(lines).toEqual([
    [
      {
        ...{ tick: 8, commands: 4, took_ms: 50 },
        ...{ journal_ms: 1, wait_ms: 0.5, match_ms: 1.5, flush_ms: 0, answer_ms: 1, tell_ms: 46 },
      },
      "slow tick",
    ],
  ]);
});

test("an exchange that is slow for long does not fill the log, and 0 tells of none", () => {
  const slow = watch(1);
  for (let n = 1; n <= 5; n++) slow.onTick(tick(60), n, { count: 1 });
  expect(slow.lines).toHaveLength(2);
  const never = watch(0);
  never.onTick(tick(60_000), 1, { count: 1 });
  expect(never.lines).toEqual([]);
});
