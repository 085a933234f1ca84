/**
 * `bun scripts/fuzz.ts [--seed S] [--ops N]`: random commands through the core and the naive reference
 * exchange, in lockstep. Prints the throughput; on a difference, the seed and the shortest list of commands
 * that shows it, and exits with 1.
 */
import { parseArgs } from "node:util";
import { Fuzzer } from "../test/core/fuzz/fuzz.ts";

const OPS_PER_SEED = 2_000;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    ops: { type: "string", default: "200000" },
  },
});
const first = Number(values.seed);
const ops = Number(values.ops);
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(ops) || ops < 1) {
  console.error("usage: bun scripts/fuzz.ts [--seed S] [--ops N], whole numbers");
  process.exit(2);
}

const fuzzer = new Fuzzer();
const start = performance.now();
let done = 0;
for (let seed = first; done < ops; seed++) {
  const count = Math.min(OPS_PER_SEED, ops - done);
  const failure = fuzzer.run(seed, count);
  if (failure !== undefined) {
    console.error(failure);
    process.exit(1);
  }
  done += count;
}
const seconds = (performance.now() - start) / 1000;
console.log(
  `${done} commands in ${seconds.toFixed(1)} s, ${Math.round(done / seconds)} a second: no difference`,
);
