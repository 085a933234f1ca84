import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FanOut } from "../../src/market-data/fan-out.ts";
import type { Frame } from "../../src/market-data/topics.ts";

/** A fan-out whose turns, timers and clock are moved by hand. */
function open(many: number) {
  const sent: string[] = [];
  const turns: (() => void)[] = [];
  let timer: { run: () => void; ms: number } | null = null;
  const clock = { now: 0 };
  const fanOut = new FanOut({
    ...{ many, monotonic: () => clock.now },
    publish: (topic, frame) => void sent.push(`${topic} ${textOf(frame)}`),
    nextTurn: (run) => void turns.push(run),
    later: (run, ms) => {
      timer = { run, ms };
    },
  });
  return {
    fanOut,
    clock,
    take: () => sent.splice(0),
    turn: () => {
      for (const run of turns.splice(0)) run();
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

describe("where few listen", () => {
  test("nothing ever waits", () => {
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

describe("where many listen", () => {
  /** A pause that began with a turn of so many milliseconds. */
  function paused(ms: number) {
    const opened = open(10);
    opened.fanOut.publish("a", "1", 9);
    opened.fanOut.publish("b", "2", 1);
    opened.turn();
    opened.clock.now += ms;
    opened.turn();
    opened.take();
    return opened;
  }

  test("frames of the turn go out, later ones gather as long as that took", () => {
    const { fanOut, take, pause, endPause } = paused(30);
    expect(pause()).toBe(30);
    fanOut.publish("a", "3", 9);
    fanOut.publish("b", "4", 1);
    expect(take()).toEqual([]);
    endPause();
    expect(take()).toEqual(["a 3", "b 4"]);
  });

  test("nothing waits longer than 100 ms", () => {
    expect(paused(5000).pause()).toBe(100);
  });

  test("what goes out at the end of a pause begins the next one", () => {
    const { fanOut, take, turn, pause, endPause } = paused(30);
    fanOut.publish("a", "3", 10);
    endPause();
    turn();
    turn();
    expect(pause()).not.toBeNull();
    fanOut.publish("a", "4", 10);
    expect(take()).toEqual(["a 3"]);
  });

  test("a pause in which nothing came ends it", () => {
    const { fanOut, take, turn, pause, endPause } = paused(30);
    endPause();
    turn();
    expect(pause()).toBeNull();
    fanOut.publish("a", "3", 1);
    expect(take()).toEqual(["a 3"]);
  });

  test("bytes are kept as they were", () => {
    const { fanOut, take, endPause } = paused(30);
    const bytes = new TextEncoder().encode("3");
    fanOut.publish("a", bytes, 1);
    bytes[0] = 0;
    endPause();
    expect(take()).toEqual(["a 3"]);
  });

  test("no more than a bound waits", () => {
    const { fanOut, take } = paused(30);
    for (let i = 0; i < 16_383; i++) fanOut.publish("a", "x", 1);
    expect(take()).toEqual([]);
    fanOut.publish("a", "x", 1);
    expect(take()).toHaveLength(16_384);
  });
});

/** One who hears a topic: numbers, of which he must miss none and get none twice. */
class Listener {
  isSubscribed = false;
  constructor(
    readonly topic: string,
    public last: number,
  ) {}

  hear(text: string): void {
    expect(Number(text)).toBe(this.last + 1);
    this.last++;
  }
}

test("whoever comes at whatever time hears each frame from then on, once and in order", () => {
  const topics = ["a", "b"];
  const step = fc.oneof(
    fc.record({ kind: fc.constant("publish" as const), topic: fc.constantFrom(...topics) }),
    fc.record({ kind: fc.constant("join" as const), topic: fc.constantFrom(...topics) }),
    fc.record({ kind: fc.constantFrom("turn" as const, "endPause" as const, "settle" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const opened = open(2);
      const { fanOut } = opened;
      const last: Record<string, number> = { a: 0, b: 0 };
      const listeners: Listener[] = [];
      const deliver = (): void => {
        for (const line of opened.take()) {
          const [topic = "", text = ""] = line.split(" ");
          for (const listener of listeners) {
            if (listener.isSubscribed && listener.topic === topic) listener.hear(text);
          }
        }
      };
      for (const each of steps) {
        if (each.kind === "publish") {
          last[each.topic]++;
          fanOut.publish(each.topic, `${last[each.topic]}`, 1);
        } else if (each.kind === "join") {
          const listener = new Listener(each.topic, last[each.topic]);
          listeners.push(listener);
          fanOut.enter(each.topic, (missed) => {
            deliver();
            for (const frame of missed) listener.hear(textOf(frame));
            listener.isSubscribed = true;
          });
        } else if (each.kind === "settle") {
          fanOut.settle();
        } else {
          opened[each.kind]();
        }
        deliver();
      }
      fanOut.settle();
      deliver();
      for (const { topic, last: heard } of listeners) expect(heard).toBe(last[topic]);
    }),
  );
});
