import { expect, test } from "bun:test";
import { openGateway } from "../rig.ts";

/** So low that everybody has what everybody has at least: 2,000 frames a second, and a user 5,000 at once. */
const LIMITS = { orders_per_second: 1, market_data_per_second: 1, burst_limit: 1 };
const BURST = 2000;
const USER_BURST = 5000;
const PING = '{"id":1,"method":"ping"}';
const PONG = Buffer.alloc(0);

test("frames beyond the limit of an address are dropped, told sparingly, and then the end", async () => {
  await using rig = await openGateway({ limits: LIMITS });
  const [socket, other] = [rig.connect("orders"), rig.connect("orders")];
  for (let frame = 0; frame < BURST; frame++) rig.connections.onMessage(socket.socket, "");
  // The address has nothing left; a connection has a few of its own, to log in with.
  for (let frame = 0; frame < 8; frame++) rig.connections.onMessage(other.socket, PING);
  expect(other.take()).toEqual(Array(8).fill({ id: 1, result: { timestamp: 1000 } }));
  for (let frame = 0; frame < 8; frame++) rig.connections.onMessage(socket.socket, PING);
  socket.take();
  for (let frame = 0; frame < 1000; frame++) rig.connections.onMessage(socket.socket, PING);
  const details = { retry_after_ms: 1 };
  const refused = { id: 1, error: { code: 42902, message: "Too many frames", details } };
  expect(socket.take()).toEqual([]);
  while (socket.received.length < 10) await new Promise(setImmediate);
  expect(socket.take()).toEqual(Array(10).fill(refused));
  expect(socket.closed).toBeNull();
  rig.connections.onControl(socket.socket, PONG);
  expect(socket.closed).toEqual({ code: 1008, reason: "went on beyond the limit" });
  expect(other.closed).toBeNull();
  expect([rig.counters.framesRefused, rig.counters.ends.beyond_limit]).toEqual([1001, 1]);
});

test("who waits is let in again, and refused frames are forgotten", async () => {
  await using rig = await openGateway({ limits: LIMITS });
  const socket = rig.connect("orders");
  for (let frame = 0; frame < BURST + 8 + 900; frame++)
    rig.connections.onControl(socket.socket, PONG);
  rig.clock.now += 1000;
  for (let frame = 0; frame < 2000 + 900; frame++) rig.connections.onControl(socket.socket, PONG);
  expect(socket.closed).toBeNull();
  rig.clock.now += 1000;
  rig.connections.onMessage(socket.socket, PING);
  expect(socket.take()).toEqual([{ id: 1, result: { timestamp: 3000 } }]);
});

test("a user's frames are his own, over all of his connections", async () => {
  await using rig = await openGateway({ limits: LIMITS });
  const keys = await rig.createUser();
  const [first, second] = [rig.connectAs(keys), rig.connectAs(keys)];
  const stranger = rig.connect("orders");
  for (let frame = 0; frame < USER_BURST; frame++) rig.connections.onControl(first.socket, PONG);
  rig.connections.onMessage(second.socket, PING);
  rig.connections.onMessage(stranger.socket, PING);
  rig.send(second, { id: "x", method: "order.cancel", params: { order_id: "ord_1" } });
  rig.connections.onMessage(second.socket, "{");
  const refused = { message: "Too many frames", details: { retry_after_ms: 1 } };
  while (second.received.length < 3) await new Promise(setImmediate);
  expect(second.take()).toEqual([
    { id: 1, error: { code: 42902, ...refused } },
    { id: "x", error: { code: 42901, ...refused } },
    { error: { code: 42902, ...refused } },
  ]);
  expect(stranger.take()).toEqual([{ id: 1, result: { timestamp: 1000 } }]);
});

test("long frames cost more; those of strangers are not looked into at all", async () => {
  await using rig = await openGateway({ limits: LIMITS });
  const user = rig.connectAs(await rig.createUser());
  rig.connections.onMessage(user.socket, " ".repeat(4096 + USER_BURST * 64));
  rig.connections.onMessage(user.socket, PING);
  while (user.received.length < 2) await new Promise(setImmediate);
  expect(user.take().map((answer) => (answer as { error: { code: number } }).error.code)).toEqual([
    40000, 42902,
  ]);
  const stranger = rig.connect("market-data");
  rig.connections.onMessage(stranger.socket, " ".repeat(65_537));
  const details = {
    field: "message",
    issue: "Without a login a frame may have 65536 bytes at most",
  };
  expect(stranger.take()).toEqual([
    { error: { code: 40000, message: "Malformed message", details } },
  ]);
  rig.connections.onMessage(stranger.socket, " ".repeat(500_000));
  expect(stranger.closed).toEqual({ code: 1008, reason: "went on beyond the limit" });
});

test("who asks on beyond his weight is closed, orders that are refused are not counted", async () => {
  await using rig = await openGateway({ limits: LIMITS });
  const user = rig.connectAs(await rig.createUser());
  const order = { symbol: "AALPHA", side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  const codes = (): unknown[] =>
    user.take().map((answer) => (answer as { error?: { code: number } }).error?.code);
  for (let n = 0; n < 1500; n++) rig.send(user, { id: n, method: "order.cancel_all" });
  for (let n = 0; n < 1500; n++) rig.send(user, { id: n, method: "order.place", params: order });
  expect(new Set(codes())).toEqual(new Set([42901]));
  for (let n = 0; n < 500; n++) rig.send(user, { id: n, method: "orders.open" });
  expect(user.closed).toBeNull();
  rig.send(user, { id: 1, method: "orders.open" });
  rig.send(user, { id: 1, method: "orders.open" });
  expect(user.closed).toEqual({ code: 1008, reason: "went on beyond the limit" });
});

test("refusals count over all connections of a user, and one that had few stays", async () => {
  await using rig = await openGateway({ limits: LIMITS });
  const keys = await rig.createUser();
  const [first, second, third] = [rig.connectAs(keys), rig.connectAs(keys), rig.connectAs(keys)];
  for (let frame = 0; frame < USER_BURST; frame++) rig.connections.onControl(first.socket, PONG);
  for (let frame = 0; frame < 1000; frame++) rig.connections.onControl(first.socket, PONG);
  for (let frame = 0; frame < 32; frame++) rig.connections.onControl(second.socket, PONG);
  expect([first.closed, second.closed]).toEqual([null, null]);
  rig.connections.onControl(second.socket, PONG);
  expect(second.closed).toEqual({ code: 1008, reason: "went on beyond the limit" });
  rig.connections.onControl(third.socket, PONG);
  expect([first.closed, third.closed]).toEqual([null, null]);
  rig.clock.now += 1000;
  for (let frame = 0; frame < 2000 + 33; frame++) rig.connections.onControl(third.socket, PONG);
  expect(third.closed).toBeNull();
});

test("bytes that were unpacked to nothing are paid for as a frame is, and then the end", async () => {
  await using rig = await openGateway({ limits: LIMITS });
  const user = rig.connectAs(await rig.createUser());
  rig.gate.payWaste(user.session, 4096 + USER_BURST * 64);
  rig.connections.onMessage(user.socket, PING);
  while (user.received.length === 0) await new Promise(setImmediate);
  expect(user.take()).toMatchObject([{ id: 1, error: { code: 42902 } }]);
  expect(user.closed).toBeNull();
  rig.gate.payWaste(user.session, 1000 * 256);
  expect(user.closed).toEqual({ code: 1008, reason: "went on beyond the limit" });
});
