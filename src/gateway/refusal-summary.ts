/** Every minute writes a log line with the number of refusals by code since the line before. */
import type { Log } from "../lib/log.ts";
import type { Counters } from "./counters.ts";

const SUMMARY_INTERVAL_MS = 60_000;

/** Refusals since the start: errors by code, and frames beyond the limits of their user or address. */
type Refused = Pick<Counters, "errors" | "framesRefused">;

export class RefusalSummary {
  readonly #counters: Refused;
  readonly #log: Log;
  readonly #reported = new Map<number, number>();
  #framesReported = 0;

  constructor(counters: Refused, log: Log) {
    this.#counters = counters;
    this.#log = log;
  }

  /** Writes the line, unless nothing was refused. */
  write = (): void => {
    const codes: Record<string, number> = {};
    for (const [code, count] of this.#counters.errors) {
      const more = count - (this.#reported.get(code) ?? 0);
      if (more > 0) codes[code] = more;
      this.#reported.set(code, count);
    }
    const frames = this.#counters.framesRefused - this.#framesReported;
    this.#framesReported = this.#counters.framesRefused;
    if (frames === 0 && Object.keys(codes).length === 0) return;
    const seconds = SUMMARY_INTERVAL_MS / 1000;
    this.#log.info({ seconds, codes, frames }, "requests refused");
  };
}

/** Writes the line every minute until it is disposed of. */
export function summariseRefusals(counters: Refused, log: Log): Disposable {
  const { write } = new RefusalSummary(counters, log);
  const timer = setInterval(write, SUMMARY_INTERVAL_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
