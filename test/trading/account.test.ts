import { describe, expect, test } from "bun:test";
import { CASH, type GatewayRig, openGateway, SHARES } from "../gateway/rig.ts";

const place = (params: object) => ({
  method: "order.place",
  params: { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", quantity: 10, price: 100, ...params },
});
const status = (params: object) => ({ method: "order.status", params });

/** Two logged-in connections: the first of account 1, the second of account 2. */
async function connectTwo(rig: GatewayRig) {
  return [rig.connectAs(await rig.createUser()), rig.connectAs(await rig.createUser())] as const;
}

describe("a query", () => {
  test("sees what the same client sent before it, but only once that is durable", async () => {
    await using rig = await openGateway();
    const [a] = await connectTwo(rig);
    rig.journal.isHolding = true;
    rig.send(a, { id: 1, ...place({}) });
    rig.send(a, { id: 2, method: "account.balances" });
    rig.send(a, { id: 3, ...status({ order_id: "ord_1" }) });
    await rig.inFlight();
    rig.send(a, { id: 4, method: "account.balances" });
    expect(a.take()).toEqual([]);
    rig.journal.letGo();
    const balances = {
      account_id: "acc_1",
      cash: { available: CASH - 1000, reserved: 1000, total: CASH },
      seq: 7,
    };
    const [placed, second, third, fourth] = a.take() as { id: number; result: object }[];
    expect([second, third, fourth]).toEqual([
      { id: 2, result: balances },
      { id: 3, result: placed.result },
      { id: 4, result: balances },
    ]);
  });

  test("without a login is refused", async () => {
    await using rig = await openGateway();
    const refused = { error: { code: 40100, message: "Not logged in" } };
    for (const endpoint of ["orders", "user-data"] as const) {
      const socket = rig.connect(endpoint);
      for (const method of ["account.balances", "account.positions"]) {
        expect(await rig.ask(socket, { method })).toEqual(refused);
      }
    }
    const socket = rig.connect("orders");
    expect(await rig.ask(socket, { method: "orders.open" })).toEqual(refused);
    expect(await rig.ask(socket, status({ order_id: "ord_1" }))).toEqual(refused);
  });

  test("after a tick that was not stored is refused", async () => {
    await using rig = await openGateway();
    const [a] = await connectTwo(rig);
    rig.journal.isHolding = true;
    rig.send(a, place({}));
    await rig.inFlight();
    rig.send(a, { id: 1, method: "account.balances" });
    rig.disk.flushFault = new Error("EIO");
    rig.journal.letGo();
    rig.send(a, { id: 2, method: "orders.open" });
    const error = { code: 50700, message: "Storage failed" };
    const placed = { code: 50700, message: "Storage failed; the order was not accepted" };
    expect(a.take()).toEqual([{ error: placed }, { id: 1, error }, { id: 2, error }]);
  });

  test("after a write that failed sees what was stored before it", async () => {
    await using rig = await openGateway();
    const [a] = await connectTwo(rig);
    rig.disk.writeFault = new Error("EIO");
    await rig.ask(a, place({}));
    expect(await rig.ask(a, { method: "orders.open" })).toEqual({ result: { orders: [], seq: 5 } });
  });

  test("is not made if its client has disconnected", async () => {
    await using rig = await openGateway();
    const [a] = await connectTwo(rig);
    rig.send(a, place({}));
    rig.send(a, { method: "account.balances" });
    a.close(1000, "");
    await rig.loop.drained();
    expect([a.take(), rig.bugs]).toEqual([[], []]);
  });

  test("that throws is answered, and the bug is reported", async () => {
    await using rig = await openGateway();
    const [a] = await connectTwo(rig);
    rig.history.find = () => {
      throw new Error("a bug");
    };
    rig.send(a, place({}));
    rig.send(a, { id: 1, ...status({ order_id: "ord_9" }) });
    rig.send(a, { id: 2, ...status({ order_id: "ord_1" }) });
    await rig.loop.drained();
    expect(a.take().slice(1)).toEqual([
      { id: 1, error: { code: 50000, message: "Internal error" } },
      { id: 2, result: expect.objectContaining({ order_id: "ord_1" }) },
    ]);
    expect(rig.bugs).toEqual(["Error: a bug"]);
  });
});

test("orders.open lists the account's own orders, newest first, of a symbol if asked", async () => {
  await using rig = await openGateway();
  const [a, b] = await connectTwo(rig);
  for (const symbol of ["SYMBOL_1", "SYMBOL_2", "SYMBOL_1"]) {
    rig.send(a, place({ symbol }));
    rig.send(b, place({ symbol, price: 50 }));
  }
  rig.send(a, { method: "order.cancel", params: { order_id: "ord_1" } });
  await rig.loop.drained();
  const open = async (params: object) => {
    const { result } = (await rig.ask(a, { method: "orders.open", params })) as {
      result: { orders: { order_id: string }[] };
    };
    return result.orders.map(({ order_id }) => order_id);
  };
  expect(await open({})).toEqual(["ord_5", "ord_3"]);
  expect(await open({ symbol: "SYMBOL_1" })).toEqual(["ord_5"]);
  expect(await open({ symbol: "SYMBOL_0" })).toEqual([]);
  expect(await rig.ask(a, { method: "orders.open", params: { symbol: "SYMBOL_7" } })).toEqual({
    error: { code: 40003, message: "Unknown symbol" },
  });
});

test("order.status finds an open or done order by either id, but no order of another account", async () => {
  await using rig = await openGateway();
  const [a, b] = await connectTwo(rig);
  const order = {
    order_id: "ord_1",
    client_order_id: "mine",
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
    tick: 4,
  };
  const asks = [status({ order_id: "ord_1" }), status({ client_order_id: "mine" })];
  const unknown = { error: { code: 40004, message: "Unknown order" } };
  const check = async (expected: object) => {
    for (const ask of asks) {
      expect(await rig.ask(a, ask)).toEqual({ result: expected });
      expect(await rig.ask(b, ask)).toEqual(unknown);
    }
  };
  await rig.ask(a, place({ client_order_id: "mine" }));
  await check(order);
  rig.clock.now = 2000;
  await rig.ask(b, place({ side: "SELL", quantity: 4 }));
  const partly = { ...order, filled_quantity: 4, average_price: 100, timestamp: 2000, tick: 5 };
  await check({ ...partly, status: "PARTIALLY_FILLED" });
  await rig.ask(b, place({ side: "SELL", quantity: 6 }));
  await check({ ...partly, filled_quantity: 10, status: "FILLED", tick: 6 });
  for (const order_id of ["ord_0", "ord_2097152", "ord_9007199254740991", "x"]) {
    expect(await rig.ask(a, status({ order_id }))).toEqual(unknown);
  }
});

test("account.positions lists what there is of each symbol", async () => {
  await using rig = await openGateway();
  const [a, b] = await connectTwo(rig);
  await rig.ask(a, place({ side: "SELL", symbol: "SYMBOL_2", quantity: 30, price: 7 }));
  await rig.ask(b, place({ symbol: "SYMBOL_2", quantity: 10, price: 7 }));
  await rig.ask(a, place({ side: "SELL", symbol: "SYMBOL_3", quantity: SHARES, price: 1 }));
  await rig.ask(b, place({ symbol: "SYMBOL_3", quantity: SHARES, price: 1 }));
  const whole = { available: SHARES, reserved: 0, total: SHARES };
  const { result } = (await rig.ask(a, { method: "account.positions" })) as {
    result: { account_id: string; positions: { symbol: string }[] };
  };
  expect(result.account_id).toBe("acc_1");
  expect(result.positions.toSorted((x, y) => x.symbol.localeCompare(y.symbol))).toEqual([
    { symbol: "SYMBOL_0", ...whole },
    { symbol: "SYMBOL_1", ...whole },
    { symbol: "SYMBOL_2", available: SHARES - 30, reserved: 20, total: SHARES - 10 },
  ]);
});
