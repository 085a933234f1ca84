/** What the parent and a process of subscribers tell each other, each a line of JSON on stdin or stdout. */
import type { Encoding } from "../../src/protocol/encoding.ts";

/** The first line to the process; every later one asks for a `SubscriberCount`, and the end of stdin ends it. */
export interface SubscriberPlan {
  port: number;
  encoding: Encoding;
  connections: number;
  /** What each subscribes to; null = nothing, the connections stay idle. */
  channel: string | null;
  /** Of every symbol, unless it says which, and how many of them each connection hears. */
  some?: { symbols: string[]; each: number };
}

/** The answer to every line; to the first one, when all connections are open. */
export interface SubscriberCount {
  /** When, by the process's own clock. */
  nowNs: number;
  frames: number;
  bytes: number;
  cpuSeconds: number;
}
