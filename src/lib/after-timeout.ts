/** Calls `callback` after so many milliseconds. Returns a function that cancels this. */
export type After = (milliseconds: number, callback: () => void) => () => void;

/** `After` by the process's own timers, which do not keep the process alive. */
export const afterTimeout: After = (milliseconds, callback) => {
  const timer = setTimeout(callback, milliseconds).unref();
  return () => clearTimeout(timer);
};
