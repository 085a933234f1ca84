/**
 * Asks the system to back large tables with pages of 2 MiB instead of 4 KiB. Tables of hundreds of megabytes that are
 * read at random otherwise wait for the address of nearly every word. Linux only, and a wish: where the system does
 * not grant it, everything works the same, slower.
 */
import { ptr } from "bun:ffi";
import { openMadvise, PAGE_BYTES, roundUpToPage } from "./madvise.ts";

const MADV_HUGEPAGE = 14;
/** Smaller tables stay on small pages: the caches hold most of what is read of them. */
const LEAST_BYTES = 32 << 20;

/**
 * `tables` should be filled from their starts: of each, the last 2 MiB in use are taken whole. False when the system
 * does not know of such pages.
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
