import { expect, test } from "bun:test";
import { openGateway } from "../rig.ts";
import type { FakeSocket } from "./fake-socket.ts";

const login = (params: object) => ({ id: 1, method: "auth.login", params });
const WRONG = { id: 1, error: { code: 40101, message: "Wrong API key or secret" } };

test("says who one is, what one may and how often", async () => {
  await using rig = await openGateway();
  const key = await rig.createUser(["trade"]);
  for (const endpoint of ["orders", "market-data", "user-data"] as const) {
    expect(await rig.ask(rig.connect(endpoint), login(key))).toEqual({
      id: 1,
      result: {
        authenticated: true,
        user_id: "usr_1",
        account_id: "acc_1",
        permissions: ["trade"],
        rate_limits: rig.rateLimits,
      },
    });
  }
});

test("one answer for a wrong key and a wrong secret, and what was there stays", async () => {
  await using rig = await openGateway();
  const key = await rig.createUser();
  const socket = rig.connectAs(key);
  const before = socket.session.login;
  expect(await rig.ask(socket, login({ ...key, api_secret: "x" }))).toEqual(WRONG);
  expect(await rig.ask(socket, login({ ...key, api_key: "x" }))).toEqual(WRONG);
  expect(socket.session.login).toBe(before);
});

test("a revoked key does not log in", async () => {
  await using rig = await openGateway();
  const key = await rig.createUser();
  await rig.identity.revokeKey(key.api_key);
  expect(await rig.ask(rig.connect("orders"), login(key))).toEqual({
    id: 1,
    error: { code: 40102, message: "API key expired or revoked" },
  });
});

test("too many wrong ones on a connection: it waits, also with the right one; others do not", async () => {
  await using rig = await openGateway();
  const key = await rig.createUser();
  const socket = rig.connect("orders");
  const wrong = [login({ ...key, api_secret: "x" }), login({ ...key, api_key: "x" })];
  const answers: unknown[] = [];
  for (let i = 0; i < 12; i++) answers.push(await rig.ask(socket, wrong[i % 2]));
  const slow = {
    id: 1,
    error: {
      code: 42904,
      message: "Too many login attempts",
      details: { retry_after_ms: 5000 },
    },
  };
  expect(answers).toEqual([...new Array<object>(10).fill(WRONG), slow, slow]);
  expect(await rig.ask(rig.connect("orders"), wrong[0])).toEqual(WRONG);
  rig.clock.now += 5000;
  expect(await rig.ask(socket, wrong[0])).toEqual(WRONG);
  expect(await rig.ask(socket, login(key))).toEqual(slow);
  expect(await rig.ask(rig.connect("orders"), login(key))).toMatchObject({
    result: { authenticated: true },
  });
  rig.clock.now += 5000;
  expect(await rig.ask(socket, login(key))).toMatchObject({ result: { authenticated: true } });
});

test("cancel_on_disconnect is for those who may trade", async () => {
  await using rig = await openGateway();
  const asked = { cancel_on_disconnect: true };
  const reader = rig.connect("orders");
  const key = await rig.createUser(["market_data"]);
  expect(await rig.ask(reader, login({ ...key, ...asked }))).toEqual({
    id: 1,
    error: { code: 40300, message: "Permission missing", details: { permission: "trade" } },
  });
  expect(reader.session.login).toBeNull();

  const trader = rig.connect("orders");
  const trading = await rig.createUser();
  const accounts = () => [...(trader.session.cancelsOnDisconnect?.keys() ?? [])];
  await rig.ask(trader, login({ ...trading, ...asked }));
  const { account = 0 } = trader.session.login?.caller ?? {};
  expect(accounts()).toEqual([account]);
  // Whoever comes after him has no say in what he was promised.
  await rig.ask(trader, login(await rig.createUser()));
  expect(accounts()).toEqual([account]);
  await rig.ask(trader, login(trading));
  expect(accounts()).toEqual([]);
});

test("who is logged in pays to log in again, over all of his connections; a new connection lets him in", async () => {
  const limits = { orders_per_second: 10, burst_limit: 10, market_data_per_second: 100 };
  await using rig = await openGateway({ limits });
  const key = await rig.createUser();
  const [one, other] = [rig.connect("user-data"), rig.connect("orders")];
  const isIn = async (socket: FakeSocket) =>
    "result" in ((await rig.ask(socket, login(key))) as object);
  expect([await isIn(one), await isIn(other)]).toEqual([true, true]);
  expect([await isIn(one), await isIn(other)]).toEqual([true, true]);
  expect(await rig.ask(one, login(key))).toEqual({
    id: 1,
    // Each snapshot on `/user-data` has weighed two, beside the 50 of each.
    error: { code: 42904, message: "Too many login attempts", details: { retry_after_ms: 50 } },
  });
  expect(await isIn(rig.connect("orders"))).toBe(true);
  rig.clock.now += 1000;
  expect(await isIn(other)).toBe(true);
});
