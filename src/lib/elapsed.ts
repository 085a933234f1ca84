/** Milliseconds from some beginning, for durations: nobody can set this clock, and it never goes back. */
export const elapsed = (): number => performance.now();
