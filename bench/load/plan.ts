/** What the parent tells the client process (one JSON object on its stdin), and what it hears back. */
import type { Encoding } from "../../src/protocol/encoding.ts";

export interface LoadUser {
  api_key: string;
  api_secret: string;
}

export interface LoadPlan {
  hostname: string;
  port: number;
  encoding: Encoding;
  /** One connection each. */
  users: LoadUser[];
  symbols: string[];
  /** "balanced" as `orderFlow` has it, "resting" as `restingFlow`. */
  flow: "balanced" | "resting";
  in_flight: number;
  /** See `LoadConnectionOptions.latencyEvery`. */
  latency_every?: number;
  warmup_s: number;
  seconds: number;
  /** See `LoadConnectionOptions.checkEvery`. */
  check_every: number;
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
  latency_us: { p50: number; p99: number; p99_9: number; max: number };
  /** Of one core, by the client process. */
  client_cpu: number;
}
