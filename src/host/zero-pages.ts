/**
 * Gives the pages of tables that hold only zeros back to the system. Memory that was written and then cleared still takes
 * room on the machine. Once given back, it reads as zeros as before, and takes room again only when it is written. Linux
 * only; elsewhere it does nothing.
 */
import { ptr } from "bun:ffi";
import { openCLibrary } from "./c-library.ts";
import { openMadvise } from "./madvise.ts";

const SYMBOLS = {
  getpagesize: { args: [], returns: "i32" },
  mincore: { args: ["usize", "usize", "ptr"], returns: "i32" },
} as const;
const MADV_DONTNEED = 4;
/** `mincore` marks a page that is in memory with this. */
const RESIDENT = 1;

type System = NonNullable<ReturnType<typeof openSystem>>;

function openSystem() {
  const madvise = openMadvise();
  const library = madvise === null ? null : openCLibrary(SYMBOLS);
  return madvise === null || library === null ? null : { ...library, madvise };
}

/** Returns how many bytes it gave back. No other thread may write to the tables during the call. */
export function giveBackZeros(tables: readonly ArrayBufferView[]): number {
  const system = openSystem();
  if (system === null) return 0;
  return tables.reduce((given, table) => given + giveBack(wholePages(table, system), system), 0);
}

interface Pages {
  bytes: Buffer;
  pageBytes: number;
  count: number;
}

/** The pages that belong to the table as a whole. */
function wholePages({ buffer, byteOffset, byteLength }: ArrayBufferView, system: System): Pages {
  const pageBytes = system.getpagesize();
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  if (byteLength === 0) return { bytes, pageBytes, count: 0 };
  const before = -Number(ptr(bytes)) & (pageBytes - 1);
  const count = Math.max(0, Math.floor((byteLength - before) / pageBytes));
  return { bytes: bytes.subarray(before, before + count * pageBytes), pageBytes, count };
}

function giveBack({ bytes, pageBytes, count }: Pages, system: System): number {
  const resident = new Uint8Array(count);
  if (count === 0 || system.mincore(ptr(bytes), bytes.length, resident) !== 0) return 0;
  const zeros = Buffer.alloc(pageBytes);
  const isZero = (page: number): boolean =>
    resident[page] === RESIDENT &&
    bytes.subarray(page * pageBytes, (page + 1) * pageBytes).equals(zeros);
  let given = 0;
  for (let page = resident.indexOf(RESIDENT); page >= 0; ) {
    let end = page;
    while (end < count && isZero(end)) end++;
    const length = (end - page) * pageBytes;
    const from = ptr(bytes, page * pageBytes);
    if (length > 0 && system.madvise(from, length, MADV_DONTNEED) === 0) given += length;
    page = resident.indexOf(RESIDENT, end + 1);
  }
  return given;
}
