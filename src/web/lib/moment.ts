/** Writes a date and a time to the minute, as the reader's language has them. */
export const moment = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "short",
});
