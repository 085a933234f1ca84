/** How many files and connections the system lets this process have open. */

import { readFileSync } from "node:fs";

/**
 * For all that is no connection of a client: the journal with its spare descriptors, SQLite, the archive, processes
 * behind the exchange, the runtime's own.
 */
export const OWN_DESCRIPTORS = 128;
/** One in so many of the limit is for HTTP connections, which nobody counts; at most `HTTP_MAX`. */
const HTTP_SHARE = 8;
const HTTP_MAX = 1024;

/** Descriptors, of so many, that are not for WebSockets. */
export function keptDescriptors(limit: number): number {
  return OWN_DESCRIPTORS + Math.min(HTTP_MAX, Math.floor(limit / HTTP_SHARE));
}

/** Null where the system does not say, as on macOS. */
export function descriptorLimit(path = "/proc/self/limits"): number | null {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync(path, "utf8")) ?? [];
    return soft === undefined || soft === "unlimited" ? null : Number(soft);
  } catch {
    return null;
  }
}

export interface FittedConnections {
  connectionsMax: number;
  /** Why it is less than configured; null when it is not. */
  warning: string | null;
}

/**
 * So many connections of those configured that descriptors are left for the journal and for HTTP. Throws when there are too few
 * for any.
 */
export function fitConnections(connectionsMax: number, limit: number | null): FittedConnections {
  if (limit === null) return { connectionsMax, warning: null };
  const kept = keptDescriptors(limit);
  if (connectionsMax + kept <= limit) return { connectionsMax, warning: null };
  const numbers = `gateway.max_connections = ${connectionsMax} needs ${connectionsMax + kept} file descriptors, and the system gives this process ${limit}`;
  const advice = "Raise it: ulimit -n, LimitNOFILE= of systemd, --ulimit nofile= of Docker";
  const fitting = limit - kept;
  if (fitting < 1) throw new Error(`${numbers}. ${advice}`);
  return {
    connectionsMax: fitting,
    warning: `${numbers}: ${fitting} connections at most. ${advice}`,
  };
}
