/**
 * `bun run siege [--seed S] [--minutes M] [--only NAME,…] [--short]`: every attack that once broke the exchange,
 * against a real server, while a victim trades, others read, and memory is watched. Prints a table at the end
 * and exits with 1 when the exchange did not hold.
 */
import { ATTACKS } from "../bench/siege/attacks.ts";
import { useTls } from "../bench/siege/connect.ts";
import { parseOptions, type SiegeOptions, USAGE } from "../bench/siege/options.ts";
import { progressLine, siegeTable } from "../bench/siege/report.ts";
import { type AttackResult, runSiege } from "../bench/siege/siege.ts";

const options = readOptions();
if (options === "help") {
  console.log(USAGE);
  process.exit(0);
}
if (options === "list") {
  for (const { name, section, about } of ATTACKS) console.log(`${name} (${section}): ${about}`);
  process.exit(0);
}
if (options.isTls) useTls();
const { only } = options;
const unknown = only?.find((asked) => ATTACKS.every(({ name }) => name !== asked));
if (unknown !== undefined) {
  console.error(`No attack is called ${unknown}; --list names them`);
  process.exit(2);
}
const attacks = ATTACKS.filter(
  ({ name, like }) => only?.includes(name) ?? (like === undefined || !options.isShort),
);

const results: AttackResult[] = [];
const start = performance.now();
await runSiege(attacks, options, (result) => {
  results.push(result);
  console.log(progressLine(result));
});
for (const line of siegeTable(results)) console.log(line);
const seconds = Math.round((performance.now() - start) / 1000);
console.log(`seed ${options.seed}, ${seconds} s`);
process.exit(results.every(({ faults }) => faults.length === 0) ? 0 : 1);

function readOptions(): SiegeOptions | "help" | "list" {
  try {
    return parseOptions(Bun.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}
