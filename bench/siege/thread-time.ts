/** What a thread of a process got of the processors, in milliseconds, from Linux's /proc; zeros elsewhere. */
import { readFileSync } from "node:fs";

export interface ThreadTime {
  ranMs: number;
  /** It could have run and had no processor. */
  waitedMs: number;
}

/** Of the main thread of `pid`, or of the thread that asks. */
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
