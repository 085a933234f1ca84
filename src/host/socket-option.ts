/** Options of sockets that the runtime does not set. Linux only. */
import { ptr } from "bun:ffi";
import { openCLibrary } from "./c-library.ts";

const SYMBOLS = {
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
} as const;
export const SOL_SOCKET = 1;
export const IPPROTO_TCP = 6;

/**
 * Sets an option of a socket, `SO_` or `TCP_` as `level` says, whose value the system takes in this form. False when that
 * cannot be had here.
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
