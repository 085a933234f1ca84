/** What a process has used so far, from Linux's /proc. */
import { readFile } from "node:fs/promises";

/** Linux's USER_HZ: /proc counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

export interface ProcessUsage {
  /** When /proc was read. */
  atNs: number;
  cpuSeconds: number;
  /** Resident memory, MiB. */
  rssMib: number;
}

/** Undefined where there is no /proc. */
export async function processUsage(pid: number): Promise<ProcessUsage | undefined> {
  if (process.platform !== "linux") return undefined;
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]);
  // The name in parentheses may contain blanks. Fields 14 and 15 of the line are utime and stime.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const rssKib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  return {
    atNs: Bun.nanoseconds(),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rssMib: rssKib / 1024,
  };
}

/** The share of one core that all threads of a process used between two readings; null where there is no /proc. */
export function coreShare(
  before: ProcessUsage | undefined,
  after: ProcessUsage | undefined,
): number | null {
  if (before === undefined || after === undefined) return null;
  return (after.cpuSeconds - before.cpuSeconds) / ((after.atNs - before.atNs) / 1e9);
}
