/**
 * `bun run chaos [--minutes M] [--seed S]`: an exchange that is killed again and again, clients that are dropped, and a
 * network between them that fails in one direction or both; see `test/chaos/run.ts`. As root on Linux, with iproute2.
 * Prints what happened, or what was broken and exits with 1.
 */
import { parseArgs } from "node:util";
import { runChaos } from "../test/chaos/run.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error("usage: bun run chaos [--minutes M] [--seed S], numbers");
  process.exit(2);
}
// A run that is ended by a signal removes what it has made on this machine, too.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
try {
  console.log(JSON.stringify(await runChaos(minutes * 60, seed)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
