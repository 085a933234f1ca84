import { ptr } from "bun:ffi";
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { adviseHugePages } from "../../src/host/huge-pages.ts";

const MIB = 1 << 20;

/** Whether huge pages were asked for memory (`hg`); the system gives them when enough of its memory hangs together. */
function isAdvised(address: number): boolean {
  let isWithin = false;
  for (const line of readFileSync("/proc/self/smaps", "utf8").split("\n")) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
    if (range !== null) {
      isWithin = Number(`0x${range[1]}`) <= address && address < Number(`0x${range[2]}`);
    } else if (isWithin && line.startsWith("VmFlags:")) {
      return / hg\b/.test(line);
    }
  }
  return false;
}

const setting = (): string => {
  try {
    return readFileSync("/sys/kernel/mm/transparent_hugepage/enabled", "utf8");
  } catch {
    return "";
  }
};
const isGranted = process.platform === "linux" && /\[(madvise|always)\]/.test(setting());

test.skipIf(!isGranted)(
  "huge pages are asked for a large table, which has what was written",
  () => {
    const table = new Uint8Array(64 * MIB);
    expect(adviseHugePages([table.buffer])).toBe(true);
    expect(isAdvised(ptr(table) + 32 * MIB)).toBe(true);
    table.fill(7, 0, 32 * MIB);
    expect([table[0], table[32 * MIB - 1], table[32 * MIB]]).toEqual([7, 7, 0]);
  },
);

test.skipIf(!isGranted)("a small table is not changed", () => {
  const table = new Uint8Array(16 * MIB);
  const before = isAdvised(ptr(table) + 8 * MIB);
  expect(adviseHugePages([table.buffer, new ArrayBuffer(0)])).toBe(true);
  expect(isAdvised(ptr(table) + 8 * MIB)).toBe(before);
  expect(table[0]).toBe(0);
});
