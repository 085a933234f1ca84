/**
 * The demo as a process of its own: reads one line of JSON (`DemoOptions`) from stdin and trades until
 * stdin is closed or the parent is gone, so that it never outlives the exchange that started it.
 */
import { type DemoOptions, runMarketMakers } from "./market-makers.ts";

const PARENT_CHECK_MS = 1_000;
const parentPid = process.ppid;

setInterval(() => {
  // An orphan is given another parent.
  if (process.ppid !== parentPid) process.exit(0);
}, PARENT_CHECK_MS);

const decoder = new TextDecoder();
let input = "";
let isTrading = false;
for await (const chunk of Bun.stdin.stream()) {
  if (isTrading) continue;
  input += decoder.decode(chunk, { stream: true });
  const end = input.indexOf("\n");
  if (end < 0) continue;
  isTrading = true;
  runMarketMakers(JSON.parse(input.slice(0, end)) as DemoOptions).catch(fail);
}
process.exit(0);

function fail(error: unknown): void {
  process.stderr.write(
    `${JSON.stringify({ level: "error", msg: "the demo stopped", error: String(error) })}\n`,
  );
  process.exit(1);
}
