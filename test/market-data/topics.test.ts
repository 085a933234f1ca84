import { expect, test } from "bun:test";
import { isServedChannel, SERVED_CHANNELS, Topics } from "../../src/market-data/topics.ts";
import { ENCODINGS, type Encoding } from "../../src/protocol/encoding.ts";

/** What publishing on a channel and symbol sends, and what it encodes for that. */
function publish(topics: Topics, channel: (typeof SERVED_CHANNELS)[number], symbol: number) {
  const sent: [topic: string, frame: string | Uint8Array][] = [];
  const encoded: Encoding[] = [];
  topics.publish(
    (topic, frame) => sent.push([topic, frame]),
    channel,
    symbol,
    (encoding) => {
      encoded.push(encoding);
      return `in ${encoding}`;
    },
  );
  return { sent, encoded };
}

test("every channel, symbol and encoding has a topic and a count of its own", () => {
  const topics = new Topics(3);
  const names = new Set<string>();
  let count = 0;
  for (const channel of SERVED_CHANNELS) {
    for (const symbol of [-1, 0, 1, 2]) {
      for (const encoding of ENCODINGS) {
        expect(topics.subscribers(channel, symbol, encoding)).toBe(0);
        topics.count(channel, symbol, encoding, 1);
        names.add(topics.name(channel, symbol, encoding));
        count++;
        expect(topics.subscribers(channel, symbol, encoding)).toBe(1);
      }
    }
  }
  expect([names.size, topics.name("book", 2, "json"), topics.name("bbo", -1, "msgpack")]).toEqual([
    count,
    "book/2/json",
    "bbo/*/msgpack",
  ]);
});

test("nothing is encoded for nobody", () => {
  const topics = new Topics(3);
  topics.count("book", 1, "json", 1);
  const none = { sent: [], encoded: [] };
  expect(publish(topics, "book", 0)).toEqual(none);
  expect(publish(topics, "trades", 1)).toEqual(none);
  topics.count("book", 1, "json", -1);
  expect(publish(topics, "book", 1)).toEqual(none);
});

test("one encoding serves those of the symbol and those of all", () => {
  const topics = new Topics(3);
  topics.count("book", 1, "json", 1);
  topics.count("book", -1, "json", 1);
  topics.count("book", -1, "msgpack", 1);
  expect(publish(topics, "book", 1)).toEqual({
    sent: [
      ["book/1/json", "in json"],
      ["book/*/json", "in json"],
      ["book/*/msgpack", "in msgpack"],
    ],
    encoded: ["json", "msgpack"],
  });
  expect(publish(topics, "book", 2).sent.map(([topic]) => topic)).toEqual([
    "book/*/json",
    "book/*/msgpack",
  ]);
});

test("is heard by whoever subscribed to it or to all, in any encoding", () => {
  const topics = new Topics(3);
  const heard = () => [0, 1, 2].map((symbol) => topics.areHeard("bbo", symbol));
  expect(heard()).toEqual([false, false, false]);
  topics.count("bbo", 1, "msgpack", 1);
  expect(heard()).toEqual([false, true, false]);
  topics.count("bbo", -1, "json", 1);
  expect(heard()).toEqual([true, true, true]);
  expect(topics.areHeard("book", 1)).toBe(false);
});

test("knows which channels are served", () => {
  expect(["book", "depth", "toString"].map(isServedChannel)).toEqual([true, false, false]);
});
