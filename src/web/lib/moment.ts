/** How times are written, in the reader's language and time zone. */

const written = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(undefined, options);

/** A date and a time to the minute. */
export const moment = written({ dateStyle: "medium", timeStyle: "short" });
/** A date and a time to the second, short. */
export const exactMoment = written({ dateStyle: "short", timeStyle: "medium" });
export const date = written({ dateStyle: "medium" });
export const clock = written({ timeStyle: "medium" });

/** The exchange's days are days of UTC, wherever the reader is. */
const utcDate = written({ dateStyle: "medium", timeZone: "UTC" });

const minute = written({ hour: "2-digit", minute: "2-digit" });
const day = written({ day: "numeric", month: "short" });
const utcDay = written({ day: "numeric", month: "short", timeZone: "UTC" });

interface AxisWords {
  /** The text for the point under the pointer. */
  readonly point: (ms: number) => string;
  /** The text of a mark below the chart. */
  readonly tick: (ms: number, isTimeOfDay: boolean) => string;
}

/** The texts at the time axis of a chart. `isDaily`: each point is of a day, else of minutes or hours. */
export function axisWords(isDaily: boolean): AxisWords {
  if (isDaily) return { point: utcDate.format, tick: utcDay.format };
  return {
    point: moment.format,
    tick: (ms, isTimeOfDay) => (isTimeOfDay ? minute : day).format(ms),
  };
}
