/** The workload bench on a workload small enough to be worked out by hand. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directory = mkdtempSync(join(tmpdir(), "waiver-workload-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** op (0 limit, 1 cancel, 2 market, 3 limit IOC), id, symbol, side (0 buy), price, quantity. */
const OPS = [
  [0, 1, 0, 1, 100, 10],
  [0, 2, 0, 1, 101, 5],
  [0, 3, 0, 0, 100, 4], // takes 4 of order 1
  [1, 1, 0, 1, 100, 0],
  [2, 4, 0, 0, 0, 2], // takes 2 of order 2
  [3, 5, 0, 0, 101, 9], // takes the 3 that are left of it
];
const TRADES = [
  [1, 3, 100, 4],
  [2, 4, 101, 2],
  [2, 5, 101, 3],
];

test("prints one line with the trades, their quantity and the hash over them", async () => {
  const file = join(directory, "small.bin");
  const header = new Int32Array(16);
  header.set([0x4d45574c, OPS.length, 1, 1, 4096, 5]);
  await Bun.write(file, new Uint8Array(new Int32Array([...header, ...OPS.flat()]).buffer));
  const hash = TRADES.flat().reduce((h, value) => (Math.imul(h, 31) + value) | 0, 0) >>> 0;

  const bench = join(import.meta.dir, "../../bench/core/workload.ts");
  const child = Bun.spawn([process.execPath, "--no-orphans", bench, file], { stderr: "inherit" });
  const lines = (await new Response(child.stdout).text()).trim().split("\n");
  expect(await child.exited).toBe(0);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      ops_per_s: expect.any(Number),
      trades: 3,
      quantity: 9,
      hash: hash.toString(16).padStart(8, "0"),
      state_hash: expect.stringMatching(/^[0-9a-f]{16}$/),
      rss_mb: expect.any(Number),
    },
  ]);
});
