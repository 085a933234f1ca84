import { describe, expect, test } from "bun:test";
import { ENCODINGS } from "../../src/protocol/encoding.ts";
import { CASH, openGateway } from "../gateway/rig.ts";
import { until } from "../lib/until.ts";

const LIMIT = { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", price: 100, quantity: 10 };
const batch = (...orders: unknown[]) => ({ id: 7, method: "order.batch", params: { orders } });

/** A resting order of LIMIT, placed in the third tick: the first two set the exchange up. */
const resting = (more: object) => ({
  result: {
    ...LIMIT,
    time_in_force: "GTC",
    filled_quantity: 0,
    status: "ACCEPTED",
    created_at: expect.any(Number),
    timestamp: 1000,
    tick: 3,
    ...more,
  },
});
const answer = (...results: object[]) => ({ id: 7, result: { results } });
const FUNDS = {
  error: {
    code: 40906,
    message: "Insufficient funds",
    details: { needed: 10 * CASH, available: CASH - 1000 },
  },
};
const OVERLOADED = {
  error: { code: 50300, message: "Overloaded, retry", details: { retry_after_ms: 1000 } },
};
const STORAGE = {
  error: { code: 50700, message: "Storage failed; the order was not accepted" },
};

describe.each(ENCODINGS)("a batch in %s", (encoding) => {
  test("judges each order alone, keeps their order and gives one answer", async () => {
    await using rig = await openGateway();
    const socket = rig.connectAs(await rig.createUser(), "orders", encoding);
    const orders = [
      LIMIT,
      { ...LIMIT, price: 0 },
      { ...LIMIT, price: CASH },
      "nonsense",
      { ...LIMIT, account_id: "acc_9" },
      { ...LIMIT, client_order_id: "mine" },
      { ...LIMIT, client_order_id: "mine" },
      { ...LIMIT, symbol: "SYMBOL_9" },
      { ...LIMIT, price: 90 },
    ];
    expect(await rig.ask(socket, batch(...orders))).toEqual(
      answer(
        resting({ order_id: "ord_1" }),
        {
          error: {
            code: 40001,
            message: "Invalid order parameters",
            details: { field: "price", issue: "Price must be positive integer", got: "0" },
          },
        },
        FUNDS,
        {
          error: {
            code: 40001,
            message: "Invalid order parameters",
            details: { field: "params", issue: "Params must be an object", got: '"nonsense"' },
          },
        },
        { error: { code: 40301, message: "Not your account" } },
        resting({ order_id: "ord_2", client_order_id: "mine" }),
        resting({ order_id: "ord_2", client_order_id: "mine", duplicate: true }),
        { error: { code: 40003, message: "Unknown symbol" } },
        resting({ order_id: "ord_3", price: 90 }),
      ),
    );
    expect(socket.take()).toEqual([]);
    expect(rig.ticks.at(-1)).toBe(6);
  });

  test("of which all orders are refused is answered at once", async () => {
    await using rig = await openGateway();
    const socket = rig.connectAs(await rig.createUser(), "orders", encoding);
    const ticks = rig.ticks.length;
    rig.send(socket, batch({ ...LIMIT, account_id: "acc_9" }, null));
    expect(socket.take()).toMatchObject([
      { id: 7, result: { results: [{ error: { code: 40301 } }, { error: { code: 40001 } }] } },
    ]);
    await rig.loop.drained();
    expect([socket.take(), rig.ticks.length]).toEqual([[], ticks]);
  });

  test("is told in the order of the connection's other requests", async () => {
    await using rig = await openGateway();
    const socket = rig.connectAs(await rig.createUser(), "orders", encoding);
    rig.send(socket, { id: 1, method: "order.place", params: LIMIT });
    rig.send(socket, batch(LIMIT, LIMIT));
    rig.send(socket, { ...batch(LIMIT), id: 8 });
    await rig.loop.drained();
    const ids = (message: unknown) => (message as { id: number }).id;
    const answers = socket.take();
    expect(answers.map(ids)).toEqual([1, 7, 8]);
    expect(answers.slice(1)).toEqual([
      answer(resting({ order_id: "ord_2" }), resting({ order_id: "ord_3" })),
      { ...answer(resting({ order_id: "ord_4" })), id: 8 },
    ]);
  });

  test("that finds the ring full half-way places what there was room for", async () => {
    await using rig = await openGateway({ ringCommands: 32 });
    const socket = rig.connectAs(await rig.createUser(), "orders", encoding);
    const orders = Array.from({ length: 20 }, (_, i) => ({ ...LIMIT, price: i + 1 }));
    expect(await rig.ask(socket, batch(...orders))).toEqual(
      answer(
        ...orders.map(({ price }, i) =>
          i < 16 ? resting({ order_id: `ord_${i + 1}`, price }) : OVERLOADED,
        ),
      ),
    );
  });

  test("whose storage fails accepted nothing, and says so of each that it had not refused", async () => {
    await using rig = await openGateway();
    const socket = rig.connectAs(await rig.createUser(), "orders", encoding);
    rig.disk.flushFault = new Error("EIO");
    expect(await rig.ask(socket, batch(LIMIT, { ...LIMIT, account_id: "acc_9" }, LIMIT))).toEqual(
      answer(STORAGE, { error: { code: 40301, message: "Not your account" } }, STORAGE),
    );
    expect(await rig.ask(socket, batch(LIMIT))).toEqual({ id: 7, ...STORAGE });
  });

  test("of a client that is gone meanwhile is placed all the same", async () => {
    await using rig = await openGateway();
    const key = await rig.createUser();
    const [gone, other] = [rig.connectAs(key, "orders", encoding), rig.connectAs(key)];
    rig.journal.isHolding = true;
    rig.send(gone, batch(LIMIT, LIMIT));
    rig.send(other, { id: 9, method: "order.place", params: LIMIT });
    await until(() => rig.journal.isWaiting);
    gone.close(1006, "");
    rig.journal.isHolding = false;
    rig.journal.letGo();
    await rig.loop.drained();
    expect([gone.take(), other.take()]).toEqual([
      [],
      [{ id: 9, ...resting({ order_id: "ord_3" }) }],
    ]);
    expect(rig.view.openOrderCount()).toBe(3);
    expect(rig.bugs).toEqual([]);
  });

  test("takes as many tokens as it has orders, and owes those that are not there", async () => {
    const limits = { orders_per_second: 1, market_data_per_second: 1, burst_limit: 2 };
    await using rig = await openGateway({ limits });
    const socket = rig.connectAs(await rig.createUser(), "orders", encoding);
    expect(await rig.ask(socket, batch(LIMIT, LIMIT, null, LIMIT))).toMatchObject({
      result: { results: [{ result: {} }, { result: {} }, { error: {} }, { result: {} }] },
    });
    const rate = { code: 42901, message: "Order rate exceeded" };
    const refused = { id: 7, error: { ...rate, details: { retry_after_ms: 3000 } } };
    expect(await rig.ask(socket, batch(LIMIT, LIMIT))).toEqual(refused);
    rig.clock.now += 2999;
    const early = { id: 7, error: { ...rate, details: { retry_after_ms: 1 } } };
    expect(await rig.ask(socket, batch(LIMIT))).toEqual(early);
    rig.clock.now += 1;
    expect(await rig.ask(socket, batch(LIMIT))).toMatchObject({
      result: { results: [{ result: {} }] },
    });
  });
});

test("a batch needs the permission to trade, and is refused on a market-data connection", async () => {
  await using rig = await openGateway();
  const reader = rig.connectAs(await rig.createUser(["market_data"]));
  expect(await rig.ask(reader, batch(LIMIT))).toMatchObject({ error: { code: 40300 } });
  expect(await rig.ask(rig.connect("orders"), batch(LIMIT))).toMatchObject({
    error: { code: 40100 },
  });
});

test("what a batch refuses is counted, order by order", async () => {
  await using rig = await openGateway();
  const socket = rig.connectAs(await rig.createUser());
  await rig.ask(socket, batch(LIMIT, { ...LIMIT, price: CASH }, { ...LIMIT, price: 0 }));
  expect(rig.counters.errors).toEqual(
    new Map([
      [40906, 1],
      [40001, 1],
    ]),
  );
});

test("a client order id that comes again with another end is refused", async () => {
  await using rig = await openGateway();
  const socket = rig.connectAs(await rig.createUser());
  const dated = { ...LIMIT, client_order_id: "mine", time_in_force: "GTD", expire_at: 5000 };
  const place = (params: object) => rig.ask(socket, { method: "order.place", params });
  const { client_order_id, time_in_force, expire_at } = dated;
  const first = { order_id: "ord_1", client_order_id, time_in_force, expire_at };
  expect(await place(dated)).toEqual(resting(first));
  expect(await place(dated)).toMatchObject({ result: { order_id: "ord_1", duplicate: true } });
  const other = {
    error: { code: 40911, message: "client_order_id was used for an order with other content" },
  };
  expect(await place({ ...dated, expire_at: 5001 })).toEqual(other);
  expect(await place({ ...LIMIT, client_order_id: "mine" })).toEqual(other);
  expect(await place({ ...dated, client_order_id: "late", expire_at: 1000 })).toEqual({
    error: {
      code: 40001,
      message: "Invalid order parameters",
      details: { field: "expire_at", issue: "Must be in the future" },
    },
  });
  expect(rig.view.openOrderCount()).toBe(1);
});
