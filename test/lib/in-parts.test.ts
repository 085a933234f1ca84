import { expect, test } from "bun:test";
import { inParts } from "../../src/lib/in-parts.ts";
import { breathe } from "../../src/lib/steps.ts";
import { InboundRing, type ReplyTo } from "../../src/router/inbound-ring.ts";

/** The smallest that `market.ring_commands` may be. */
const RING_COMMANDS_MIN = 1024;

const waiter = (): ReplyTo => ({ batch: 0, last: -1, onReplies() {}, onFailed() {} });

test("works through all items, and leaves others half of the smallest ring", async () => {
  const ring = new InboundRing(RING_COMMANDS_MIN);
  const items = Array.from({ length: 1000 }, (_, n) => n);
  const done: number[] = [];
  const free: number[] = [];
  let turning: Promise<void> | null = null;
  /** The tick of all commands that gathered in this turn. */
  const tick = async (): Promise<void> => {
    await breathe();
    free.push(ring.gathering.capacity - ring.turn().count);
    turning = null;
  };
  await inParts(items, async (item) => {
    if (ring.claim(waiter()) < 0) throw new Error("overloaded");
    turning ??= tick();
    await turning;
    done.push(item);
  });
  expect(done).toEqual(items);
  expect(Math.min(...free)).toBeGreaterThanOrEqual(RING_COMMANDS_MIN / 4);
});

test("rejects with the first error, and starts no further part", async () => {
  const begun: number[] = [];
  const items = Array.from({ length: 1000 }, (_, n) => n);
  const working = inParts(items, async (item) => {
    begun.push(item);
    if (item === 3) throw new Error("no room");
  });
  await expect(working).rejects.toThrow("no room");
  await breathe();
  expect(begun.length).toBeLessThan(items.length);
});
