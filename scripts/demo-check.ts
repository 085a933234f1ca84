/**
 * `bun run demo-check [--minutes M] [--dir DIR]`: a new demo exchange, watched while somebody trades on it. Prints one line of
 * JSON, and exits with 1 when a book that had both sides had one for more than ten seconds, a maker has no cash or no shares
 * of a symbol left, or a bid at the best price of one of the ten most active players waited there for a minute.
 */
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { checkDemo } from "../bench/demo/check-demo.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    dir: { type: "string", default: tmpdir() },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error(`--minutes = ${values.minutes}: expected a number above 0`);
  process.exit(2);
}
const report = await checkDemo({ parentDir: values.dir, minutes, oneSidedMaxMs: 10_000 });
console.log(JSON.stringify(report));
const areSolvent = report.makers.every(({ cash, shares_min }) => cash > 0 && shares_min > 0);
const isGood = report.one_sided.length === 0 && report.waited.length === 0 && areSolvent;
process.exit(isGood ? 0 : 1);
