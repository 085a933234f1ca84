import { expect, test } from "bun:test";
import { FrameRing } from "../../../bench/load/frame-ring.ts";
import { orderFlow } from "../../../bench/load/order-flow.ts";
import { RingWriter } from "../../../bench/load/ring-writer.ts";

test.each([1, 50, 1_000, 1_000_000])(
  "sends frames in turn, whole, to a socket that takes up to %i bytes at a time",
  (taken) => {
    const ring = new FrameRing(orderFlow(0, ["SYMBOL_1", "SYMBOL_22"], 10), "json");
    const sent: number[] = [];
    let room = taken;
    const writer = new RingWriter(ring, (bytes) => {
      const size = Math.min(room, bytes.length);
      sent.push(...bytes.subarray(0, size));
      room -= size;
      return size;
    });

    let issued = 0;
    for (const count of [1, 6, 11, 0, 7, 5, 9]) {
      issued += count;
      do {
        room = taken;
        writer.writeUntil(issued % ring.count);
      } while (!writer.isIdle);
    }

    const frames = Array.from({ length: issued }, (_, index) => index % ring.count);
    expect(sent).toEqual(
      frames.flatMap((frame) => [
        ...ring.bytes.subarray(ring.starts[frame], ring.starts[frame + 1]),
      ]),
    );
  },
);

test("bytes that the socket did not accept are sent before later ones", () => {
  const ring = new FrameRing(orderFlow(0, ["SYMBOL_1"], 6), "msgpack");
  const sent: number[] = [];
  let room = 10;
  const writer = new RingWriter(ring, (bytes) => {
    const size = Math.min(room, bytes.length);
    sent.push(...bytes.subarray(0, size));
    room -= size;
    return size;
  });

  writer.writeUntil(2);
  writer.writeUntil(4);
  expect([sent.length, writer.isIdle]).toEqual([10, false]);
  room = 1_000_000;
  writer.writeUntil(4);

  expect(writer.isIdle).toBe(true);
  expect(sent).toEqual([...ring.bytes.subarray(0, ring.starts[4])]);
});
