import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { adviseHugePages } from "../../src/host/huge-pages.ts";

const MIB = 1 << 20;

/**
 * Kilobytes of this process for which huge pages were asked (`hg`). Whether the system gives them depends on how
 * much of its memory hangs together.
 */
function advisedKilobytes(): number {
  const maps = readFileSync("/proc/self/smaps", "utf8").split(/^VmFlags: /m);
  let kilobytes = 0;
  for (const [n, map] of maps.entries()) {
    if (!/^(?:\w\w )*hg\b/.test(maps[n + 1] ?? "")) continue;
    kilobytes += Number(/^Size: +(\d+) kB$/m.exec(map)?.[1]);
  }
  return kilobytes;
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
    const before = advisedKilobytes();
    expect(adviseHugePages([table.buffer])).toBe(true);
    expect(advisedKilobytes() - before).toBeGreaterThan(32 * 1024);
    table.fill(7, 0, 32 * MIB);
    expect([table[0], table[32 * MIB - 1], table[32 * MIB]]).toEqual([7, 7, 0]);
  },
);

test.skipIf(!isGranted)("a small table is left as it is", () => {
  const table = new Uint8Array(16 * MIB);
  const before = advisedKilobytes();
  expect(adviseHugePages([table.buffer, new ArrayBuffer(0)])).toBe(true);
  expect(advisedKilobytes()).toBe(before);
  expect(table[0]).toBe(0);
});
