import { describe, expect, test } from "bun:test";
import { EVERY } from "../../src/market-data/topics.ts";
import type { Command } from "../core/command-builder.ts";
import { Random } from "../core/fuzz/random.ts";
import { DepthBook, type DepthData, levelsOf } from "../records/depth-book.ts";
import { drawCommand } from "../records/market-run.ts";
import { ask, bid, Market, type Message, topic } from "./market.ts";

const depthOf = ({ data }: Message): DepthData => data as unknown as DepthData;
const SECOND_MS = 1000;

describe("conflated depth has no gap, and every checksum matches", () => {
  test.each([EVERY, 0])("whenever a client subscribes (key %d)", (key) => {
    const random = new Random(7 + key);
    const market = new Market(1);
    const placed: Command[] = [];
    const books: DepthBook[] = [];
    let messages = 0;
    for (let i = 0; i < 200; i++) {
      const pushed = market.tick(drawCommand(random, 1, placed), drawCommand(random, 1, placed));
      pushed.push(...market.pass(random.between(0, 300)));
      if (i % 40 === 0) {
        const book = new DepthBook();
        for (const message of pushed) for (const each of books) each.apply(depthOf(message));
        // What waits is told to those who are there already, before the new one comes.
        for (const message of market.current(topic("depth", 0))) book.apply(depthOf(message));
        const waited = market.during(() => market.listenConflated(topic("depth", key)));
        for (const message of waited) for (const each of books) each.apply(depthOf(message));
        books.push(book);
        continue;
      }
      messages += pushed.length;
      for (const message of pushed) for (const each of books) each.apply(depthOf(message));
    }
    for (const message of market.pass(SECOND_MS)) {
      for (const each of books) each.apply(depthOf(message));
    }
    expect(messages).toBeLessThan(60);
    const { view } = market.run.core;
    expect(books.map((book) => [book.seq, book.levels(0), book.levels(1)])).toEqual(
      books.map(() => [market.levelChanges.seq(0), levelsOf(view, 0, 0), levelsOf(view, 0, 1)]),
    );
  });

  test("changes that are no longer kept are replaced by the whole book", () => {
    const market = new Market(1, 4096);
    market.listenConflated(topic("depth", 0));
    expect(market.tick(bid(1000))).toHaveLength(1);
    for (let price = 1; price <= 500; price++) market.tick(bid(price));
    const [message, ...more] = market.pass(SECOND_MS);
    expect(more).toEqual([]);
    expect(message?.data).toMatchObject({ snapshot: true, last_seq: 501, symbol: "SYMBOL_0" });
    expect(message?.data.bids).toHaveLength(501);
  });
});

test("conflated book and bbo are sent once a second; subscribers of every change receive each one", () => {
  const market = new Market(2);
  market.listen(topic("bbo", 1));
  market.listenConflated(topic("bbo"), topic("book"));
  const streams = (messages: Message[]) => messages.map(({ stream, data }) => [stream, data.bid]);
  market.tick(bid(10), bid(20, 1, 1));
  expect(streams(market.tick(bid(11), bid(21, 1, 1)))).toEqual([["bbo", [21, 1]]]);
  expect(streams(market.tick(ask(30), bid(22, 1, 1)))).toEqual([["bbo", [22, 1]]]);
  const told = market.pass(SECOND_MS);
  expect(streams(told.filter(({ stream }) => stream === "bbo"))).toEqual([
    ["bbo", [11, 1]],
    ["bbo", [22, 1]],
  ]);
  const books = told.filter(({ stream }) => stream === "market_data").map(({ data }) => data);
  expect(books).toMatchObject([
    {
      symbol: "SYMBOL_0",
      bids: [
        [11, 1],
        [10, 1],
      ],
      asks: [[30, 1]],
    },
    {
      symbol: "SYMBOL_1",
      bids: [
        [22, 1],
        [21, 1],
        [20, 1],
      ],
      asks: [],
    },
  ]);
  expect(market.pass(SECOND_MS * 3)).toEqual([]);
});

test("a topic's rate is what its subscribers were sent in a second, or would have been", () => {
  const market = new Market(2);
  market.listenConflated(topic("bbo"));
  market.pass(SECOND_MS);
  for (let price = 1; price <= 20; price++) market.tick(bid(price), ask(100 + price, 1, 1));
  market.pass(SECOND_MS);
  const rates = () => [EVERY, 0, 1].map((key) => market.broadcaster.rate(topic("bbo", key)));
  expect(rates()).toEqual([21, 20, 1]);
  market.pass(SECOND_MS);
  expect(rates()).toEqual([0, 0, 0]);
});
