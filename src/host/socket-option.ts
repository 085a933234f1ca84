/** Options of sockets that the runtime can neither set nor read. Linux only. */
import { ptr } from "bun:ffi";
import { openCLibrary } from "./c-library.ts";

const SYMBOLS = {
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
} as const;
export const SOL_SOCKET = 1;
export const IPPROTO_TCP = 6;

/**
 * Sets an option of a socket: `SO_…` with the level `SOL_SOCKET`, `TCP_…` with `IPPROTO_TCP`. `value` is passed to the
 * system as it is. False when the system refuses or has no such function.
 */
export function setSocketOption(
  socket: number,
  level: number,
  option: number,
  value: Uint8Array | Int32Array,
): boolean {
  const setsockopt = openCLibrary(SYMBOLS)?.setsockopt;
  if (setsockopt === undefined) return false;
  return setsockopt(socket, level, option, ptr(value), value.byteLength) === 0;
}

/** The value of a numeric option; null when the descriptor is no socket, or the system has no such function. */
export function socketOption(socket: number, level: number, option: number): number | null {
  const getsockopt = openCLibrary(SYMBOLS)?.getsockopt;
  const value = new Int32Array(1);
  const length = Int32Array.of(value.byteLength);
  const isRead = getsockopt?.(socket, level, option, ptr(value), ptr(length)) === 0;
  return isRead ? (value[0] as number) : null;
}
