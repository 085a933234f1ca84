import { describe, expect, test } from "bun:test";
import { type Command, cancel } from "../../core/command-builder.ts";
import { Random } from "../../core/fuzz/random.ts";
import { DepthBook, type DepthData, levelsOf } from "../../records/depth-book.ts";
import { drawCommand } from "../../records/market-run.ts";
import { ask, bid, Market, type Message, MIDNIGHT, topic } from "../market.ts";

const SYMBOLS = 3;

const depthOf = ({ data }: Message): DepthData => data as unknown as DepthData;

interface Listener {
  symbol: number;
  book: DepthBook;
}

describe("a subscriber has the same book as the core, and every checksum matches", () => {
  test.each([1, 2, 3, 4])("whenever it subscribed, on random stream %d", (seed) => {
    const random = new Random(seed);
    const market = new Market(SYMBOLS);
    const placed: Command[] = [];
    const listeners: Listener[] = [];
    for (let i = 0; i < 120; i++) {
      market.now += random.between(0, 100);
      const commands = Array.from({ length: random.between(1, 12) }, () =>
        drawCommand(random, SYMBOLS, placed),
      );
      const pushed = market.tick(...commands);
      for (const { symbol, book } of listeners) {
        const name = `SYMBOL_${symbol}`;
        const messages = pushed.filter(({ data }) => data.symbol === name);
        expect(messages.length <= 1).toBe(true);
        for (const message of messages) book.apply(depthOf(message));
        const { view } = market.run.core;
        expect([i, book.seq, book.levels(0), book.levels(1)]).toEqual([
          i,
          market.levelChanges.seq(symbol),
          levelsOf(view, symbol, 0),
          levelsOf(view, symbol, 1),
        ]);
      }
      if (i % 20 !== 0) continue;
      const symbol = random.between(0, SYMBOLS - 1);
      const book = new DepthBook();
      for (const message of market.current(topic("depth", symbol))) book.apply(depthOf(message));
      if (!listeners.some((each) => each.symbol === symbol)) market.listen(topic("depth", symbol));
      listeners.push({ symbol, book });
    }
  });

  test("after a lost connection, too", () => {
    const random = new Random(5);
    const market = new Market(1);
    const placed: Command[] = [];
    const [current] = market.current(topic("depth", 0));
    if (current === undefined) throw new Error("nothing was told");
    const book = new DepthBook();
    book.apply(depthOf(current));
    market.listen(topic("depth", 0));
    market.leave(topic("depth", 0));
    for (let i = 0; i < 50; i++) market.tick(drawCommand(random, 1, placed));
    for (const message of market.replayDepth(0, book.seq + 1)) book.apply(depthOf(message));
    market.listen(topic("depth", 0));
    for (let i = 0; i < 50; i++) {
      for (const message of market.tick(drawCommand(random, 1, placed))) {
        book.apply(depthOf(message));
      }
    }
    const { view } = market.run.core;
    expect([book.levels(0), book.levels(1)]).toEqual([levelsOf(view, 0, 0), levelsOf(view, 0, 1)]);
  });
});

const depth = (more: object) => ({ stream: "depth", data: { symbol: "SYMBOL_0", ...more } });

test("every change is sent, also of an order that came and left in one tick", () => {
  const market = new Market();
  market.listen(topic("depth"));
  const passing = bid(11);
  expect(market.tick(bid(10), passing, cancel({ account: 1, of: passing }), ask(12, 4))).toEqual([
    depth({
      first_seq: 1,
      last_seq: 4,
      bids: [
        [11, 0],
        [10, 1],
      ],
      asks: [[12, 4]],
      checksum: market.levelChanges.checksum(0),
      tick: 2,
      timestamp: MIDNIGHT,
    }),
  ]);
});

test("a new subscriber gets the whole book, however deep it is", () => {
  const market = new Market();
  const count = 700;
  market.tick(...Array.from({ length: count }, (_, i) => bid(1000 + i)), ask(5000, 9));
  expect(market.current(topic("depth", 0))).toEqual([
    depth({
      first_seq: count + 1,
      last_seq: count + 1,
      bids: Array.from({ length: count }, (_, i) => [999 + count - i, 1]),
      asks: [[5000, 9]],
      checksum: market.levelChanges.checksum(0),
      snapshot: true,
      tick: 2,
      timestamp: MIDNIGHT,
    }),
  ]);
  const empty = { bids: [], asks: [], checksum: market.levelChanges.checksum(1), snapshot: true };
  expect(market.current(topic("depth", 1), "msgpack")).toEqual([
    depth({
      symbol: "SYMBOL_1",
      first_seq: 0,
      last_seq: 0,
      ...empty,
      tick: 2,
      timestamp: MIDNIGHT,
    }),
  ]);
});

test("a change that is too large for the log is sent as the whole book", () => {
  const market = new Market(1, 80);
  market.listen(topic("depth"));
  market.tick(bid(10));
  expect(market.tick(bid(11), bid(12))).toEqual(market.current(topic("depth", 0)));
});
