/** How many files and connections the system lets this process have open. */

import { readFileSync } from "node:fs";

/**
 * Descriptors kept for everything but the clients' connections: the journal with its spare descriptors, SQLite, the archive,
 * webhooks with their open connections, background processes, and the runtime itself.
 */
export const OWN_DESCRIPTORS = 240;
/** HTTP connections may use one in this many descriptors. */
const HTTP_SHARE = 8;

/** The soft limit of open files; null when there is none, or where the system does not tell it, as on macOS. */
export function descriptorLimit(path = "/proc/self/limits"): number | null {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync(path, "utf8")) ?? [];
    return soft === undefined || soft === "unlimited" ? null : Number(soft);
  } catch {
    return null;
  }
}

interface Configured {
  /** WebSockets at once. */
  connectionsMax: number;
  /** Connections at once that are not WebSockets. */
  httpConnectionsMax: number;
}

export interface FittedConnections extends Configured {
  /** Why there may be fewer WebSockets than configured; null when there may be as many. */
  warning: string | null;
}

/**
 * How many connections fit into `limit` descriptors, beside `OWN_DESCRIPTORS`. Throws when not even one WebSocket does.
 * `limit` null: as many as configured.
 */
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
