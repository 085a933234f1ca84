/** The messages between the parent and the client process: a `LoadPlan` on stdin, lines of JSON on stdout. */
import type { Encoding } from "../../src/protocol/encoding.ts";

export interface LoadUser {
  api_key: string;
  api_secret: string;
}

/** The server that gets the orders, and the users who send them. */
export interface LoadTarget {
  hostname: string;
  port: number;
  /** Each user has one connection. */
  users: LoadUser[];
  symbols: string[];
  /** The server answers every order with the same acknowledgement. */
  are_answers_fixed?: boolean;
}

export interface LoadPlan extends LoadTarget {
  encoding: Encoding;
  /** "balanced" = `orderFlow`, "resting" = `restingFlow`. */
  flow: "balanced" | "resting";
  in_flight: number;
  /** Orders a second over all connections, in an open loop. Without it the loop is closed. */
  orders_per_s?: number;
  /** How long an open loop sleeps before it sends again; by default as short as possible. A longer sleep costs less. */
  look_every_ms?: number;
  /** Another client subscribes to the books, and the time from an order to its book update is measured. */
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

/** The client's last line. Its first line is `{"event":"measuring"}`, which it writes when the warm-up is over. */
export interface LoadFigures {
  event: "done";
  /** The measured time. It is a little longer than the plan says. */
  seconds: number;
  acked: number;
  rejected: number;
  reject_codes: Record<string, number>;
  checked: number;
  unusual: number;
  latency_us: Percentiles;
  /** From sending an order to the book update at another client; null without `is_watched`. */
  update_us: Percentiles | null;
  /** Share of one core that the client process used. */
  client_cpu: number;
}
