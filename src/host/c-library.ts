/** Opens the C library, for system calls that the runtime does not offer. */
import { dlopen, type FFIFunction, type Library } from "bun:ffi";

/** The library's names with glibc and with musl. */
const NAMES = ["libc.so.6", `libc.musl-${process.arch === "x64" ? "x86_64" : "aarch64"}.so.1`];

/** These functions of the C library; null where the library cannot be opened or lacks one of them. */
export function openCLibrary<const Functions extends Record<string, FFIFunction>>(
  functions: Functions,
): Library<Functions>["symbols"] | null {
  for (const name of NAMES) {
    try {
      return dlopen(name, functions).symbols;
    } catch {
      // Try the next name.
    }
  }
  return null;
}
