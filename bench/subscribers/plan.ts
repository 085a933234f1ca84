/** The messages between the parent and a process of subscribers: lines of JSON on stdin and stdout. */
import type { Encoding } from "../../src/protocol/encoding.ts";

/**
 * The first line to the process. Every later line asks for a `SubscriberCount`. At the end of stdin the process exits.
 */
export interface SubscriberPlan {
  port: number;
  encoding: Encoding;
  connections: number;
  /** The channel that each connection subscribes to; null = none, the connections stay idle. */
  channel: string | null;
  /** Each connection subscribes to `each` of these symbols; by default to all symbols of the exchange. */
  some?: { symbols: string[]; each: number };
}

/** The answer to every line. The first answer comes when all connections are open. */
export interface SubscriberCount {
  /** The time of the count, by the process's own clock. */
  nowNs: number;
  frames: number;
  bytes: number;
  cpuSeconds: number;
}
