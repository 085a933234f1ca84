import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { adviseHugePages } from "../../src/host/huge-pages.ts";

const MIB = 1 << 20;

/** Kilobytes of this process that are in huge pages. */
function hugeKilobytes(): number {
  const line = /AnonHugePages: +(\d+)/.exec(readFileSync("/proc/self/smaps_rollup", "utf8"));
  return Number(line?.[1]);
}

const setting = (): string => {
  try {
    return readFileSync("/sys/kernel/mm/transparent_hugepage/enabled", "utf8");
  } catch {
    return "";
  }
};
const isGranted = process.platform === "linux" && /\[(madvise|always)\]/.test(setting());

test.skipIf(!isGranted)("a table that is filled is in huge pages, and has what was written", () => {
  const table = new Uint8Array(64 * MIB);
  const before = hugeKilobytes();
  expect(adviseHugePages([table.buffer])).toBe(true);
  table.fill(7, 0, 32 * MIB);
  expect(hugeKilobytes() - before).toBeGreaterThan(0);
  expect([table[0], table[32 * MIB - 1], table[32 * MIB]]).toEqual([7, 7, 0]);
});

test.skipIf(!isGranted)("a small table is left as it is", () => {
  const table = new Uint8Array(16 * MIB);
  const before = hugeKilobytes();
  expect(adviseHugePages([table.buffer, new ArrayBuffer(0)])).toBe(true);
  table.fill(7);
  expect(hugeKilobytes() - before).toBeLessThan(8 * 1024);
});
