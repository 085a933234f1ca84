import { expect, test } from "bun:test";
import { openGateway } from "../rig.ts";

const place = { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", quantity: 1, price: 100 };

test("a key of one account cannot cancel or amend another's order whose id it guesses before it was told", async () => {
  await using rig = await openGateway();
  const key = await rig.createUser();
  await rig.addAccount(1);
  const orders = rig.connectAs(key);
  const bound = rig.connectAs(await rig.identity.createKey(1, { account: 2 }));
  // All three are in one tick: the order is not known yet when the others come.
  rig.send(orders, { method: "order.place", params: place });
  for (const [method, more] of [
    ["order.cancel", {}],
    ["order.amend", { quantity: 5 }],
  ] as const) {
    rig.send(bound, { method, params: { order_id: "ord_1", ...more } });
  }
  await rig.loop.drained();
  const refused = { error: { code: 40004, message: "Unknown order" } };
  expect(bound.take()).toEqual([refused, refused]);
  expect(orders.take()).toMatchObject([{ result: { order_id: "ord_1", status: "ACCEPTED" } }]);
  expect(await rig.ask(orders, { method: "orders.open" })).toMatchObject({
    result: { orders: [{ order_id: "ord_1", quantity: 1 }] },
  });
});
