/** The messages between the parent and a process that holds connections: lines of JSON on stdin and stdout. */
import type { LoadUser } from "../load/plan.ts";

/** The first line to the process. */
export interface ScalePlan {
  port: number;
  /** Connections that read. They are spread over the users; every user has several. */
  readers: number;
  /** Connections that stop reading for seconds at a time. */
  slow: number;
  /** Connections that send invalid messages. */
  hostile: number;
  /** What a slow connection subscribes to. */
  slowParams: { channels: string[]; symbols: string[] };
  users: LoadUser[];
  symbols: string[];
  /** How many symbols each reader subscribes to. */
  symbolsEach: number;
  /** How many readers are cut off each second, and resume. */
  churnPerSecond: number;
  seed: number;
}

/** Every later line. */
export type ScaleRequest =
  | { ask: "count" }
  /** No more readers are cut off. The answer comes when all of them are connected again. */
  | { ask: "settle" }
  /** `seqs` has the number of the last change by symbol. */
  | { ask: "verify"; seqs: Record<string, number> };

export interface ScaleCount {
  /** The time of the count, by the process's own clock. */
  nowNs: number;
  cpuSeconds: number;
  /** `depth` messages that readers received. */
  messages: number;
  /** Messages that did not follow the message before. */
  gaps: number;
  /** Readers that were cut off. */
  cut: number;
  /** Books that were resumed with every missed message. */
  resumed: number;
  /** Books that could not be resumed and began again with the whole book. */
  begunAnew: number;
  /** Readers that the server closed, which it never should. */
  closedReaders: number;
  closedSlow: number;
  closedHostile: number;
  /** Books of readers that lack the last change; only after "verify". */
  behind: number;
}
