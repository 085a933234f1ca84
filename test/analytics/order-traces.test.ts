import { expect, test } from "bun:test";
import { NOTED_MAX, OrderTraces } from "../../src/analytics/order-traces.ts";
import { type GatewayRig, openGateway } from "../gateway/rig.ts";

const ENDS = { begun: 3, written: 4, waited: 4, matched: 5, durable: 6, answered: 7 };

test("how many frames one is followed of", () => {
  const every = [1, 0.5, 0.001, 1e-12].map((ratio) => new OrderTraces(ratio, () => {}).every);
  expect(every).toEqual([1, 2, 1000, 1e12]);
});

/** The next tick, of one order that is taken and one that is refused. */
async function runTick(rig: GatewayRig, traces: OrderTraces): Promise<void> {
  rig.stages.push(traces);
  const socket = rig.connectAs(await rig.createUser());
  const params = { symbol: "SYMBOL_0", side: "SELL", type: "LIMIT", price: 5, quantity: 2 };
  rig.send(socket, { method: "order.place", params });
  rig.send(socket, { method: "order.place", params: { ...params, quantity: 9999 } });
  await rig.loop.drained();
}

test("an order is told with its tick, and one that waits for the next tick with that", async () => {
  await using rig = await openGateway();
  const told: object[] = [];
  const traces = new OrderTraces(1, (trace) => told.push(trace));
  const noted = { frame: 1, decoded: 2, account: 9 };
  traces.note({ ...noted, part: 0, record: 1 });
  traces.note({ ...noted, part: 1, record: 0 });
  // Nothing has been told yet.
  traces.onTold(ENDS, 0);
  expect(told).toEqual([]);
  await runTick(rig, traces);
  const [tick, sequence] = [rig.view.tick(), rig.view.sequence()];
  traces.onTold(ENDS, 0);
  const of = { ...noted, ...ENDS, tick, commands: 2 };
  expect(told).toEqual([{ ...of, sequence, code: 40907 }]);
  traces.onTold(ENDS, 0);
  traces.onTold(ENDS, 1);
  expect(told.slice(1)).toEqual([{ ...of, sequence: sequence - 1, code: 0 }]);
});

test("no more than so many wait for their tick", async () => {
  await using rig = await openGateway();
  let told = 0;
  const traces = new OrderTraces(1, () => told++);
  for (let n = 0; n < NOTED_MAX + 5; n++) {
    traces.note({ part: 0, record: 0, frame: 1, decoded: 2, account: 9 });
  }
  await runTick(rig, traces);
  traces.onTold(ENDS, 0);
  expect(told).toBe(NOTED_MAX);
});
