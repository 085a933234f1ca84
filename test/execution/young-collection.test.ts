import { expect, test } from "bun:test";
import { join } from "node:path";
import type { TickOutput } from "../../src/core/tick-output.ts";
import { youngCollection } from "../../src/execution/young-collection.ts";

const tick = (count: number): TickOutput => ({ count }) as TickOutput;

test("young garbage is collected once in 65,536 commands, however they are divided", () => {
  let collections = 0;
  let clock = 0;
  const took: number[] = [];
  const stage = youngCollection({
    times: { observe: (seconds) => took.push(seconds) },
    collect() {
      collections++;
      clock += collections;
    },
    now: () => clock,
  });
  const afterEach = [40_000, 25_535, 1, 65_535, 1, 200_000, 1].map((count) => {
    stage.onTick(tick(count));
    return collections;
  });
  expect(afterEach).toEqual([0, 0, 1, 1, 2, 3, 3]);
  expect(took).toEqual([0.001, 0.002, 0.003]);
});

test("young garbage is collected whenever the process has grown by 64 MiB since its minimum after the last collection", () => {
  const MIB = 2 ** 20;
  let collections = 0;
  let mib = 100;
  const stage = youngCollection({ collect: () => collections++, resident: () => mib * MIB });
  const afterEach = [163, 164, 227, 120, 183, 184, 900, 963, 964].map((now) => {
    mib = now;
    stage.onBeat();
    return collections;
  });
  expect(afterEach).toEqual([0, 1, 1, 1, 1, 2, 3, 3, 4]);
});

/** A program of its own, so that what is collected is its own: MiB that it grows by while it makes 3,000 texts of a MiB. */
const MAKES_TEXTS = `
  const { youngCollection } = await import("./src/execution/young-collection.ts");
  globalThis.tables = new ArrayBuffer(4 * 2 ** 30);
  const resident = () => Math.round(process.memoryUsage.rss() / 2 ** 20);
  const young = youngCollection({});
  const first = resident();
  let most = first;
  for (let i = 0; i < 600; i++) {
    for (let k = 0; k < 5; k++) "order".padEnd(8 * 2 ** 17, i + "," + k).toLowerCase();
    young.onBeat();
    most = Math.max(most, resident());
    await new Promise(setImmediate);
  }
  console.log(most - first);
`;

test("short-lived texts do not fill the memory, though gigabytes are reserved", async () => {
  const output = await Bun.$`${process.execPath} -e ${MAKES_TEXTS}`
    .cwd(join(import.meta.dir, "../.."))
    .text();
  const grown = Number(output);
  expect(grown).toBeLessThan(400);
});
