/** Calls back after so many milliseconds; gives what calls it off. */
export type After = (milliseconds: number, callback: () => void) => () => void;

/** The process's own. Its timers do not keep the process alive. */
export const afterTimeout: After = (milliseconds, callback) => {
  const timer = setTimeout(callback, milliseconds).unref();
  return () => clearTimeout(timer);
};
