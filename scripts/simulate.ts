/**
 * `bun run simulate [--seed S] [--ticks N]`: the persistence code on a simulated disk, until so many
 * ticks were appended. Prints what was done and how fast; when a promise was broken, the seed, the
 * tick and the shortest story that was found of it, and exits with 1.
 */
import { parseArgs } from "node:util";
import { Simulation } from "../test/simulation/simulation.ts";

/** Exchanges that are tried for a shorter story of a failure. */
const SHORTER_TRIES = 300;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    ticks: { type: "string", default: "500000" },
  },
});
const seed = Number(values.seed);
const ticks = Number(values.ticks);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(ticks) || ticks < 1) {
  console.error("usage: bun run simulate [--seed S] [--ticks N], whole numbers");
  process.exit(2);
}

const simulation = new Simulation();
const start = performance.now();
const failure = simulation.run(seed, ticks);
const minutes = (performance.now() - start) / 60_000;
const { tally, crashes } = simulation;
if (failure !== null) {
  const shortest = new Simulation().shortest(failure, SHORTER_TRIES);
  console.error(`seed ${failure.seed}, tick ${failure.tick}: ${failure.reason}`);
  console.error(`the shortest story of it: seed ${shortest.seed}, tick ${shortest.tick}`);
  console.error(`${shortest.story}\n${shortest.reason}`);
  console.error(`again: bun run simulate --seed ${shortest.seed} --ticks 1`);
  process.exit(1);
}
for (const [name, value] of Object.entries(tally)) console.log(`${name.padEnd(20)}${value}`);
console.log(
  `${crashes} crashes in ${(minutes * 60).toFixed(1)} s, ${Math.round(crashes / minutes)} a minute: ` +
    "every promise was kept",
);
