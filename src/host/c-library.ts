/** The C library, for what the runtime has no function for. */
import { dlopen, type FFIFunction, type Library } from "bun:ffi";

/** By its names on glibc and on musl. */
const NAMES = ["libc.so.6", `libc.musl-${process.arch === "x64" ? "x86_64" : "aarch64"}.so.1`];

/** Functions of it; null where there are none such. */
export function openCLibrary<const Functions extends Record<string, FFIFunction>>(
  functions: Functions,
): Library<Functions>["symbols"] | null {
  for (const name of NAMES) {
    try {
      return dlopen(name, functions).symbols;
    } catch {
      // The other name, perhaps.
    }
  }
  return null;
}
