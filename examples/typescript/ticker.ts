/**
 * Prints the last price and the best bid and ask whenever they change: `ticker.ts SYMBOL…`; without SYMBOL, of
 * all symbols.
 */
import { createPublicClient } from "@waiver/client";

const symbols = process.argv.length > 2 ? process.argv.slice(2) : ["*"];
const client = createPublicClient({ url: process.env.WAIVER_URL ?? "ws://localhost:8080" });
client.onState(({ state, error }) => console.error(state, error?.message ?? ""));
process.on("SIGINT", () => client.close());

for await (const { symbol, last, bid, ask } of client.stream("ticker", { symbols })) {
  console.log(symbol, `last ${last ?? "-"}`, `bid ${bid?.[0] ?? "-"}`, `ask ${ask?.[0] ?? "-"}`);
}
