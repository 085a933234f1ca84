/**
 * Asks the system to back large tables with pages of 2 MiB instead of 4 KiB. In a table of hundreds of megabytes that is
 * read at random, nearly every read otherwise waits until the processor has looked up the address of its page. Linux only.
 * Where the system refuses, everything works the same, but slower.
 */
import { ptr } from "bun:ffi";
import { openMadvise, PAGE_BYTES, roundUpToPage } from "./madvise.ts";

const MADV_HUGEPAGE = 14;
/** Smaller tables stay on small pages: the caches hold most of what is read of them. */
const LEAST_BYTES = 32 << 20;

/**
 * Advises for each table of `LEAST_BYTES` or more. `tables` should be filled from their starts, because the page of 2 MiB
 * that is in use last takes memory as a whole. False when the system does not know such pages.
 */
export function adviseHugePages(tables: readonly ArrayBufferLike[]): boolean {
  const madvise = openMadvise();
  if (madvise === null) return false;
  const large = tables.filter(({ byteLength }) => byteLength >= LEAST_BYTES);
  return large.map((table) => adviseTable(table, madvise)).every(Boolean);
}

type Madvise = NonNullable<ReturnType<typeof openMadvise>>;

function adviseTable(table: ArrayBufferLike, madvise: Madvise): boolean {
  const start = Number(ptr(new Uint8Array(table)));
  const first = roundUpToPage(start);
  const end = Math.floor((start + table.byteLength) / PAGE_BYTES) * PAGE_BYTES;
  return madvise(first, end - first, MADV_HUGEPAGE) === 0;
}
