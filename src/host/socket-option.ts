/** Options of sockets that the runtime neither sets nor tells. Linux only. */
import { ptr } from "bun:ffi";
import { openCLibrary } from "./c-library.ts";

const SYMBOLS = {
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
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

/** The value of an option that is a number; null when it is no socket, or that cannot be had here. */
export function socketOption(socket: number, level: number, option: number): number | null {
  const getsockopt = openCLibrary(SYMBOLS)?.getsockopt;
  const value = new Int32Array(1);
  const length = Int32Array.of(value.byteLength);
  const isRead = getsockopt?.(socket, level, option, ptr(value), ptr(length)) === 0;
  return isRead ? (value[0] as number) : null;
}
