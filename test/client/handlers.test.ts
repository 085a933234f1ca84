/** Functions that a program gives to a client, and that throw. */
import { expect, test } from "bun:test";
import { join } from "node:path";

/** In a process of its own, because an error that nothing catches fails the test that runs meanwhile. */
const PROGRAM = `
import { bookChecksum, createPublicClient } from "@waiver/client";
import { StandInExchange } from "./test/client/stand-in-exchange.ts";

const errors = new Set();
process.on("uncaughtException", (error) => errors.add(error.message));
const fail = (name) => () => {
  throw new Error(name);
};

await using exchange = new StandInExchange(["SYMBOL_1"], {});
const client = createPublicClient({
  url: exchange.url,
  backoff: { delayMinMs: 1, delayMaxMs: 5 },
});
client.onState(fail("state"));
const states = [];
const lines = { count: 0, isBack: Promise.withResolvers() };
client.onState(({ state }) => {
  states.push(state);
  if (state === "live") lines.count += 1;
  if (lines.count === 2) lines.isBack.resolve();
});
await client.connect();

const book = client.orderBook("SYMBOL_1");
book.onChange(fail("book"));
const isTold = Promise.withResolvers();
book.onChange(() => {
  if (book.isLive) isTold.resolve();
});
await exchange.until(() => exchange.received.some(({ params }) => params.symbols));
const seq = { first_seq: 1, last_seq: 1 };
const levels = { bids: [[10, 5]], asks: [], checksum: bookChecksum([[10, 5]], []) };
exchange.push("market-data", "depth", {
  ...{ symbol: "SYMBOL_1", snapshot: true, tick: 1, timestamp: 1 },
  ...{ ...seq, ...levels },
});
await isTold.promise;

const trades = client.stream("trades", { symbols: ["SYMBOL_1"] });
trades.on(fail("trade"));
const got = Promise.withResolvers();
trades.on(() => got.resolve());
exchange.push("market-data", "trades", { symbol: "SYMBOL_1" });
await got.promise;

exchange.hangUp();
await lines.isBack.promise;
console.log(JSON.stringify({ states, errors: [...errors].sort() }));
client.close();
`;

test("if a handler throws, the other handlers are still called, and the connection stays", async () => {
  const child = Bun.spawn([process.execPath, "-e", PROGRAM], {
    cwd: join(import.meta.dir, "../.."),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    timeout: 30_000,
  });
  expect(JSON.parse(await child.stdout.text())).toEqual({
    states: ["connecting", "live", "offline", "live"],
    errors: ["book", "state", "trade"],
  });
});
