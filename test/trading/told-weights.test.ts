/** What is paid for when it is known: the size of an answer, and of the search for it. */
import { expect, test } from "bun:test";
import { CommandKind } from "../../src/core/command.ts";
import { createTestCore } from "../core/test-core.ts";
import { type Ask, openGateway } from "../gateway/rig.ts";
import type { FakeSocket } from "../gateway/websocket/fake-socket.ts";

const SYMBOL_COUNT = 45;
const WEIGHTS = 1000;
const core = createTestCore(SYMBOL_COUNT);

/** An exchange with 45 symbols, and a user with shares of each and 1,100 open orders of SYMBOL_1. */
async function open() {
  const rig = await openGateway({
    core,
    historyOrdersMax: 4096,
    limits: { orders_per_second: 1e6, market_data_per_second: WEIGHTS, burst_limit: 1e6 },
  });
  const user = await rig.createUser();
  const account = rig.view.nextAccount() - 1;
  for (let symbol = 4; symbol < SYMBOL_COUNT; symbol++) {
    const text = `player-${symbol}`;
    await rig.control.submit({ kind: CommandKind.LIST_SYMBOL, symbol, price: 1, text });
    const amount = 5;
    await rig.control.submit({ kind: CommandKind.DEPOSIT_SHARES, account, symbol, amount });
  }
  const place = async (socket: FakeSocket, count: number, order: object): Promise<void> => {
    const usual = { symbol: "SYMBOL_1", type: "LIMIT", quantity: 1, price: 1 };
    for (let n = 0; n < count; n++) {
      rig.send(socket, { method: "order.place", params: { ...usual, ...order } });
      if (n % 500 === 499) await rig.loop.drained();
    }
    await rig.loop.drained();
  };
  /** What a request costs. */
  const weigh = async (socket: FakeSocket, ask: Ask): Promise<number> => {
    const { weights } = socket.session.caller.limits;
    rig.clock.now += 2 * WEIGHTS;
    expect(weights.left(rig.clock.now)).toBe(WEIGHTS);
    await rig.ask(socket, ask);
    return WEIGHTS - weights.left(rig.clock.now);
  };
  return { rig, user, place, weigh };
}

test("positions are charged, 20 at a time, whichever request asks for them", async () => {
  const { rig, user, weigh } = await open();
  await using _ = rig;
  const socket = rig.connectAs(user);
  expect(await weigh(socket, { method: "account.positions" })).toBe(5 + 2);
  const equity = { method: "account.equity", params: { limit: 1 } };
  expect(await weigh(socket, equity)).toBe(21 + 2);
});

test("rows of other symbols that a page skips are charged, 500 at a time", async () => {
  const { rig, user, place, weigh } = await open();
  await using _ = rig;
  const [mine, theirs] = [rig.connectAs(user), rig.connectAs(await rig.createUser())];
  // Each sells to the other what he has bought: nobody needs more shares than he has.
  for (const [seller, buyer] of [
    [theirs, mine],
    [mine, theirs],
  ] as const) {
    await place(seller, 600, { side: "SELL" });
    await place(buyer, 600, { side: "BUY" });
  }
  await place(mine, 1100, { side: "BUY", price: 1 });
  const ask = (method: string, symbol: string) =>
    weigh(mine, { method, params: { symbol, limit: 1 } });
  const methods = ["orders.open", "orders.history", "account.trades"];
  const weights: number[][] = [];
  for (const method of methods) {
    weights.push([await ask(method, "SYMBOL_1"), await ask(method, "SYMBOL_2")]);
  }
  expect(weights).toEqual([
    [2, 2 + 2],
    [2, 2 + 2],
    // Of the 1,024 fills that are kept, half are theirs.
    [2, 2 + 1],
  ]);
});

test("orders before the start of a page are charged as well", async () => {
  const { rig, user, place, weigh } = await open();
  await using _ = rig;
  const socket = rig.connectAs(user);
  await place(socket, 3, { side: "BUY" });
  const page = await rig.ask(socket, { method: "orders.open", params: { limit: 1 } });
  const { next } = (page as { result: { next: number } }).result;
  await place(socket, 1000, { side: "BUY" });
  await rig.ask(socket, { method: "order.cancel", params: { order_id: "ord_2" } });
  const params = { limit: 1, before: next };
  expect(await weigh(socket, { method: "orders.open", params })).toBe(2 + 2);
});

test("replayed events are charged, 50 at a time", async () => {
  const { rig, user, place, weigh } = await open();
  await using _ = rig;
  const [orders, stream] = [rig.connectAs(user), rig.connectAs(user, "user-data")];
  const seq = () => rig.streams.lastSeq(1);
  const from_seq = seq() + 1;
  await place(orders, 120, { side: "SELL" });
  const resume = (from: number) =>
    weigh(stream, { method: "user_data.resume", params: { from_seq: from } });
  expect(seq() - from_seq + 1).toBeGreaterThan(100);
  expect([await resume(from_seq), await resume(seq() - 48)]).toEqual([20 + 2, 20]);
  // What is refused is not told.
  expect(await resume(seq() + 2)).toBe(20);
});

test("a list of subscriptions is charged, 100 at a time", async () => {
  const { rig, weigh } = await open();
  await using _ = rig;
  const socket = rig.connect("market-data");
  const symbols = Array.from({ length: SYMBOL_COUNT }, (_symbol, n) => `SYMBOL_${n}`);
  rig.send(socket, { method: "subscribe", params: { channels: ["bbo", "trades"], symbols } });
  expect(await weigh(socket, { method: "subscriptions" })).toBe(10);
  rig.send(socket, { method: "subscribe", params: { channels: ["ticker"], symbols } });
  expect(await weigh(socket, { method: "subscriptions" })).toBe(10 + 1);
});

test("ending heartbeats looks at no other subscription", async () => {
  const { rig } = await open();
  await using _ = rig;
  const socket = rig.connect("market-data");
  rig.send(socket, { method: "subscribe", params: { channels: ["bbo"], symbols: ["SYMBOL_1"] } });
  rig.send(socket, { method: "subscribe", params: { channels: ["heartbeat"] } });
  socket.take();
  const { subscriptions } = socket.session;
  let looks = 0;
  const values = () => {
    looks++;
    return new Map().values();
  };
  Object.assign(subscriptions as object, { values });
  rig.send(socket, { method: "unsubscribe", params: { channels: ["heartbeat"] } });
  expect(socket.take()).toEqual([{ result: { unsubscribed: ["heartbeat"] } }]);
  expect(looks).toBe(0);
});
