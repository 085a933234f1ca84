/**
 * Which of two sockets that listen on one port new connections go to. Without it the kernel shares them out between
 * the two. Linux only: everywhere else nothing is steered.
 *
 * ```
 *   connection ─► port ─► filter (one instruction: "return 1") ─┬─ 0  the socket that was there first
 *                                                               └─ 1  the newer one
 * ```
 *
 * When one of them is closed the other is number 0; the kernel takes it, as there is no number 1.
 */
import { ptr } from "bun:ffi";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { openCLibrary } from "./c-library.ts";

const SYMBOLS = {
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
} as const;
const SOL_SOCKET = 1;
const SO_ATTACH_REUSEPORT_CBPF = 51;
/** BPF_RET | BPF_K: return a constant. */
const BPF_RETURN = 0x06;
const NEWER = 1;
/** State of a listening socket in /proc/net/tcp. */
const LISTENING = "0A";

/**
 * From now on new connections go to the newer of the two sockets of this process that listen on the port; those that
 * are being made stay with the older one. False when that cannot be had here.
 */
export function steerToNewer(port: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    const [socket, ...more] = listeningDescriptors(port);
    return socket !== undefined && more.length === 1 && attachFilter(socket);
  } catch {
    return false;
  }
}

function attachFilter(socket: number): boolean {
  const instruction = new Uint8Array(8);
  const code = new DataView(instruction.buffer);
  code.setUint16(0, BPF_RETURN, true);
  code.setUint32(4, NEWER, true);
  const program = new Uint8Array(16);
  const header = new DataView(program.buffer);
  header.setUint16(0, 1, true);
  header.setBigUint64(8, BigInt(ptr(instruction)), true);
  const setsockopt = openCLibrary(SYMBOLS)?.setsockopt;
  if (setsockopt === undefined) return false;
  return (
    setsockopt(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, ptr(program), program.length) === 0
  );
}

/** Descriptors of this process that listen on the port. */
function listeningDescriptors(port: number): number[] {
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
