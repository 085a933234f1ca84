import { describe, expect, test } from "bun:test";
import { ENCODINGS } from "../../../src/protocol/encoding.ts";
import { CASH, openGateway, SHARES } from "../rig.ts";
import type { FakeSocket } from "./fake-socket.ts";

const place = (params: object) => ({
  method: "order.place",
  params: { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", quantity: 10, price: 100, ...params },
});

const push = (data: object) => ({ stream: "user_data", data });

const cash = (available: number, reserved: number) => ({
  available,
  reserved,
  total: available + reserved,
});

describe("whoever has logged in", () => {
  for (const encoding of ENCODINGS) {
    test(`hears the account's orders, fills and holdings, numbered (${encoding})`, async () => {
      await using rig = await openGateway();
      const keys = [await rig.createUser(), await rig.createUser()];
      const [a, b] = keys.map((key) => rig.connectAs(key));
      const [hearsA, hearsB] = keys.map((key) => rig.connectAs(key, "user-data", encoding));
      rig.send(a, place({ client_order_id: "mine" }));
      await rig.loop.drained();
      rig.clock.now = 2000;
      rig.send(b, place({ side: "SELL", price: 90, quantity: 4 }));
      await rig.loop.drained();

      const order = {
        event: "order",
        symbol: "SYMBOL_1",
        type: "LIMIT",
        time_in_force: "GTC",
        created_at: expect.any(Number),
      };
      const first = { timestamp: 1000, tick: 4 };
      const second = { timestamp: 2000, tick: 5 };
      const mine = {
        ...order,
        order_id: "ord_1",
        client_order_id: "mine",
        side: "BUY",
        price: 100,
        quantity: 10,
      };
      const fill = { price: 100, quantity: 4, trade_id: 1, fee: 0 };
      const filled = { filled_quantity: 4, average_price: 100 };
      expect(hearsA.take()).toEqual([
        push({ seq: 6, ...mine, filled_quantity: 0, status: "ACCEPTED", ...first }),
        push({
          seq: 7,
          event: "balance",
          account_id: "acc_1",
          ...cash(CASH - 1000, 1000),
          ...first,
        }),
        push({
          seq: 8,
          ...mine,
          ...filled,
          status: "PARTIALLY_FILLED",
          ...second,
          last_fill: { ...fill, liquidity: "MAKER" },
        }),
        push({
          seq: 9,
          event: "balance",
          account_id: "acc_1",
          ...cash(CASH - 1000, 600),
          ...second,
        }),
        push({
          seq: 10,
          event: "position",
          account_id: "acc_1",
          symbol: "SYMBOL_1",
          available: SHARES + 4,
          reserved: 0,
          total: SHARES + 4,
          ...second,
        }),
      ]);
      expect(hearsB.take()).toEqual([
        push({
          seq: 6,
          ...order,
          order_id: "ord_2",
          side: "SELL",
          price: 90,
          quantity: 4,
          ...filled,
          status: "FILLED",
          ...second,
          last_fill: { ...fill, liquidity: "TAKER" },
        }),
        push({ seq: 7, event: "balance", account_id: "acc_2", ...cash(CASH + 400, 0), ...second }),
        push({
          seq: 8,
          event: "position",
          account_id: "acc_2",
          symbol: "SYMBOL_1",
          available: SHARES - 4,
          reserved: 0,
          total: SHARES - 4,
          ...second,
        }),
      ]);
      const binary = encoding === "msgpack";
      expect(hearsA.received.every((frame) => frame.binary === binary)).toBe(true);
    });
  }

  test("hears nothing of a tick before it is durable", async () => {
    await using rig = await openGateway();
    const key = await rig.createUser();
    const [orders, stream] = [rig.connectAs(key), rig.connectAs(key, "user-data")];
    rig.journal.isHolding = true;
    rig.send(orders, place({}));
    await rig.inFlight();
    expect([orders.take(), stream.take()]).toEqual([[], []]);
    rig.disk.flushFault = new Error("EIO");
    rig.journal.letGo();
    expect([orders.take().length, stream.take()]).toEqual([1, []]);
  });

  test("hears the other user's after logging in as that one, and no longer the first's", async () => {
    await using rig = await openGateway();
    const keys = [await rig.createUser(), await rig.createUser()];
    const [a, b] = keys.map((key) => rig.connectAs(key));
    const stream = rig.connectAs(keys[0], "user-data");
    rig.send(stream, { method: "auth.login", params: keys[1] });
    stream.take();
    await rig.ask(a, place({}));
    expect(stream.take()).toEqual([]);
    await rig.ask(b, place({}));
    expect(stream.take()).toHaveLength(2);
  });

  test("hears on after a login that failed", async () => {
    await using rig = await openGateway();
    const key = await rig.createUser();
    const [orders, stream] = [rig.connectAs(key), rig.connectAs(key, "user-data")];
    rig.send(stream, { method: "auth.login", params: { ...key, api_secret: "wrong" } });
    stream.take();
    await rig.ask(orders, place({}));
    expect(stream.take()).toHaveLength(2);
  });
});

test("an event is encoded once for each encoding that is heard, and not at all for nobody", async () => {
  await using rig = await openGateway();
  const key = await rig.createUser();
  const orders = rig.connectAs(key);
  await rig.ask(orders, place({}));
  expect(rig.published).toEqual([]);

  const streams = ["json", "json", "msgpack"].map((encoding) =>
    rig.connectAs(key, "user-data", encoding as "json"),
  );
  await rig.ask(orders, place({}));
  const both = ["user/1/1/json", "user/1/1/msgpack"];
  expect(rig.published.splice(0)).toEqual([...both, ...both]);
  streams[0].close(1000, "");
  streams[2].close(1000, "");
  await rig.ask(orders, place({}));
  expect(rig.published.splice(0)).toEqual(["user/1/1/json", "user/1/1/json"]);
  streams[1].close(1000, "");
  await rig.ask(orders, place({}));
  expect(rig.published).toEqual([]);
});

describe("the snapshot", () => {
  const shares = (symbol: number, available = SHARES, reserved = 0) => ({
    symbol: `SYMBOL_${symbol}`,
    ...cash(available, reserved),
  });

  test("comes after the answer, with all that the account has, and what follows begins behind it", async () => {
    await using rig = await openGateway();
    const key = await rig.createUser();
    const orders = rig.connectAs(key);
    await rig.ask(orders, place({}));
    rig.clock.now = 2000;
    await rig.ask(orders, place({ side: "SELL", price: 110, quantity: 3 }));
    const stream = rig.connect("user-data");
    rig.send(stream, { id: 1, method: "auth.login", params: key });
    const order = { symbol: "SYMBOL_1", type: "LIMIT", time_in_force: "GTC", status: "ACCEPTED" };
    const [bought, sold] = [
      { ...order, order_id: "ord_1", side: "BUY", price: 100, quantity: 10, filled_quantity: 0 },
      { ...order, order_id: "ord_2", side: "SELL", price: 110, quantity: 3, filled_quantity: 0 },
    ];
    const first = { created_at: 1000, timestamp: 1000, tick: 3 };
    const second = { created_at: 2000, timestamp: 2000, tick: 4 };
    expect(stream.take()).toEqual([
      { id: 1, result: expect.objectContaining({ account_id: "acc_1" }) },
      push({
        event: "snapshot",
        account_id: "acc_1",
        seq: 9,
        cash: cash(CASH - 1000, 1000),
        positions: [shares(3), shares(2), shares(1, SHARES - 3, 3), shares(0)],
        orders: [
          { ...sold, ...second },
          { ...bought, ...first },
        ],
        timestamp: 2000,
        tick: 4,
      }),
    ]);
    await rig.ask(orders, { method: "order.cancel", params: { order_id: "ord_1" } });
    expect(stream.take()).toMatchObject([{ data: { seq: 10 } }, { data: { seq: 11 } }]);
  });

  test("is of durable state, comes once, and is of the account that the connection has logged in for", async () => {
    await using rig = await openGateway();
    const key = await rig.createUser();
    await rig.addAccount(1);
    const orders = rig.connectAs(key);
    const stream = rig.connect("user-data", "msgpack");
    rig.journal.isHolding = true;
    rig.send(orders, place({ account_id: "acc_2" }));
    await rig.inFlight();
    // A second login before the first has brought anything makes nothing come twice.
    const params = { ...key, account_id: "acc_2" };
    for (const id of [1, 2]) rig.send(stream, { id, method: "auth.login", params });
    expect(stream.take()).toMatchObject([{ id: 1 }, { id: 2 }]);
    rig.journal.isHolding = false;
    rig.journal.letGo();
    await rig.loop.drained();
    expect(stream.take()).toMatchObject([
      { data: { event: "snapshot", account_id: "acc_2", seq: 7, orders: [{ order_id: "ord_1" }] } },
    ]);
    await rig.ask(orders, place({}));
    await rig.ask(orders, place({ account_id: "acc_2" }));
    expect(stream.take()).toMatchObject([{ data: { seq: 8 } }, { data: { seq: 9 } }]);
  });

  test("does not come from a core that is ahead of its journal", async () => {
    await using rig = await openGateway();
    const key = await rig.createUser();
    const orders = rig.connectAs(key);
    rig.journal.isHolding = true;
    rig.send(orders, place({}));
    await rig.inFlight();
    rig.disk.flushFault = new Error("EIO");
    rig.journal.letGo();
    const stream = rig.connect("user-data");
    rig.send(stream, { id: 1, method: "auth.login", params: key });
    expect(stream.take()).toMatchObject([{ id: 1, result: { authenticated: true } }]);
  });
});

describe("an account with very many listeners", () => {
  /** Events after the five of an account that has just been opened. */
  const seqsOf = (socket: FakeSocket): number[] =>
    socket.take().map((message) => (message as { data: { seq: number } }).data.seq);

  /** Four hundred listeners, and one of somebody else; turns of the event loop come when `next` says. */
  async function open() {
    const turns: (() => void)[] = [];
    const rig = await openGateway({ ringCommands: 4096, nextTurn: (run) => turns.push(run) });
    const [key, other] = [await rig.createUser(), await rig.createUser()];
    const [orders, others] = [rig.connectAs(key), rig.connectAs(other)];
    const hear = () => rig.connectAs(key, "user-data");
    const crowd = Array.from({ length: 400 }, hear);
    const alone = rig.connectAs(other, "user-data");
    const next = () => turns.shift()?.();
    next();
    for (let n = 0; n < 20; n++) rig.send(orders, place({ quantity: 1, price: 1 }));
    rig.send(others, place({ quantity: 1, price: 1 }));
    await rig.loop.drained();
    return { rig, key, orders, hear, crowd, alone, next };
  }
  /** Twenty orders and the balance. */
  const TICK = Array.from({ length: 21 }, (_, n) => 6 + n);

  test("is told in several turns, others by turns with it, everybody each event once", async () => {
    const { rig, key, orders, hear, crowd, alone, next } = await open();
    await using _ = rig;
    const told = () => crowd.filter(({ received }) => received.length > 0).length;
    expect(told()).toBeGreaterThan(0);
    expect(told()).toBeLessThan(200);
    expect(alone.received).toEqual([]);
    const before = told();
    next();
    expect(alone.received).toHaveLength(2);
    expect(told()).toBeGreaterThan(before);
    // Who comes meanwhile is told how things stand, and what follows.
    const late = rig.connect("user-data");
    rig.send(late, { method: "auth.login", params: key });
    const heard = hear();
    crowd[399].close(1000, "");
    rig.send(orders, place({ quantity: 1, price: 2 }));
    await rig.loop.drained();
    for (let turn = 0; turn < 40; turn++) next();
    for (const socket of crowd.slice(0, 399)) expect(seqsOf(socket)).toEqual([...TICK, 27, 28]);
    expect(seqsOf(heard)).toEqual([27, 28]);
    expect(late.take()).toMatchObject([
      { result: {} },
      { data: { event: "snapshot", seq: 26 } },
      { data: { seq: 27 } },
      { data: { seq: 28 } },
    ]);
    rig.send(orders, place({ quantity: 1, price: 3 }));
    await rig.loop.drained();
    for (let turn = 0; turn < 40; turn++) next();
    for (const socket of [...crowd.slice(0, 399), heard, late])
      expect(seqsOf(socket)).toEqual([29, 30]);
  });

  test("is told all that waits at the end", async () => {
    const { rig, crowd, alone } = await open();
    await using _ = rig;
    rig.userData.settle();
    for (const socket of crowd) expect(seqsOf(socket)).toEqual(TICK);
    expect(seqsOf(alone)).toEqual([6, 7]);
  });

  test("that all ask for old events at once are told in turns", async () => {
    const { rig, crowd, alone, next } = await open();
    await using _ = rig;
    for (let turn = 0; turn < 40; turn++) next();
    for (const socket of [...crowd, alone]) socket.take();
    for (const socket of crowd)
      rig.send(socket, { method: "user_data.resume", params: { from_seq: 6 } });
    const told = crowd.filter((socket) => socket.received.length > 1).length;
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(200);
    for (let turn = 0; turn < 40; turn++) next();
    for (const socket of crowd) {
      socket.received.shift();
      expect(seqsOf(socket)).toEqual(TICK);
    }
  });
});

describe("an account to which very much happens", () => {
  const ids = (messages: unknown[]) =>
    messages.map((message) => (message as { data: { seq: number } }).data.seq);

  test("in one tick is told in slices, nothing twice and nothing left out", async () => {
    await using rig = await openGateway({ ringCommands: 4096 });
    const keys = await rig.createUser();
    const orders = rig.connectAs(keys);
    const hears = rig.connectAs(keys, "user-data");
    for (let n = 0; n < 600; n++) rig.send(orders, place({ quantity: 1, price: 1 }));
    await rig.loop.drained();
    expect(hears.received.length).toBeLessThan(600);
    rig.send(orders, place({ quantity: 1, price: 2 }));
    await rig.loop.drained();
    while (rig.streams.lastSeq(1) > 5 + hears.received.length) await new Promise(setImmediate);
    rig.send(orders, place({ quantity: 1, price: 3 }));
    await rig.loop.drained();
    // Every order, and the balance after each of three ticks.
    expect(ids(hears.take())).toEqual(Array.from({ length: 602 + 3 }, (_, n) => 6 + n));
  });

  test("is shown with the first page of its open orders", async () => {
    await using rig = await openGateway({ ringCommands: 4096 });
    const keys = await rig.createUser();
    const orders = rig.connectAs(keys);
    for (let n = 0; n < 1001; n++) rig.send(orders, place({ quantity: 1, price: 1 }));
    await rig.loop.drained();
    const hears = rig.connect("user-data");
    rig.send(hears, { method: "auth.login", params: keys });
    const [, { data }] = hears.take() as [unknown, { data: { orders: object[]; next: number } }];
    expect(data.orders.length).toBe(1000);
    const params = { before: data.next };
    const rest = (await rig.ask(orders, { method: "orders.open", params })) as {
      result: { orders: object[] };
    };
    expect(rest.result.orders).toEqual([expect.objectContaining({ order_id: "ord_1" })]);
  });
});
