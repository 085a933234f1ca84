import { type OnTick, type TickMetrics, TickTimes } from "../../src/execution/tick-times.ts";

const NOTHING = { observe: () => {} };

interface Heard {
  /** The number of commands of each tick. */
  ticks?: number[];
  /** The duration of each tick in seconds. */
  seconds?: number[];
  onTick?: OnTick;
}

/** The durations of ticks. Only those that a caller asks for are kept. */
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
