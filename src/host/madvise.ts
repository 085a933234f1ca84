/** Tells the system what is meant to be done with memory. */
import { openCLibrary } from "./c-library.ts";

const SYMBOLS = { madvise: { args: ["usize", "usize", "i32"], returns: "i32" } } as const;

/** The largest size of a usual page: advice is for whole ones. */
export const PAGE_BYTES = 1 << 16;

/** `madvise(2)`, by address, length and advice, 0 when it is taken. Null where the advice is not Linux's. */
export function openMadvise() {
  return process.platform === "linux" ? (openCLibrary(SYMBOLS)?.madvise ?? null) : null;
}
