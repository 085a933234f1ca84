/** What the parent and a process of connections tell each other, each a line of JSON on stdin or stdout. */
import type { LoadUser } from "../load/plan.ts";

/** The first line to the process. */
export interface ScalePlan {
  port: number;
  /** Connections that read, spread over the users; every user has several. */
  readers: number;
  /** Connections that stop reading for seconds at a time, and those that send what no client should. */
  slow: number;
  hostile: number;
  /** What a slow connection subscribes to. */
  slowParams: { channels: string[]; symbols: string[] };
  users: LoadUser[];
  symbols: string[];
  /** Symbols whose `depth` each connection hears. */
  symbolsEach: number;
  /** Readers that lose their connection each second, and resume. */
  churnPerSecond: number;
  seed: number;
}

/** Every later line. */
export type ScaleRequest =
  | { ask: "count" }
  /** No connection is cut off any more; answered when none is on its way back. */
  | { ask: "settle" }
  /** By symbol: the number of its last change. */
  | { ask: "verify"; seqs: Record<string, number> };

export interface ScaleCount {
  /** When, by the process's own clock. */
  nowNs: number;
  cpuSeconds: number;
  /** `depth` messages that came to readers. */
  messages: number;
  /** Messages that did not follow the one before. */
  gaps: number;
  /** Connections cut off, and resumptions that gave every message missed, or began with the whole book. */
  cut: number;
  resumed: number;
  begunAnew: number;
  /** Readers that the server closed, which it never should. */
  closedReaders: number;
  closedSlow: number;
  closedHostile: number;
  /** Books of readers that do not end with the last change; only after "verify". */
  behind: number;
}
