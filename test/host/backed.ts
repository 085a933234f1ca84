/** Tables for which the system reports how much of their memory it has backed. */
import { ptr } from "bun:ffi";
import { closeSync, openSync, readSync } from "node:fs";
import { openMadvise } from "../../src/host/madvise.ts";

const MIB = 1 << 20;
/** The size of a page, and of its entry in /proc/self/pagemap. */
const PAGE_BYTES = 4096;
const ENTRY_BYTES = 8;
const MADV_DONTNEED = 4;
const MADV_NOHUGEPAGE = 15;

/** How many MiB of the table are backed. The system says for each page whether it is present. */
export function backed(table: Float64Array): number {
  const first = Math.floor(ptr(table) / PAGE_BYTES);
  const entries = new BigUint64Array(Math.floor(table.byteLength / PAGE_BYTES));
  const file = openSync("/proc/self/pagemap", "r");
  readSync(file, entries, 0, entries.byteLength, first * ENTRY_BYTES);
  closeSync(file);
  return (entries.filter((entry) => entry >> 63n === 1n).length * PAGE_BYTES) / MIB;
}

/**
 * A table of zeros of which nothing is backed. Memory that was used before would be cleared by the runtime,
 * and so be backed.
 */
export function freshTable(byteLength: number): Float64Array {
  const table = new Float64Array(byteLength / 8);
  const first = Math.ceil(ptr(table) / PAGE_BYTES) * PAGE_BYTES;
  const end = Math.floor((ptr(table) + byteLength) / PAGE_BYTES) * PAGE_BYTES;
  for (const advice of [MADV_NOHUGEPAGE, MADV_DONTNEED])
    openMadvise()?.(first, end - first, advice);
  return table;
}
