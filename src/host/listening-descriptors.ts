/** Sockets that this process listens on: the runtime tells their port, not their descriptors. Linux only. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** State of a listening socket in /proc/net/tcp. */
const LISTENING = "0A";

/** Descriptors of this process that listen on the port. */
export function listeningDescriptors(port: number): number[] {
  const inodes = new Set<string>();
  for (const table of ["/proc/self/net/tcp", "/proc/self/net/tcp6"]) {
    for (const line of readTable(table)) {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      const localPort = Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16);
      if (state === LISTENING && localPort === port) inodes.add(`socket:[${inode}]`);
    }
  }
  return readdirSync("/proc/self/fd")
    .map(Number)
    .filter((descriptor) => inodes.has(linkOf(descriptor)));
}

/** Lines below the heading; none where the system has no such table (no IPv6). */
function readTable(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(1);
  } catch {
    return [];
  }
}

/** "" for the descriptor that the listing itself had open. */
function linkOf(descriptor: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
}
