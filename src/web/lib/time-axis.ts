/** The time axis of a chart, in the reader's own time; the charts' library would show UTC. */
import { TickMarkType } from "lightweight-charts";
import { axisWords } from "./moment.ts";

const msOf = (seconds: unknown): number => Number(seconds) * 1000;

/** Options of a chart. `isDaily`: each point is of a day, else of minutes or hours. */
export function timeAxis(isDaily: boolean) {
  const { point, tick } = axisWords(isDaily);
  return {
    localization: { timeFormatter: (at: unknown) => point(msOf(at)) },
    timeScale: {
      timeVisible: !isDaily,
      tickMarkFormatter: (at: unknown, type: TickMarkType) =>
        tick(msOf(at), type >= TickMarkType.Time),
    },
  };
}
