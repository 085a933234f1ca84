/** What every stage of the exchange shares. */
import type { Metrics } from "../analytics/metrics.ts";
import type { Config } from "../config/config.ts";
import type { Health } from "../gateway/health.ts";
import type { Lifecycle } from "../lib/lifecycle.ts";
import type { Log } from "../lib/log.ts";

/** What is wrong with the log's destination. */
export interface LogTrouble {
  /** Lines lost since the start. */
  readonly dropped: number;
  /** Why lines cannot be written; null while they can. */
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
  /** The time that ticks are stamped with, milliseconds since 1970. */
  stamp(): number;
  /** Milliseconds of a clock that never goes back. */
  monotonic(): number;
  output: LogTrouble;
  /** Aborted when a start that is not over yet has to end. */
  signal: AbortSignal;
  /** Logs what a part of the exchange threw. The other parts go on. */
  onBug(error: unknown): void;
}
