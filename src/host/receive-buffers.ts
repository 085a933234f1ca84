/** How much the system keeps of what has come on a connection until it is read. Linux only. */
import { ptr } from "bun:ffi";
import { openCLibrary } from "./c-library.ts";
import { listeningDescriptors } from "./listening-descriptors.ts";

const SYMBOLS = {
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
} as const;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;

/**
 * Connections that are made to this process's port from now on keep about so many unread bytes, and their peers may not
 * send more before these are read: connections have what the socket has that listens. False when that cannot be had here.
 */
export function boundReceiveBuffers(port: number, bytes: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    const setsockopt = openCLibrary(SYMBOLS)?.setsockopt;
    const sockets = listeningDescriptors(port);
    if (setsockopt === undefined || sockets.length === 0) return false;
    const value = Int32Array.of(bytes);
    return sockets.every(
      (socket) => setsockopt(socket, SOL_SOCKET, SO_RCVBUF, ptr(value), value.byteLength) === 0,
    );
  } catch {
    return false;
  }
}
