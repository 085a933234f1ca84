import { describe, expect, test } from "bun:test";
import { CommandKind } from "../../src/core/command.ts";
import { RULES_VERSION } from "../../src/core/rules.ts";
import { ENCODINGS } from "../../src/protocol/encoding.ts";
import { createTestCore } from "../core/test-core.ts";
import { CASH, openGateway, SHARES } from "../gateway/rig.ts";

const place = (params: object) => ({
  method: "order.place",
  params: { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", quantity: 10, price: 100, ...params },
});
const cancel = (params: object) => ({ method: "order.cancel", params });
const amend = (params: object) => ({ method: "order.amend", params });

/** The state of an order that `place` places. */
const state = (more: object) => ({
  symbol: "SYMBOL_1",
  side: "BUY",
  type: "LIMIT",
  price: 100,
  time_in_force: "GTC",
  quantity: 10,
  filled_quantity: 0,
  status: "ACCEPTED",
  created_at: expect.any(Number),
  timestamp: 1000,
  ...more,
});

describe("an order", () => {
  for (const encoding of ENCODINGS) {
    test(`is answered under its id, whatever that is (${encoding})`, async () => {
      await using rig = await openGateway();
      const socket = rig.connectAs(await rig.createUser(), "orders", encoding);
      const ids = [0, 7, Number.MAX_SAFE_INTEGER, "", "a", "ü".repeat(64), '"\\\n', undefined];
      for (const id of ids) {
        rig.send(socket, { ...(id !== undefined && { id }), ...place({}) });
      }
      await rig.loop.drained();
      expect(socket.take()).toEqual(
        ids.map((id, i) => ({
          ...(id !== undefined && { id }),
          result: state({ order_id: `ord_${i + 1}`, tick: 3 }),
        })),
      );
    });
  }

  test("is answered in the encoding it came in, each in the order of its requests", async () => {
    await using rig = await openGateway();
    const socket = rig.connectAs(await rig.createUser());
    rig.send(socket, { id: 1, ...place({}) }, "msgpack");
    rig.send(socket, { id: 2, ...place({}) }, "json");
    rig.send(socket, { id: 3, ...place({ price: 1e6 }) }, "msgpack");
    rig.send(socket, { id: 4, ...place({ price: 1e6 }) }, "json");
    await rig.loop.drained();
    const details = { needed: 1e7, available: CASH - 2000 };
    const funds = { code: 40906, message: "Insufficient funds", details };
    expect(socket.received).toEqual([
      { binary: true, message: { id: 1, result: state({ order_id: "ord_1", tick: 3 }) } },
      { binary: false, message: { id: 2, result: state({ order_id: "ord_2", tick: 3 }) } },
      { binary: true, message: { id: 3, error: funds } },
      { binary: false, message: { id: 4, error: funds } },
    ]);
  });

  test("is answered with its state right after its command, whatever the tick did later", async () => {
    await using rig = await openGateway();
    const [a, b] = [rig.connectAs(await rig.createUser()), rig.connectAs(await rig.createUser())];
    rig.clock.now = 2000;
    rig.send(a, { id: 1, ...place({}) });
    rig.send(b, { id: 1, ...place({ side: "SELL", price: 99, quantity: 4 }) });
    rig.send(a, { id: 2, ...amend({ order_id: "ord_1", quantity: 9 }) });
    rig.send(a, { id: 3, ...cancel({ order_id: "ord_1" }) });
    await rig.loop.drained();
    const of = { order_id: "ord_1", timestamp: 2000, tick: 4 };
    const filled = { filled_quantity: 4, average_price: 100 };
    expect(a.take()).toEqual([
      { id: 1, result: state(of) },
      { id: 2, result: state({ ...of, ...filled, quantity: 9, status: "PARTIALLY_FILLED" }) },
      {
        id: 3,
        result: state({ ...of, ...filled, quantity: 9, status: "CANCELLED", reason: "USER" }),
      },
    ]);
    expect(b.take()).toEqual([
      {
        id: 1,
        result: state({
          ...of,
          ...filled,
          order_id: "ord_2",
          side: "SELL",
          price: 99,
          quantity: 4,
          status: "FILLED",
        }),
      },
    ]);
  });

  test("of a session that is gone is placed all the same, and the others are answered", async () => {
    await using rig = await openGateway();
    const keys = await rig.createUser();
    const [gone, other] = [rig.connectAs(keys), rig.connectAs(keys)];
    rig.send(gone, { id: 1, ...place({}) });
    rig.send(other, { id: 2, ...place({}) });
    gone.close(1000, "");
    await rig.loop.drained();
    expect([gone.take(), other.take()]).toEqual([
      [],
      [{ id: 2, result: state({ order_id: "ord_2", tick: 3 }) }],
    ]);
    expect(rig.view.openOrderCount()).toBe(2);
  });

  test("that a client does not read the answer of ends with its connection alone", async () => {
    await using rig = await openGateway();
    const keys = await rig.createUser();
    const [slow, other] = [rig.connectAs(keys), rig.connectAs(keys)];
    slow.room = 1;
    for (const socket of [slow, slow, other]) rig.send(socket, { id: 1, ...place({}) });
    await rig.loop.drained();
    expect(slow.closed).toEqual({ code: 4008, reason: "slow consumer" });
    expect(slow.take()).toHaveLength(1);
    expect(other.take()).toEqual([{ id: 1, result: state({ order_id: "ord_3", tick: 3 }) }]);
    expect(rig.bugs).toEqual([]);
  });
});

describe("before it reaches the tick", () => {
  for (const encoding of ENCODINGS) {
    test(`it is refused, the first fault first (${encoding})`, async () => {
      const limits = { orders_per_second: 1, market_data_per_second: 1, burst_limit: 2 };
      await using rig = await openGateway({ limits });
      const errorOf = async (socket: ReturnType<typeof rig.connect>, params: object = {}) => {
        const answer = (await rig.ask(socket, { id: 1, ...place(params) })) as { error: object };
        return answer.error;
      };
      const stranger = rig.connect("orders", encoding);
      expect(await errorOf(stranger, { quantity: 0 })).toMatchObject({ code: 40001 });
      expect(await errorOf(stranger)).toEqual({ code: 40100, message: "Not logged in" });
      const reader = rig.connectAs(await rig.createUser(["market_data"]), "orders", encoding);
      expect(await errorOf(reader)).toEqual({
        code: 40300,
        message: "Permission missing",
        details: { permission: "trade" },
      });

      const keys = await rig.createUser();
      const trader = rig.connectAs(keys, "orders", encoding);
      const notYours = { code: 40301, message: "Not your account" };
      expect(await errorOf(trader, { account_id: "acc_1", symbol: "x" })).toEqual(notYours);
      expect(await errorOf(trader, { account_id: "x" })).toEqual(notYours);
      // Two tokens, whatever came of them; another connection of the user has no more.
      const again = rig.connectAs(keys, "orders", encoding);
      const rate = { code: 42901, message: "Order rate exceeded" };
      expect(await errorOf(again)).toEqual({ ...rate, details: { retry_after_ms: 1000 } });
      rig.clock.now += 1000;
      expect(await errorOf(again, { symbol: "x" })).toEqual({
        code: 40003,
        message: "Unknown symbol",
      });
      expect(await rig.ask(again, { id: 2, method: "order.cancel_all" })).toEqual({
        id: 2,
        result: { cancelled: 0 },
      });

      rig.lifecycle.drain();
      expect(await errorOf(trader)).toEqual({
        code: 50302,
        message: "Shutting down",
        details: { retry_after_ms: 1000 },
      });
      expect(rig.view.sequence()).toBe(4 + 2 * 6 + 1);
    });

    test(`a full ring refuses it and takes it when the tick is done (${encoding})`, async () => {
      await using rig = await openGateway({ ringCommands: 16 });
      const socket = rig.connectAs(await rig.createUser(), "orders", encoding);
      for (let id = 1; id <= 10; id++) rig.send(socket, { id, ...place({}) });
      const overloaded = {
        code: 50300,
        message: "Overloaded, retry",
        details: { retry_after_ms: 1000 },
      };
      expect(socket.take()).toEqual([
        { id: 9, error: overloaded },
        { id: 10, error: overloaded },
      ]);
      await rig.loop.drained();
      expect(socket.take()).toHaveLength(8);
      expect(await rig.ask(socket, { id: 11, ...place({}) })).toEqual({
        id: 11,
        result: state({ order_id: "ord_9", tick: 4 }),
      });
    });

    test(`one without an id is answered without one, by the general path too (${encoding})`, async () => {
      await using rig = await openGateway();
      const socket = rig.connectAs(await rig.createUser(), "orders", encoding);
      const ask = { method: "order.cancel_all" };
      expect(await rig.ask(socket, ask)).toEqual({ result: { cancelled: 0 } });
      const unknown = { ...ask, params: { symbol: "SYMBOL_9" } };
      expect(await rig.ask(socket, unknown)).toEqual({
        error: { code: 40003, message: "Unknown symbol" },
      });
    });

    test(`storage that fails refuses it, now and later (${encoding})`, async () => {
      await using rig = await openGateway();
      const socket = rig.connectAs(await rig.createUser(), "orders", encoding);
      rig.send(socket, { id: 1, ...place({}) });
      rig.send(socket, place({}));
      rig.disk.flushFault = new Error("EIO");
      await rig.loop.drained();
      rig.send(socket, { id: "3", ...place({}) });
      const error = { code: 50700, message: "Storage failed; the order was not accepted" };
      expect(socket.take()).toEqual([{ id: 1, error }, { error }, { id: "3", error }]);
      expect(rig.counters.errors).toEqual(new Map([[50700, 3]]));
    });
  }
});

describe("what the core refuses", () => {
  test("travels with its code, and with details where it has some", async () => {
    await using rig = await openGateway();
    const [a, b] = [rig.connectAs(await rig.createUser()), rig.connectAs(await rig.createUser())];
    const rules = { kind: CommandKind.SET_SYMBOL_RULES, symbol: 2, price: 5, quantity: 50 };
    await rig.control.submit({ ...rules, stopPrice: 100, amount: 1000 });
    await rig.control.submit({ kind: CommandKind.SET_SYMBOL_STATE, symbol: 3, quantity: 2 });
    await rig.ask(b, place({ side: "SELL", price: 200, quantity: 5 }));
    await rig.ask(a, place({ price: 150, quantity: 5, client_order_id: "mine" }));
    const cases: [ask: object, error: object][] = [
      [place({ symbol: "SYMBOL_9" }), { code: 40003, message: "Unknown symbol" }],
      [place({ symbol: "SYMBOL_3" }), { code: 40909, message: "Symbol halted or cancel-only" }],
      [
        place({ symbol: "SYMBOL_2", price: 101 }),
        {
          code: 40905,
          message: "Price not a multiple of the price increment",
          details: { price_increment: 5 },
        },
      ],
      [
        place({ symbol: "SYMBOL_2", price: 115 }),
        { code: 40904, message: "Price outside the band", details: { low: 90, high: 110 } },
      ],
      [
        place({ symbol: "SYMBOL_2", quantity: 51 }),
        {
          code: 40910,
          message: "Capacity limit reached",
          details: { limit: "market.max_order_quantity" },
        },
      ],
      [
        place({ price: CASH }),
        {
          code: 40906,
          message: "Insufficient funds",
          details: { needed: 10 * CASH, available: CASH - 750 },
        },
      ],
      [
        place({ side: "SELL", quantity: SHARES + 1 }),
        {
          code: 40907,
          message: "Insufficient shares",
          details: { needed: SHARES + 1, available: SHARES },
        },
      ],
      [
        place({ price: 200, post_only: true }),
        { code: 40901, message: "Post-only order would cross the book" },
      ],
      [
        place({ price: 200, time_in_force: "FOK" }),
        { code: 40902, message: "Fill-or-kill order cannot be filled" },
      ],
      [
        place({ symbol: "SYMBOL_0", type: "MARKET", price: undefined }),
        { code: 40903, message: "No liquidity for a market order" },
      ],
      [
        place({ side: "SELL", price: 150 }),
        { code: 40908, message: "Self-trade prevention refused the order" },
      ],
      [
        place({ client_order_id: "mine" }),
        { code: 40911, message: "client_order_id was used for an order with other content" },
      ],
      [cancel({ order_id: "ord_1" }), { code: 40004, message: "Unknown order" }],
      [cancel({ order_id: "ord_99" }), { code: 40004, message: "Unknown order" }],
      [cancel({ client_order_id: "nobody's" }), { code: 40004, message: "Unknown order" }],
    ];
    for (const [ask, error] of cases) {
      expect(await rig.ask(a, ask as Parameters<typeof rig.ask>[1])).toEqual({ error });
    }
    expect(rig.bugs).toEqual([]);
  });

  test("cancelling or amending what is done says how it ended, to its owner", async () => {
    await using rig = await openGateway();
    const [a, b] = [rig.connectAs(await rig.createUser()), rig.connectAs(await rig.createUser())];
    await rig.ask(a, place({ client_order_id: "filled" }));
    await rig.ask(b, place({ side: "SELL" }));
    await rig.ask(a, place({ time_in_force: "IOC" }));
    await rig.ask(a, place({ client_order_id: "cancelled" }));
    await rig.ask(a, cancel({ client_order_id: "cancelled" }));
    const unknown = { code: 40004, message: "Unknown order" };
    const ended = (status: string) => ({ error: { ...unknown, details: { status } } });
    expect(await rig.ask(a, cancel({ order_id: "ord_1" }))).toEqual(ended("FILLED"));
    expect(await rig.ask(a, amend({ client_order_id: "filled", price: 5 }))).toEqual(
      ended("FILLED"),
    );
    expect(await rig.ask(a, cancel({ client_order_id: "cancelled" }))).toEqual(ended("CANCELLED"));
    const expired = await rig.ask(a, {
      method: "order.status",
      params: { order_id: "ord_2097153" },
    });
    expect(expired).toMatchObject({ error: unknown });
    expect(await rig.ask(b, cancel({ order_id: "ord_1" }))).toEqual({ error: unknown });
    expect(await rig.ask(b, amend({ client_order_id: "filled", price: 5 }))).toEqual({
      error: unknown,
    });
  });
});

describe("a client order id that comes again", () => {
  test("is answered with the first order, as it is now, and places nothing", async () => {
    await using rig = await openGateway();
    const [a, b] = [rig.connectAs(await rig.createUser()), rig.connectAs(await rig.createUser())];
    const mine = { id: 1, ...place({ client_order_id: "mine" }) };
    const of = { order_id: "ord_1", client_order_id: "mine", tick: 4 };
    rig.send(a, mine);
    rig.send(a, mine);
    await rig.loop.drained();
    expect(a.take()).toEqual([
      { id: 1, result: state(of) },
      { id: 1, result: state({ ...of, duplicate: true }) },
    ]);

    const repeated = async (more: object) => {
      const stamp = { timestamp: expect.any(Number), tick: expect.any(Number) };
      const result = state({ ...of, ...more, ...stamp, duplicate: true });
      for (const encoding of ENCODINGS) {
        expect(await rig.ask(a, mine, encoding)).toEqual({ id: 1, result });
      }
    };
    await rig.ask(b, place({ side: "SELL", quantity: 4 }));
    await repeated({ filled_quantity: 4, average_price: 100, status: "PARTIALLY_FILLED" });
    await rig.ask(a, cancel({ client_order_id: "mine" }));
    const cancelled = { status: "CANCELLED", reason: "USER" };
    await repeated({ filled_quantity: 4, average_price: 100, ...cancelled });
    expect(rig.view.openOrderCount()).toBe(0);
  });

  test("gives the order also when the history of all orders has gone past it", async () => {
    await using rig = await openGateway({ historyOrdersMax: 2 });
    const socket = rig.connectAs(await rig.createUser());
    const mine = place({ client_order_id: "mine", time_in_force: "IOC" });
    const first = await rig.ask(socket, mine);
    await rig.ask(socket, place({ time_in_force: "IOC" }));
    await rig.ask(socket, place({ time_in_force: "IOC" }));
    expect(await rig.ask(socket, mine)).toEqual({
      result: { ...(first as { result: object }).result, duplicate: true },
    });
    const status = { method: "order.status", params: { client_order_id: "mine" } };
    expect(await rig.ask(socket, status)).toEqual(first);
  });
});

test("an answer names the order of its own request when a tick is full of them", async () => {
  await using rig = await openGateway();
  const keys = [await rig.createUser(), await rig.createUser(), await rig.createUser()];
  const sockets = keys.map((key, i) => rig.connectAs(key, "orders", ENCODINGS[i % 2]));
  void rig.control.submit({ kind: CommandKind.NOTE, text: "filler" });
  for (let i = 0; i < 60; i++) {
    const price = 10 + ((i * 7) % 13);
    const side = i % 2 === 0 ? "BUY" : "SELL";
    rig.send(sockets[i % 3], {
      id: i,
      ...place({ client_order_id: `c${i}`, side, price, self_trade_prevention: "NONE" }),
    });
  }
  await rig.loop.drained();
  for (const [s, socket] of sockets.entries()) {
    const answers = socket.take() as { id: number; result: { client_order_id: string } }[];
    const expected = Array.from({ length: 20 }, (_, i) => i * 3 + s);
    expect(answers.map(({ id }) => id)).toEqual(expected);
    expect(answers.map(({ result }) => result.client_order_id)).toEqual(
      expected.map((id) => `c${id}`),
    );
  }
});

test("an order behind stops that are still coming in is told to come again, not that there is a limit", async () => {
  const work = { cascadeWorkMax: 2, orderCascadeWorkMax: 2 };
  await using rig = await openGateway({ core: createTestCore(8, { work }) });
  await rig.control.submit({ kind: CommandKind.SET_RULES, quantity: RULES_VERSION, amount: 1 });
  const [maker, stopper] = [await rig.createUser(), await rig.createUser()];
  const socket = rig.connectAs(stopper);
  const bids = rig.connectAs(maker);
  const bid = (await rig.ask(bids, place({ price: 90, quantity: 100 }))) as {
    result: { order_id: string };
  };
  const stop = { side: "SELL", type: "STOP", stop_price: 95, price: undefined, quantity: 1 };
  for (let i = 0; i < 9; i++) rig.send(socket, place(stop));
  await rig.loop.drained();
  socket.take();
  rig.send(socket, place({ side: "SELL", price: 90, quantity: 1 }));
  rig.send(socket, place({ side: "SELL", price: 90, quantity: 1 }));
  rig.send(bids, amend({ order_id: bid.result.order_id, price: 80 }));
  await rig.loop.drained();
  const error = { code: 50300, message: "Overloaded, retry", details: { retry_after_ms: 1000 } };
  expect(socket.take()).toEqual([{ result: expect.anything() }, { error }]);
  expect(bids.take()).toContainEqual({ error });
});

test("while a tick has not ended for two seconds, no new order is taken, and cancels are", async () => {
  await using rig = await openGateway();
  const socket = rig.connectAs(await rig.createUser());
  const look = (times: number): void => {
    for (let i = 0; i < times; i++) rig.tickWatch.look();
  };
  await rig.ask(socket, place({ client_order_id: "before" }));
  look(1);
  rig.journal.isHolding = true;
  rig.send(socket, place({}));
  await rig.inFlight();
  // The first look sees that the tick has moved.
  look(4);
  rig.send(socket, { id: "waits", ...place({}) });
  expect(socket.take()).toEqual([]);

  look(1);
  const error = {
    code: 50300,
    message: "The disk does not answer; only cancels are taken",
    details: { retry_after_ms: 1000 },
  };
  rig.send(socket, { id: 1, ...place({}) });
  rig.send(socket, { id: 2, ...amend({ client_order_id: "before", price: 99 }) });
  rig.send(socket, { id: 3, method: "order.batch", params: { orders: [place({}).params] } });
  rig.send(socket, { id: 4, ...cancel({ client_order_id: "before" }) });
  expect(socket.take()).toEqual([
    { id: 1, error },
    { id: 2, error },
    { id: 3, error },
  ]);

  rig.journal.isHolding = false;
  rig.journal.letGo();
  await rig.loop.drained();
  expect(socket.take()).toMatchObject([
    { result: { status: "ACCEPTED" } },
    { id: "waits", result: { status: "ACCEPTED" } },
    { id: 4, result: { status: "CANCELLED" } },
  ]);
  look(1);
  expect(await rig.ask(socket, place({}))).toMatchObject({ result: { status: "ACCEPTED" } });
});
