import { expect, test } from "bun:test";
import { createCore } from "../../src/core/core.ts";
import { MarketDataFeed } from "../../src/market-data/feed.ts";
import { CommandStream, FUZZ_SYMBOLS } from "../core/fuzz/command-stream.ts";
import { CoreRun } from "../core/run.ts";

const core = createCore(FUZZ_SYMBOLS);
const COMMANDS = 2_000;

/** A frame without the time at which it was sent. */
function content(frame: string | Uint8Array | null): object {
  const { tick: _, timestamp: __, ...data } = JSON.parse(String(frame)).data;
  return data;
}

test.each([1, 2, 3, 4])(
  "whoever listens from the beginning knows the book after every tick of stream %d",
  (seed) => {
    core.reset();
    const feed = new MarketDataFeed(core);
    for (const channel of ["book", "bbo"] as const) feed.topics.count(channel, -1, "json", 1);
    const known = new Map<string, object>();
    feed.connect((topic, frame) => {
      const data = content(frame) as { symbol: string };
      known.set(`${topic.split("/")[0]} ${data.symbol}`, data);
    });
    const run = new CoreRun(core);
    const stream = new CommandStream(seed);
    for (let i = 0; i < COMMANDS; i++) {
      if (i % 3 === 0) run.beginTick();
      const command = stream.next();
      stream.hear(command, run.apply(command));
      if (i % 3 !== 2) continue;
      feed.tick();
      for (let symbol = 0; symbol < FUZZ_SYMBOLS; symbol++) {
        const [bids, asks] = [feed.levels(symbol, 0, 20), feed.levels(symbol, 1, 20)];
        const [bid = null, ask = null] = [bids[0], asks[0]];
        const book = known.get(`book SYMBOL_${symbol}`) ?? { bids: [], asks: [] };
        expect([i, book]).toEqual([i, expect.objectContaining({ bids, asks })]);
        const bbo = known.get(`bbo SYMBOL_${symbol}`) ?? { bid: null, ask: null };
        expect([i, bbo]).toEqual([i, expect.objectContaining({ bid, ask })]);
      }
    }
  },
);
