/** Reads from Linux's /proc how long a thread ran and waited. On other systems both are 0. */
import { readFileSync } from "node:fs";

export interface ThreadTime {
  ranMs: number;
  /** The time in which it was ready to run but had no processor. */
  waitedMs: number;
}

/** The times of the main thread of `pid`; by default those of the calling thread. */
export function threadTime(pid?: number): ThreadTime {
  const thread = pid === undefined ? "thread-self" : `${pid}/task/${pid}`;
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${thread}/schedstat`, "latin1")
      .split(" ")
      .map(Number);
    return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
  } catch {
    return { ranMs: 0, waitedMs: 0 };
  }
}
