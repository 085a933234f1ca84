/** Milliseconds of a clock for durations, which cannot be set and never goes back. */
export const elapsed = (): number => performance.now();
