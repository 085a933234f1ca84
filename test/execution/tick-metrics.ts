import { type OnTick, type TickMetrics, TickTimes } from "../../src/execution/tick-times.ts";

const NOTHING = { observe: () => {} };

interface Heard {
  /** Commands of each tick. */
  ticks?: number[];
  /** How long each took, in seconds. */
  seconds?: number[];
  onTick?: OnTick;
}

/** The times of ticks, of which only what somebody asks for is kept. */
export function tickTimes({ ticks = [], seconds = [], ...options }: Heard = {}): TickTimes {
  const metrics: TickMetrics = {
    tickSeconds: { observe: (value) => seconds.push(value) },
    durableSeconds: NOTHING,
    tickCommands: { observe: (commands) => ticks.push(commands) },
    orderSeconds: NOTHING,
    stageSeconds: {
      queue: NOTHING,
      journal: NOTHING,
      wait: NOTHING,
      match: NOTHING,
      flush: NOTHING,
      tell: NOTHING,
    },
  };
  return new TickTimes(metrics, options);
}
