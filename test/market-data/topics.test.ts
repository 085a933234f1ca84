import { expect, test } from "bun:test";
import { EVERY, type Frame, Topics } from "../../src/market-data/topics.ts";
import { ENCODINGS, type Encoding } from "../../src/protocol/encoding.ts";

function open() {
  const sent: [topic: string, frame: Frame][] = [];
  const topics = new Topics((topic, frame) => sent.push([topic, frame]), "user", 3);
  /** What publishing to a key sends, and what it encodes for that. */
  const publish = (key: number) => {
    const encoded: Encoding[] = [];
    topics.publish(key, (encoding) => {
      encoded.push(encoding);
      return `in ${encoding}`;
    });
    return { sent: sent.splice(0), encoded };
  };
  return { topics, publish };
}

const NONE = { sent: [], encoded: [] };

test("every key and encoding has a topic of its own", () => {
  const { topics } = open();
  const names = [0, 2, EVERY].flatMap((key) =>
    ENCODINGS.map((encoding) => topics.join(key, encoding)),
  );
  expect(names).toEqual([
    "user/0/json",
    "user/0/msgpack",
    "user/2/json",
    "user/2/msgpack",
    "user/*/json",
    "user/*/msgpack",
  ]);
  expect(topics.leave(2, "json")).toBe("user/2/json");
});

test("nothing is encoded without subscribers", () => {
  const { topics, publish } = open();
  topics.join(1, "json");
  topics.join(1, "json");
  expect(publish(0)).toEqual(NONE);
  topics.leave(1, "json");
  expect(publish(1)).toEqual({ sent: [["user/1/json", "in json"]], encoded: ["json"] });
  topics.leave(1, "json");
  expect(publish(1)).toEqual(NONE);
});

test("a message is encoded once in each encoding, for the subscribers of the key and of all keys", () => {
  const { topics, publish } = open();
  topics.join(1, "json");
  topics.join(EVERY, "json");
  topics.join(EVERY, "msgpack");
  expect(publish(1)).toEqual({
    sent: [
      ["user/1/json", "in json"],
      ["user/*/json", "in json"],
      ["user/*/msgpack", "in msgpack"],
    ],
    encoded: ["json", "msgpack"],
  });
  expect(publish(EVERY).sent).toEqual([
    ["user/*/json", "in json"],
    ["user/*/msgpack", "in msgpack"],
  ]);
});

test("a key's messages reach those who subscribed to it or to all, in any encoding", () => {
  const { topics } = open();
  const heard = () => [0, 1, 2, EVERY].map((key) => topics.isHeard(key));
  expect([topics.isSilent, heard()]).toEqual([true, [false, false, false, false]]);
  topics.join(1, "msgpack");
  expect([topics.isSilent, heard()]).toEqual([false, [false, true, false, false]]);
  topics.join(EVERY, "json");
  expect(heard()).toEqual([true, true, true, true]);
});
