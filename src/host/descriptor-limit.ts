/** How many files and connections the system lets this process have open. */

import { readFileSync } from "node:fs";

/**
 * For all that is no connection of a client: the journal with its spare descriptors, SQLite, the archive, webhooks with
 * the connections that they keep, processes behind the exchange, the runtime's own.
 */
export const OWN_DESCRIPTORS = 240;
/** HTTP connections have at most one in so many of the descriptors. */
const HTTP_SHARE = 8;

/** Null where the system does not say, as on macOS. */
export function descriptorLimit(path = "/proc/self/limits"): number | null {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync(path, "utf8")) ?? [];
    return soft === undefined || soft === "unlimited" ? null : Number(soft);
  } catch {
    return null;
  }
}

interface Configured {
  /** WebSockets. */
  connectionsMax: number;
  /** Connections that are none. */
  httpConnectionsMax: number;
}

export interface FittedConnections extends Configured {
  /** Why it is less than configured; null when it is not. */
  warning: string | null;
}

/** How many of the configured connections leave descriptors for the journal. Throws when there are too few for any. */
export function fitConnections(
  { connectionsMax, httpConnectionsMax: httpMax }: Configured,
  limit: number | null,
): FittedConnections {
  if (limit === null) return { connectionsMax, httpConnectionsMax: httpMax, warning: null };
  const httpConnectionsMax = Math.min(httpMax, Math.floor(limit / HTTP_SHARE));
  const kept = OWN_DESCRIPTORS + httpConnectionsMax;
  if (connectionsMax + kept <= limit) return { connectionsMax, httpConnectionsMax, warning: null };
  const numbers = `gateway.max_connections = ${connectionsMax} needs ${connectionsMax + kept} file descriptors, and the system gives this process ${limit}`;
  const advice = "Raise it: ulimit -n, LimitNOFILE= of systemd, --ulimit nofile= of Docker";
  const fitting = limit - kept;
  if (fitting < 1) throw new Error(`${numbers}. ${advice}`);
  return {
    connectionsMax: fitting,
    httpConnectionsMax,
    warning: `${numbers}: ${fitting} connections at most. ${advice}`,
  };
}
