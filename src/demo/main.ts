/**
 * The demo as a process of its own: reads one line of JSON (`DemoOptions`) from stdin and trades until
 * stdin is closed or the parent is gone, so that it never outlives the exchange that started it. It reports on
 * stdout, and says on stderr why it ends.
 */
import { linesOf } from "../lib/lines.ts";
import { Desk } from "./desk.ts";
import { type DemoOptions, RATES, runMarketMakers } from "./market-makers.ts";
import { REPORT_MS } from "./report.ts";

const parentPid = process.ppid;
const desk = new Desk(RATES.build);
// Nobody reads standard output any more: the parent is gone.
process.stdout.on("error", () => process.exit(0));

setInterval(() => {
  // An orphan gets another parent.
  if (process.ppid !== parentPid) process.exit(0);
  process.stdout.write(`${JSON.stringify(desk.report)}\n`);
}, REPORT_MS);

for await (const line of linesOf(Bun.stdin.stream())) {
  runMarketMakers(JSON.parse(line) as DemoOptions, desk).catch(fail);
}
process.exit(0);

function fail(error: unknown): void {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
}
