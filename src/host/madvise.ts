/** Tells the system how memory will be used. */
import { openCLibrary } from "./c-library.ts";

const SYMBOLS = { madvise: { args: ["usize", "usize", "i32"], returns: "i32" } } as const;

const MADV_POPULATE_WRITE = 23;

/** The largest usual page size. Advice has to cover whole pages. */
export const PAGE_BYTES = 1 << 16;

/** Rounds an address or a number of bytes up to the next whole page. */
export function roundUpToPage(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

/** `madvise(2)`: takes address, length and advice, and returns 0 when the system took it. Null on other systems than Linux. */
export function openMadvise() {
  return process.platform === "linux" ? (openCLibrary(SYMBOLS)?.madvise ?? null) : null;
}

/**
 * A function that makes the system back memory, given by address and length, before it is written. It returns false when
 * the system cannot do that: Linux can from 5.14 on. Null on other systems.
 */
export function openPopulate(): ((address: number, length: number) => boolean) | null {
  const madvise = openMadvise();
  return madvise && ((address, length) => madvise(address, length, MADV_POPULATE_WRITE) === 0);
}
