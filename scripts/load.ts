/**
 * `bun run load [--short] [--connections N] [--seconds S] [--symbols N] [--each N] [--orders N] [--churn N] [--seed S] [--dir DIR]`:
 * an exchange with very many connections that connect, subscribe, trade, are cut off and come back. Prints one line of
 * JSON, and exits with 1 when a message is not accounted for or a reader was closed. `ulimit -n` must be above the
 * connections. `--short` only tells whether it works.
 */
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { runScale } from "../bench/scale/scale.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    connections: { type: "string", default: "10000" },
    seconds: { type: "string", default: "120" },
    symbols: { type: "string", default: "500" },
    each: { type: "string", default: "5" },
    orders: { type: "string", default: "10000" },
    churn: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    dir: { type: "string", default: tmpdir() },
  },
});

if (values.short) {
  Object.assign(values, { connections: "80", seconds: "1", symbols: "20", orders: "200" });
}
const report = await runScale({
  parentDir: values.dir,
  connections: whole("connections"),
  symbols: whole("symbols"),
  symbolsEach: whole("each"),
  ordersPerSecond: whole("orders"),
  churnPerSecond: whole("churn"),
  seconds: whole("seconds"),
  seed: whole("seed"),
});
console.log(JSON.stringify(report));
const { gaps, behind, closed_readers } = report;
process.exit(gaps + behind + closed_readers === 0 ? 0 : 1);

function whole(name: Exclude<keyof typeof values, "dir" | "short">): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`--${name} = ${values[name]}: expected a whole number`);
  process.exit(2);
}
