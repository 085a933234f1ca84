/** How moments are written, all in the reader's language and time zone. */

const written = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(undefined, options);

/** A date and a time to the minute. */
export const moment = written({ dateStyle: "medium", timeStyle: "short" });
/** A date and a time to the second, short. */
export const exactMoment = written({ dateStyle: "short", timeStyle: "medium" });
export const date = written({ dateStyle: "medium" });
export const clock = written({ timeStyle: "medium" });

/** Days of the exchange, which are those of UTC wherever the reader is. */
const utcDate = written({ dateStyle: "medium", timeZone: "UTC" });

const minute = written({ hour: "2-digit", minute: "2-digit" });
const day = written({ day: "numeric", month: "short" });
const utcDay = written({ day: "numeric", month: "short", timeZone: "UTC" });

interface AxisWords {
  /** Of a point that is pointed at. */
  readonly point: (ms: number) => string;
  /** Under the chart. */
  readonly tick: (ms: number, isTimeOfDay: boolean) => string;
}

/** What stands at the time axis of a chart whose points begin minutes or hours apart, or days. */
export function axisWords(isDaily: boolean): AxisWords {
  if (isDaily) return { point: utcDate.format, tick: utcDay.format };
  return {
    point: moment.format,
    tick: (ms, isTimeOfDay) => (isTimeOfDay ? minute : day).format(ms),
  };
}
