import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FanOut } from "../../src/market-data/fan-out.ts";
import { SHARD_CONNECTIONS, Shards, shardTopic } from "../../src/market-data/shards.ts";
import type { Frame } from "../../src/market-data/topics.ts";

/** A fan-out whose turns, timers and clock are moved by hand. */
function open(many: number, count = 1) {
  const sent: string[] = [];
  const turns: (() => void)[] = [];
  let timer: { run: () => void; ms: number } | null = null;
  const clock = { now: 0 };
  const shards = { count };
  const fanOut = new FanOut({
    ...{ many, shards, monotonic: () => clock.now },
    publish: (topic, frame) => void sent.push(`${topic} ${textOf(frame)}`),
    nextTurn: (run) => void turns.push(run),
    later: (run, ms) => {
      timer = { run, ms };
    },
  });
  return {
    fanOut,
    shards,
    clock,
    take: () => sent.splice(0),
    /** A turn, and the two after it in which a pause begins. */
    turn: (afterFirst: () => void = () => undefined) => {
      for (const run of turns.splice(0)) run();
      afterFirst();
      for (let i = 0; i < 2; i++) for (const run of turns.splice(0)) run();
    },
    /** How long the pause is; null when there is none. */
    pause: (): number | null => timer?.ms ?? null,
    endPause: () => {
      const ended = timer;
      timer = null;
      ended?.run();
    },
  };
}

const textOf = (frame: Frame): string =>
  typeof frame === "string" ? frame : new TextDecoder().decode(frame);

describe("with few listeners", () => {
  test("no frame ever waits", () => {
    const { fanOut, take, turn, pause } = open(10);
    for (let tick = 0; tick < 5; tick++) {
      for (let i = 0; i < 3; i++) fanOut.publish("a", `${tick}`, 3);
      expect(take()).toHaveLength(3);
      turn();
      turn();
      expect(pause()).toBeNull();
    }
  });
});

describe("with many listeners", () => {
  /** A pause after a turn of so many milliseconds, with frames "a 1" and "b 2" gone out to shard 0. */
  function paused(ms: number, shards = 1) {
    const opened = open(10, shards);
    opened.fanOut.publish("a", "1", 9);
    opened.fanOut.publish("b", "2", 1);
    opened.turn(() => {
      opened.clock.now += ms;
    });
    return opened;
  }

  test("frames are sent in the next turn, from the frame on that makes the total large", () => {
    const { fanOut, take, turn } = open(10);
    fanOut.publish("a", "1", 9);
    expect(take()).toEqual(["a 1"]);
    fanOut.publish("b", "2", 1);
    fanOut.publish("a", "3", 9);
    expect(take()).toEqual([]);
    turn();
    expect(take()).toEqual(["b 2", "a 3"]);
  });

  test("later frames gather for as long as the last turn took", () => {
    const { fanOut, take, pause, endPause } = paused(30);
    take();
    expect(pause()).toBe(30);
    fanOut.publish("a", "3", 9);
    fanOut.publish("b", "4", 1);
    expect(take()).toEqual([]);
    endPause();
    expect(take()).toEqual(["a 3", "b 4"]);
  });

  test("no pause is longer than 100 ms", () => {
    expect(paused(300).pause()).toBe(100);
  });

  test("a round that is late continues without pauses", () => {
    const { take, turn, pause } = paused(401, 3);
    expect(take()).toEqual(["a 1", "a#1 1", "a#2 1", "b 2", "b#1 2"]);
    expect(pause()).toBeNull();
    turn();
    expect(take()).toEqual(["b#2 2"]);
  });

  test("a round with few listeners is the last one", () => {
    const { fanOut, take, turn, pause, endPause } = paused(30);
    take();
    fanOut.publish("a", "3", 9);
    endPause();
    turn();
    expect(take()).toEqual(["a 3"]);
    expect(pause()).toBeNull();
    fanOut.publish("a", "4", 9);
    expect(take()).toEqual(["a 4"]);
  });

  test("shards get their frames one after another, each with all frames that came until its turn", () => {
    const { fanOut, take, turn, endPause } = paused(30, 3);
    expect(take()).toEqual(["a 1", "a#1 1", "a#2 1", "b 2"]);
    endPause();
    turn();
    expect(take()).toEqual(["b#1 2"]);
    fanOut.publish("a", "3", 10);
    endPause();
    turn();
    expect(take()).toEqual(["b#2 2", "a#2 3"]);
    endPause();
    turn();
    expect(take()).toEqual(["a 3"]);
    endPause();
    expect(take()).toEqual(["a#1 3"]);
  });

  test("a shard can be flushed before its turn, and gets no frame twice", () => {
    const { fanOut, take, turn, endPause } = paused(30, 2);
    take();
    fanOut.settle(1);
    expect(take()).toEqual(["b#1 2"]);
    endPause();
    turn();
    expect(take()).toEqual([]);
  });

  test("the bytes of a frame are copied when it gathers", () => {
    const { fanOut, take, endPause } = paused(30);
    take();
    const bytes = new TextEncoder().encode("3");
    fanOut.publish("a", bytes, 1);
    bytes[0] = 0;
    endPause();
    expect(take()).toEqual(["a 3"]);
  });

  test("gathered bytes are bounded", () => {
    const { fanOut, take } = paused(30);
    take();
    for (let i = 0; i < 65_535; i++) fanOut.publish("a", "x", 1);
    expect(take()).toEqual([]);
    fanOut.publish("a", "x", 1);
    expect(take()).toHaveLength(65_536);
  });

  test("gathered bytes times listeners are bounded", () => {
    const { fanOut, take, endPause } = paused(30);
    take();
    for (let round = 0; round < 2; round++) {
      fanOut.publish("a", "3", 1_048_576);
      fanOut.publish("a", "4", 1_048_576);
      expect(take()).toEqual([]);
      fanOut.publish("b", "5", 1);
      expect(take()).toEqual(["a 3", "a 4", "b 5"]);
    }
    endPause();
    expect(take()).toEqual([]);
  });
});

