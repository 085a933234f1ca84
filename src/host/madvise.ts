/** Advises the system on the use of memory. */
import { openCLibrary } from "./c-library.ts";

const SYMBOLS = { madvise: { args: ["usize", "usize", "i32"], returns: "i32" } } as const;

const MADV_POPULATE_WRITE = 23;

/** The largest size of a usual page: advice is for whole ones. */
export const PAGE_BYTES = 1 << 16;

/** The next address, or number of bytes, at which a page begins. */
export function roundUpToPage(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

/** `madvise(2)`, by address, length and advice, 0 when it is taken. Null where the advice is not Linux's. */
export function openMadvise() {
  return process.platform === "linux" ? (openCLibrary(SYMBOLS)?.madvise ?? null) : null;
}

/**
 * Has the system back memory, by address and length, before it is written; false when it does not know how. Linux from
 * 5.14 on; null elsewhere.
 */
export function openPopulate(): ((address: number, length: number) => boolean) | null {
  const madvise = openMadvise();
  return madvise && ((address, length) => madvise(address, length, MADV_POPULATE_WRITE) === 0);
}
