/** Logs each tick that took `log.slow_tick_ms` or longer. */
import type { TickMoments } from "../execution/tick-times.ts";
import { LineBudget } from "../lib/line-budget.ts";
import type { Log } from "../lib/log.ts";

const LINES_PER_SECOND = 10;

/** Makes the listener of ticks. `slowMs`: a tick that took so many milliseconds is slow; 0 = no tick is. */
export function slowTicks(
  slowMs: number,
  log: Log,
  budget = new LineBudget(LINES_PER_SECOND),
): (moments: TickMoments, tick: number, commands: { count: number }) => void {
  return (moments, tick, { count }) => {
    const { begun, written, waited, matched, durable, answered, told } = moments;
    const took = told - begun;
    if (slowMs === 0 || took < slowMs || !budget.take()) return;
    const stages = {
      journal_ms: tenths(written - begun),
      wait_ms: tenths(waited - written),
      match_ms: tenths(matched - waited),
      flush_ms: tenths(durable - matched),
      answer_ms: tenths(answered - durable),
      tell_ms: tenths(told - answered),
    };
    const line = { tick, commands: count, took_ms: tenths(took), ...stages, ...budget.leftOut() };
    log.warn(line, "slow tick");
  };
}

const tenths = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
