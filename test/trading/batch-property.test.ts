/** A batch is nothing but its orders, one after the other: the same events, and the same state, bit for bit. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { EventKind } from "../../src/core/event.ts";
import { withoutPlaces } from "../core/recorded-stream.ts";
import { type GatewayRig, openGateway } from "../gateway/rig.ts";
import type { FakeSocket } from "../gateway/websocket/fake-socket.ts";

const aPrice = fc.integer({ min: 95, max: 105 });
/** Of the larger ones, an account cannot pay or deliver many. */
const aQuantity = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 3_000 }));
const modes = ["CANCEL_NEWEST", "CANCEL_OLDEST", "CANCEL_BOTH", "DECREMENT", "NONE"];
const needed = {
  symbol: fc.constantFrom("SYMBOL_0", "SYMBOL_1"),
  side: fc.constantFrom("BUY", "SELL"),
  quantity: aQuantity,
};
const optional = {
  time_in_force: fc.constantFrom("GTC", "GTC", "IOC", "FOK"),
  self_trade_prevention: fc.constantFrom(...modes),
  client_order_id: fc.nat({ max: 40 }).map((id) => `id-${id}`),
};
const aType = fc.constantFrom("LIMIT", "LIMIT", "LIMIT", "MARKET", "STOP");
/** Params of `order.place`. */
const anOrder: fc.Arbitrary<object> = fc
  .tuple(fc.record(needed), fc.record(optional, { requiredKeys: [] }), aType, aPrice)
  .map(([params, more, type, price]) => ({ ...params, ...more, type, ...pricesOf(type, price) }));

function pricesOf(type: string, price: number): object {
  if (type === "LIMIT") return { price };
  return type === "STOP" ? { stop_price: price } : {};
}

type Outcome = { result?: { tick?: number }; error?: object };

/** What two users' orders came to: how each was answered, what the core told of them, what its state is. */
async function trade(orders: readonly object[][], send: Send): Promise<object> {
  await using rig = await openGateway();
  const users = [await rig.createUser(), await rig.createUser()];
  const sockets = users.map((keys) => rig.connectAs(keys));
  const outcomes: Outcome[] = [];
  const told: Uint8Array[] = [];
  for (const [i, some] of orders.entries()) {
    const socket = sockets[i % sockets.length] as FakeSocket;
    outcomes.push(...(await send(rig, socket, some, () => told.push(eventsOf(rig)))));
  }
  // Which tick an order was in is what tells the two ways apart.
  for (const { result } of outcomes) delete result?.tick;
  expect(rig.bugs).toEqual([]);
  return { outcomes, told: Buffer.concat(told), state: rig.core.stateHash() };
}

/** Places the orders; `note` is called after each tick. */
type Send = (
  rig: GatewayRig,
  socket: FakeSocket,
  orders: readonly object[],
  note: () => void,
) => Promise<Outcome[]>;

const inBatches: Send = async (rig, socket, orders, note) => {
  const ticks = rig.ticks.length;
  const answer = await rig.ask(socket, { method: "order.batch", params: { orders } });
  if (rig.ticks.length > ticks) note();
  return (answer as { result: { results: Outcome[] } }).result.results;
};

const oneByOne: Send = async (rig, socket, orders, note) => {
  const outcomes: Outcome[] = [];
  for (const params of orders) {
    const ticks = rig.ticks.length;
    outcomes.push((await rig.ask(socket, { method: "order.place", params })) as Outcome);
    if (rig.ticks.length > ticks) note();
  }
  return outcomes;
};

/** What the core told in its last tick of its commands: what accounts have then is told once a tick. */
function eventsOf({ core }: GatewayRig): Uint8Array {
  const { events } = core;
  const words = withoutPlaces(core);
  const told: Int32Array[] = [];
  for (let e = 0; e < events.end(); e = events.next(e)) {
    const kind = events.kind(e);
    const isHolding = kind === EventKind.CASH || kind === EventKind.POSITION;
    if (!isHolding) told.push(words.slice(e, events.next(e)));
  }
  return Buffer.concat(told.map(({ buffer }) => new Uint8Array(buffer)));
}

test("a batch has the same effect as its orders one by one", async () => {
  const batch = fc.array(anOrder, { minLength: 1, maxLength: 30, size: "max" });
  const batches = fc.array(batch, { maxLength: 8, size: "max" });
  await fc.assert(
    fc.asyncProperty(batches, async (orders) => {
      expect(await trade(orders, inBatches)).toEqual(await trade(orders, oneByOne));
    }),
    { numRuns: 15 },
  );
});
