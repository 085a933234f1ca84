import { describe, expect, test } from "bun:test";
import { LevelChanges, REPLAY_MESSAGES_MAX } from "../../src/records/level-changes.ts";
import { createDepthMessage, type DepthMessage } from "../../src/records/level-log.ts";
import { WATCH_AFTER_MS } from "../../src/records/watches.ts";
import { buy, type Command, cancel, sell } from "../core/command-builder.ts";
import { Random } from "../core/fuzz/random.ts";
import { DepthBook, type DepthData, levelsOf, pairs } from "./depth-book.ts";
import { drawCommand, MarketRun, START, setUp } from "./market-run.ts";
import { contents, copyStores } from "./stores.ts";

const SYMBOLS = 3;

function open(logBytes?: number): { run: MarketRun; changes: LevelChanges } {
  const run = new MarketRun();
  const changes = new LevelChanges(run.core.view, logBytes);
  changes.onTick(run.tick(START, ...setUp(SYMBOLS)));
  return { run, changes };
}

function data(message: DepthMessage): DepthData {
  return {
    first_seq: message.firstSeq,
    last_seq: message.lastSeq,
    bids: pairs(message.bids, message.bidCount),
    asks: pairs(message.asks, message.askCount),
    checksum: message.checksum,
  };
}

/** What a replay tells, and the first change that it says it tells. */
function replay(changes: LevelChanges, symbol: number, from: number) {
  const messages: DepthData[] = [];
  const first = changes.replay(symbol, from, createDepthMessage(), (message) =>
    messages.push(data(message)),
  );
  return { first, messages };
}

const bid = (price: number, quantity = 1) => buy({ account: 1, price, quantity });

describe("a book can be put together again", () => {
  test.each([1, 2, 3, 4])("from any change on, on random stream %d", (seed) => {
    const random = new Random(seed);
    const { run, changes } = open();
    for (let symbol = 0; symbol < SYMBOLS; symbol++) changes.watches.watch(symbol);
    const placed: Command[] = [];
    const books: { symbol: number; book: DepthBook }[] = [];
    for (let tick = 0; tick < 150; tick++) {
      const commands = Array.from({ length: random.between(1, 12) }, () =>
        drawCommand(random, SYMBOLS, placed),
      );
      changes.onTick(run.tick(START + tick, ...commands));
      const symbol = random.between(0, SYMBOLS - 1);
      const { view } = run.core;
      const [bids, asks] = [levelsOf(view, symbol, 0), levelsOf(view, symbol, 1)];
      books.push({ symbol, book: new DepthBook(changes.seq(symbol), bids, asks) });
    }
    for (const { symbol, book } of books) {
      const from = book.seq + 1;
      const { first, messages } = replay(changes, symbol, from);
      expect(first).toBe(from);
      for (const message of messages) book.apply(message);
      const { view } = run.core;
      expect([book.seq, book.levels(0), book.levels(1)]).toEqual([
        changes.seq(symbol),
        levelsOf(view, symbol, 0),
        levelsOf(view, symbol, 1),
      ]);
    }
    expect(changes.oldestSeq(0)).toBe(1);
  });
});

test("a tick's changes of a symbol are one message, each price once, best first", () => {
  const { run, changes } = open();
  changes.watches.watch(0);
  const gone = bid(9);
  const ask = (price: number) => sell({ account: 2, price, quantity: 4 });
  changes.onTick(
    run.tick(
      START,
      bid(8),
      gone,
      bid(7),
      bid(8, 2),
      ask(12),
      ask(11),
      cancel({ account: 1, of: gone }),
    ),
  );
  expect(replay(changes, 0, 1)).toEqual({
    first: 1,
    messages: [
      {
        first_seq: 1,
        last_seq: 7,
        bids: [
          [9, 0],
          [8, 3],
          [7, 1],
        ],
        asks: [
          [11, 4],
          [12, 4],
        ],
        checksum: changes.checksum(0),
      },
    ],
  });
});

test("a replay that starts inside a message begins with the whole message", () => {
  const { run, changes } = open();
  changes.watches.watch(0);
  changes.onTick(run.tick(START, bid(8), bid(7), bid(6)));
  changes.onTick(run.tick(START, bid(5)));
  const { first, messages } = replay(changes, 0, 2);
  expect([first, messages.map(({ first_seq, last_seq }) => [first_seq, last_seq])]).toEqual([
    1,
    [
      [1, 3],
      [4, 4],
    ],
  ]);
  expect([replay(changes, 0, 4).first, replay(changes, 0, 5)]).toEqual([
    4,
    { first: 5, messages: [] },
  ]);
});

describe("changes are kept", () => {
  test("only while somebody watches, and five minutes after", () => {
    const { run, changes } = open();
    const change = (timestamp: number): number => {
      changes.onTick(run.tick(timestamp, bid(5)));
      return changes.oldestSeq(0);
    };
    expect(change(START)).toBe(2);
    changes.watches.watch(0);
    expect([change(START), change(START)]).toEqual([2, 2]);
    changes.watches.unwatch(0, START);
    expect([change(START), change(START + WATCH_AFTER_MS - 1)]).toEqual([2, 2]);
    // Nobody watches this one, so what came before it is of no use.
    expect(change(START + WATCH_AFTER_MS)).toBe(7);
    changes.watches.look(0, START + WATCH_AFTER_MS);
    expect(change(START + WATCH_AFTER_MS)).toBe(7);
    changes.watches.watch(-1);
    expect([change(START + 3 * WATCH_AFTER_MS), changes.oldestSeq(1)]).toEqual([7, 1]);
  });

  test("as long as there is room, and as many as are told at once", () => {
    const { run, changes } = open(40 * 80);
    changes.watches.watch(0);
    for (let i = 0; i < 100; i++) changes.onTick(run.tick(START, bid(5)));
    // 80 bytes each: eight words of head, and a level.
    expect([changes.oldestSeq(0), replay(changes, 0, 61).messages.length]).toEqual([61, 40]);
    const many = open();
    many.changes.watches.watch(0);
    const count = REPLAY_MESSAGES_MAX + 10;
    for (let i = 0; i < count; i++) many.changes.onTick(many.run.tick(START, bid(5)));
    expect([many.changes.oldestSeq(0), replay(many.changes, 0, 11).messages.length]).toEqual([
      11,
      REPLAY_MESSAGES_MAX,
    ]);
  });

  test("not at all where one message is larger than the log", () => {
    const { run, changes } = open(80);
    changes.watches.watch(0);
    changes.onTick(run.tick(START, bid(5)));
    changes.onTick(run.tick(START, bid(6), bid(7)));
    expect([changes.oldestSeq(0), changes.readLast(createDepthMessage(), 0)]).toEqual([4, false]);
  });
});

test("after a restart the numbers continue, and the older changes are gone", () => {
  const { run, changes } = open();
  changes.watches.watch(0);
  changes.onTick(run.tick(START, bid(5), bid(6)));
  const restored = new LevelChanges(run.core.view);
  copyStores(changes.stores, restored.stores);
  restored.watches.watch(0);
  expect([restored.seq(0), restored.oldestSeq(0)]).toEqual([2, 3]);
  restored.onTick(run.tick(START, bid(7)));
  expect([restored.oldestSeq(0), replay(restored, 0, 3).messages.length]).toEqual([3, 1]);
  expect(contents(restored.stores)["book-seqs"]?.length).toBe(SYMBOLS * 2);
});