/** One who hears a topic: numbers, of which he must miss none and get none twice. */
class Listener {
  isSubscribed = false;
  constructor(
    readonly topic: string,
    readonly shard: number,
    public last: number,
  ) {}

  hear(text: string): void {
    expect(Number(text)).toBe(this.last + 1);
    this.last++;
  }
}

test("a client that comes at any time receives each later frame once and in order", () => {
  const topics = fc.constantFrom("a", "b");
  const shard = fc.nat(3);
  const step = fc.oneof(
    fc.record({ kind: fc.constant("publish" as const), topic: topics }),
    fc.record({ kind: fc.constant("join" as const), topic: topics, shard }),
    fc.record({ kind: fc.constant("settleShard" as const), shard }),
    fc.record({ kind: fc.constantFrom("turn" as const, "endPause" as const, "settle" as const) }),
    fc.record({ kind: fc.constant("emptyLast" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const opened = open(2);
      const { fanOut, shards } = opened;
      const last: Record<string, number> = { a: 0, b: 0 };
      let listeners: Listener[] = [];
      const deliver = (): void => {
        for (const line of opened.take()) {
          const [socketTopic = "", text = ""] = line.split(" ");
          for (const listener of listeners) {
            const { isSubscribed, topic, shard } = listener;
            if (isSubscribed && shardTopic(topic, shard) === socketTopic) listener.hear(text);
          }
        }
      };
      const doStep = (each: (typeof steps)[number]): void => {
        switch (each.kind) {
          case "publish":
            last[each.topic]++;
            return fanOut.publish(each.topic, `${last[each.topic]}`, 1);
          case "join": {
            const shard = Math.min(each.shard, shards.count);
            shards.count = Math.max(shards.count, shard + 1);
            const listener = new Listener(each.topic, shard, last[each.topic]);
            listeners.push(listener);
            return fanOut.enter(each.topic, shard, (missed) => {
              deliver();
              for (const frame of missed) listener.hear(textOf(frame));
              listener.isSubscribed = true;
            });
          }
          case "settleShard":
            if (each.shard < shards.count) fanOut.settle(each.shard);
            return;
          case "settle":
            return fanOut.settle();
          case "emptyLast":
            // All connections of the last shard are closed.
            shards.count = Math.max(1, shards.count - 1);
            listeners = listeners.filter(({ shard }) => shard < shards.count);
            return;
          case "turn":
            return opened.turn();
          case "endPause":
            return opened.endPause();
        }
      };
      for (const each of steps) {
        doStep(each);
        deliver();
      }
      fanOut.settle();
      deliver();
      for (const { topic, last: heard } of listeners) expect(heard).toBe(last[topic]);
    }),
    { numRuns: 500 },
  );
});

test("connections fill the first shard with room, and an empty last shard does not count", () => {
  const shards = new Shards();
  expect(shards.count).toBe(1);
  const entered = Array.from({ length: SHARD_CONNECTIONS * 2 + 1 }, () => shards.enter());
  expect([entered[0], entered[SHARD_CONNECTIONS - 1], entered[SHARD_CONNECTIONS]]).toEqual([
    0, 0, 1,
  ]);
  expect(shards.count).toBe(3);
  shards.leave(0);
  expect(shards.enter()).toBe(0);
  shards.leave(2);
  expect(shards.count).toBe(2);
  for (let i = 0; i < SHARD_CONNECTIONS; i++) shards.leave(0);
  expect(shards.count).toBe(2);
  for (let i = 0; i < SHARD_CONNECTIONS; i++) shards.leave(1);
  expect(shards.count).toBe(1);
});
