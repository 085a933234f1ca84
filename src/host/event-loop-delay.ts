/** Measures how long the event loop keeps everything waiting: how late a timer fires. */
import { type After, afterTimeout } from "../lib/after-timeout.ts";
import { elapsed } from "../lib/elapsed.ts";

/** From one timer to the next. */
const INTERVAL_MS = 100;

export interface EventLoopDelayParts {
  /** Takes how late the timer was, in seconds. */
  observe(seconds: number): void;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
  after?: After;
}

/** Measures until it is disposed of. */
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
