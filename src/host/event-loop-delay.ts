/** How long the thread is kept from everything else: how late a timer fires. */
import { elapsed } from "../lib/elapsed.ts";

/** From one look to the next. */
const INTERVAL_MS = 100;

export interface EventLoopDelayParts {
  /** Takes how late the timer was, in seconds. */
  observe(seconds: number): void;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
  /** Calls back after so many milliseconds; gives what calls it off. */
  after?: (milliseconds: number, callback: () => void) => () => void;
}

/** Looks until it is disposed of. */
export function watchEventLoop({
  observe,
  now = elapsed,
  after = afterTimeout,
}: EventLoopDelayParts): Disposable {
  let callOff: () => void;
  const look = (): void => {
    const due = now() + INTERVAL_MS;
    callOff = after(INTERVAL_MS, () => {
      observe(Math.max(0, now() - due) / 1000);
      look();
    });
  };
  look();
  return { [Symbol.dispose]: () => callOff() };
}

function afterTimeout(milliseconds: number, callback: () => void): () => void {
  // The timer does not keep the process alive.
  const timer = setTimeout(callback, milliseconds).unref();
  return () => clearTimeout(timer);
}
