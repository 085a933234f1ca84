/** What the parent tells the client process (one JSON object on its stdin), and what it hears back. */
import type { Encoding } from "../../src/protocol/encoding.ts";

export interface LoadUser {
  api_key: string;
  api_secret: string;
}

/** Where orders go, and whose they are. */
export interface LoadTarget {
  hostname: string;
  port: number;
  /** One connection each. */
  users: LoadUser[];
  symbols: string[];
  /** The server answers every order with one fixed acknowledgement. */
  are_answers_fixed?: boolean;
}

export interface LoadPlan extends LoadTarget {
  encoding: Encoding;
  /** "balanced" as `orderFlow` has it, "resting" as `restingFlow`. */
  flow: "balanced" | "resting";
  in_flight: number;
  /** Open loop: orders a second over all connections, each at its planned time. Without it a closed loop. */
  orders_per_s?: number;
  /** Between two looks at the clock, then; the least there is unless it says. The less often, the less the client takes. */
  look_every_ms?: number;
  /** Another client listens to the books, and the time from order to update is measured. */
  is_watched?: boolean;
  /** See `LoadConnectionOptions.latencyEvery`. */
  latency_every?: number;
  warmup_s: number;
  seconds: number;
  /** See `LoadConnectionOptions.checkEvery`. */
  check_every: number;
}

export interface Percentiles {
  p50: number;
  p99: number;
  p99_9: number;
  max: number;
}

/** The client's last line; its first is `{"event":"measuring"}` when the warm-up is over. */
export interface LoadFigures {
  event: "done";
  /** The measured time, which is a little more than asked for. */
  seconds: number;
  acked: number;
  rejected: number;
  reject_codes: Record<string, number>;
  checked: number;
  unusual: number;
  latency_us: Percentiles;
  /** From sending an order to the update of its book at another client; null unless it was watched. */
  update_us: Percentiles | null;
  /** Of one core, by the client process. */
  client_cpu: number;
}
