import { expect, test } from "bun:test";
import { TRACED_MAX } from "../../src/gateway/account-traces.ts";
import { type GatewayRig, openGateway } from "./rig.ts";

const ORDER = { symbol: "SYMBOL_0", side: "SELL", type: "LIMIT", price: 5, quantity: 2 };
const place = (more: object = {}) => ({
  id: 1,
  method: "order.place",
  params: { ...ORDER, ...more },
});

/** A connection of a new account, and its number. */
async function trader(rig: GatewayRig) {
  const account = rig.view.nextAccount();
  return { account, socket: rig.connectAs(await rig.createUser()) };
}

const traced = (rig: GatewayRig) => rig.lines.filter(({ message }) => message.startsWith("trace"));

test("of a traced account the log has commands, refusals and events, and of no other", async () => {
  await using rig = await openGateway();
  const ann = await trader(rig);
  const bob = await trader(rig);
  await rig.ask(ann.socket, place());
  expect(traced(rig)).toEqual([]);

  expect(rig.traces.start(ann.account, 60_000)).toBe(rig.clock.now + 60_000);
  await rig.ask(ann.socket, place({ price: 6 }));
  await rig.ask(ann.socket, place({ quantity: 1_000_000 }));
  await rig.ask(ann.socket, place({ side: "HOLD" }));
  await rig.ask(bob.socket, place({ price: 7 }));
  // He takes what she offered first.
  await rig.ask(bob.socket, place({ side: "BUY", quantity: 1 }));

  const name = `acc_${ann.account}`;
  const command = { account: name, kind: "PLACE", symbol: "SYMBOL_0", side: "SELL" };
  expect(traced(rig)).toMatchObject([
    { message: "trace: command", ...command, price: 6, quantity: 2, code: 0 },
    { message: "trace: event", account: name, event: { event: "order", status: "ACCEPTED" } },
    { message: "trace: event", event: { event: "position", available: 996, reserved: 4 } },
    { message: "trace: command", ...command, quantity: 1_000_000, code: 40907 },
    { message: "trace: request refused", account: name, id: 1, code: 40001 },
    {
      message: "trace: event",
      event: { event: "order", status: "PARTIALLY_FILLED", last_fill: { quantity: 1 } },
    },
    { message: "trace: event", event: { event: "balance" } },
    { message: "trace: event", event: { event: "position", available: 996, reserved: 3 } },
  ]);
  rig.traces.stop(ann.account);
  await rig.ask(ann.socket, place());
  expect(traced(rig)).toHaveLength(8);
});

test("it has refused queries, and the orders of a batch that are refused before they are commands", async () => {
  await using rig = await openGateway();
  const ann = await trader(rig);
  rig.traces.start(ann.account, 60_000);
  const params = { account_id: `acc_${ann.account}`, order_id: "ord_9" };
  await rig.ask(ann.socket, { id: 2, method: "order.status", params: { order_id: "ord_9" } });
  await rig.ask(ann.socket, { id: 3, method: "orders.open", params: { ...params, limit: 0 } });
  const orders = [
    { ...ORDER, side: "HOLD" },
    { ...ORDER, symbol: "NOBODY" },
    { ...ORDER, quantity: 1_000_000 },
  ];
  await rig.ask(ann.socket, { id: 4, method: "order.batch", params: { orders } });
  const refused = "trace: request refused";
  expect(traced(rig)).toMatchObject([
    { message: refused, id: 2, code: 40004 },
    { message: refused, id: 3, code: 40001 },
    { message: refused, order: 0, code: 40001 },
    { message: refused, order: 1, code: 40003 },
    { message: "trace: command", quantity: 1_000_000, code: 40907 },
  ]);
});

test("it has what was refused unread: frames beyond the limit, and queries of one who does not read", async () => {
  const limits = { orders_per_second: 1, market_data_per_second: 1, burst_limit: 1 };
  await using rig = await openGateway({ limits });
  const ann = await trader(rig);
  const stranger = rig.connect("orders");
  rig.traces.start(ann.account, 60_000);
  ann.socket.unread = 2 ** 21;
  await rig.ask(ann.socket, { id: 5, method: "ping" });
  // A user's frames: so many at once.
  for (let frame = 0; frame < 5000; frame++) {
    rig.connections.onControl(ann.socket.socket, Buffer.alloc(0));
  }
  for (let id = 1; id <= 12; id++) rig.send(ann.socket, { id, method: "ping" });
  rig.send(stranger, { id: 6, method: "orders.open", params: {} });
  const refused = { account: `acc_${ann.account}`, message: "trace: request refused", code: 42902 };
  const told = { ...refused, why: "Too many frames" };
  expect(traced(rig)).toMatchObject([
    { ...refused, id: 5, why: "Too many bytes of earlier answers are not read yet" },
    ...Array.from({ length: 10 }, (_, i) => ({ ...told, id: i + 1 })),
    ...[told, told],
  ]);
});

test("a trace ends by itself", async () => {
  await using rig = await openGateway();
  const { account, socket } = await trader(rig);
  rig.traces.start(account, 1000);
  rig.clock.now += 1000;
  await rig.ask(socket, place());
  expect(traced(rig)).toMatchObject([{ message: "trace: over", account: `acc_${account}` }]);
  expect(rig.traces.isOn).toBe(false);
});

test("who sends thousands does not fill the log, and the next line says how many it lacks", async () => {
  await using rig = await openGateway();
  const { account, socket } = await trader(rig);
  rig.traces.start(account, 60_000);
  for (let n = 0; n < 500; n++) rig.send(socket, place({ quantity: 1_000_000 }));
  await rig.loop.drained();
  expect(traced(rig)).toHaveLength(100);
  rig.clock.now += 1000;
  await rig.ask(socket, place({ quantity: 1_000_000 }));
  expect(traced(rig).at(-1)).toMatchObject({ message: "trace: command", left_out: 400 });
});

test("so many accounts can be traced at once", async () => {
  await using rig = await openGateway();
  for (let account = 1; account <= TRACED_MAX; account++) rig.traces.start(account, 1000);
  expect(rig.traces.start(TRACED_MAX + 1, 1000)).toBeNull();
  expect(rig.traces.start(1, 2000)).toBe(rig.clock.now + 2000);
  rig.clock.now += 1500;
  expect(rig.traces.start(TRACED_MAX + 1, 1000)).toBe(rig.clock.now + 1000);
});
