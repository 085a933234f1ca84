import { expect, test } from "bun:test";
import { FRAMES_PER_LOOK, FrameWatch } from "../../../src/gateway/websocket/frame-watch.ts";
import { openGateway } from "../rig.ts";

test("one frame in so many is looked at, from its beginning to the decoded order", () => {
  const seconds: number[] = [];
  let clock = 0;
  const watch = new FrameWatch({
    decoded: { observe: (value) => void seconds.push(value) },
    traces: null,
    now: () => clock++,
  });
  const looked: number[] = [];
  for (let frame = 1; frame <= 3 * FRAMES_PER_LOOK; frame++) {
    watch.onFrame();
    if (!watch.isOn) continue;
    looked.push(frame);
    // The second is no order.
    if (looked.length !== 2) watch.onDecoded();
  }
  expect(looked).toEqual([1, 2, 3].map((n) => n * FRAMES_PER_LOOK));
  expect(seconds).toEqual([0.001, 0.001]);
});

test("orders of both forms are looked at, whichever way they are read", async () => {
  await using rig = await openGateway();
  const json = rig.connectAs(await rig.createUser());
  const binary = rig.connectAs(await rig.createUser(), "orders", "msgpack");
  const order = { symbol: "SYMBOL_0", side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  const hot = { id: 1, method: "order.place", params: order };
  const timed = { ...order, time_in_force: "GTD", expire_at: 2e12 };
  const general = { ...hot, params: timed };
  for (const [socket, ask] of [
    [json, hot],
    [binary, hot],
    [json, general],
    [binary, general],
  ] as const) {
    const before = rig.decoded.length;
    for (let frame = 0; frame < FRAMES_PER_LOOK; frame++) rig.send(socket, ask);
    expect(rig.decoded.length).toBe(before + 1);
    await rig.loop.drained();
  }
  expect(rig.decoded.every((seconds) => seconds > 0)).toBe(true);
});

test.each([
  [1, 1],
  [10, 10],
  [64, 64],
  [1000, 16 * 64],
])("of orders that are followed one in %d, one in %d frames is noted", (every, period) => {
  const noted: number[] = [];
  let record = 0;
  const traces = { every, note: (order: { record: number }) => void noted.push(order.record) };
  const watch = new FrameWatch({ decoded: { observe: () => {} }, traces, now: () => 1 });
  for (record = 1; record <= 2 * period; record++) {
    watch.onFrame();
    if (!watch.isOn) continue;
    watch.onDecoded();
    watch.onTaken(0, record, 7);
  }
  expect(noted).toEqual([period, 2 * period]);
});
