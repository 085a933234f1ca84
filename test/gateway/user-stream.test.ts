import { describe, expect, test } from "bun:test";
import { ENCODINGS } from "../../src/protocol/encoding.ts";
import { CASH, openGateway, SHARES } from "./rig.ts";

const place = (params: object) => ({
  method: "order.place",
  params: { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", quantity: 10, price: 100, ...params },
});

const push = (data: object) => ({ stream: "user_data", data });

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
      const cash = (available: number, reserved: number) => ({
        cash: { available, reserved, total: available + reserved },
      });
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
  const both = ["user/1/json", "user/1/msgpack"];
  expect(rig.published.splice(0)).toEqual([...both, ...both]);
  streams[0].close(1000, "");
  streams[2].close(1000, "");
  await rig.ask(orders, place({}));
  expect(rig.published.splice(0)).toEqual(["user/1/json", "user/1/json"]);
  streams[1].close(1000, "");
  await rig.ask(orders, place({}));
  expect(rig.published).toEqual([]);
});
