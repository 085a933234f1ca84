/** What every stage of the exchange shares. */
import type { Metrics } from "../analytics/metrics.ts";
import type { Config } from "../config/config.ts";
import type { Health } from "../gateway/health.ts";
import type { Lifecycle } from "../lib/lifecycle.ts";
import type { Log } from "../lib/log.ts";

/** What is wrong with where the log goes. */
export interface LogTrouble {
  /** Lines lost since the start. */
  readonly dropped: number;
  /** Null while all is well. */
  reason(): string | null;
}

export interface Common {
  config: Config;
  log: Log;
  health: Health;
  metrics: Metrics;
  lifecycle: Lifecycle;
  /** Milliseconds since 1970. */
  now(): number;
  /** What ticks are stamped with, milliseconds since 1970. */
  stamp(): number;
  /** Milliseconds since whenever, never set back. */
  monotonic(): number;
  output: LogTrouble;
  /** Aborted when the start is to end. */
  signal: AbortSignal;
  /** A part of the exchange threw: it is logged, and nothing else stops. */
  onBug(error: unknown): void;
}
