import { describe, expect, test } from "bun:test";
import { ENCODINGS, type Encoding } from "../../../src/protocol/encoding.ts";
import { until } from "../../lib/until.ts";
import { type GatewayRig, openGateway } from "../rig.ts";
import type { FakeSocket } from "./fake-socket.ts";

const place = (params: object = {}) => ({
  method: "order.place",
  params: { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", quantity: 1, price: 100, ...params },
});
const resume = (from_seq: number, more: object = {}) => ({
  method: "user_data.resume",
  params: { from_seq, ...more },
});
interface Event {
  data: { event: string; last_fill?: object };
}

/** The events that an account has had when its user has traded nothing. */
const SEQ = 5;

async function open(encoding: Encoding = "json", options = {}) {
  const rig = await openGateway(options);
  const key = await rig.createUser();
  const orders = rig.connectAs(key);
  const stream = rig.connectAs(key, "user-data", encoding);
  return { rig, key, orders, stream };
}

/** Places so many orders, each two events, in one tick. */
async function trade({ send, loop }: GatewayRig, orders: FakeSocket, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    send(orders, place({ side: i % 2 === 0 ? "BUY" : "SELL", price: 100 + (i % 2) * 10 }));
  }
  await loop.drained();
}

const seqsOf = (socket: FakeSocket): number[] =>
  socket.received.flatMap(({ message }) => {
    const { seq } = (message as { data?: { seq: number } }).data ?? {};
    return seq === undefined ? [] : [seq];
  });

describe.each([...ENCODINGS])("events that are told again in %s", (encoding) => {
  test("come after the answer, are what was sent first, and go on live", async () => {
    const { rig, key, orders, stream } = await open(encoding);
    await using _ = rig;
    await trade(rig, orders, 4);
    const taker = { client_order_id: "mine", side: "SELL", self_trade_prevention: "NONE" };
    await rig.ask(orders, place(taker));
    const told = stream.frames.slice();
    const events = stream.received.map(({ message }) => (message as Event).data);
    const kinds = new Set(events.map(({ event }) => event));
    expect(kinds).toEqual(new Set(["order", "balance", "position"]));
    expect(events.filter(({ last_fill }) => last_fill !== undefined)).toHaveLength(2);
    const last = rig.streams.lastSeq(1);

    const late = rig.connectAs(key, "user-data", encoding);
    rig.send(late, { id: 7, ...resume(SEQ + 1) });
    expect(late.frames.slice(1)).toEqual(told);
    expect(late.take()[0]).toEqual({
      id: 7,
      result: { account_id: "acc_1", from_seq: SEQ + 1, last_seq: last },
    });
    stream.take();
    await trade(rig, orders, 2);
    expect(late.frames).toEqual(stream.frames);
    expect(late.frames.length).toBeGreaterThan(3);
  });
});

test("many come in slices, and what happens meanwhile neither between them nor twice", async () => {
  const { rig, orders, stream } = await open();
  await using _ = rig;
  await trade(rig, orders, 300);
  const told = stream.frames.slice();
  stream.take();
  rig.send(stream, resume(SEQ + 1));
  expect(stream.frames.length).toBeLessThan(100);
  await trade(rig, orders, 10);
  const last = rig.streams.lastSeq(1);
  await until(() => seqsOf(stream).at(-1) === last);
  expect(stream.frames.slice(1, told.length + 1)).toEqual(told);
  expect(seqsOf(stream)).toEqual(Array.from({ length: last - SEQ }, (_, i) => SEQ + 1 + i));
  stream.take();
  await trade(rig, orders, 1);
  expect(seqsOf(stream)[0]).toBe(last + 1);
});

test("a client that asks again while it catches up begins anew", async () => {
  const { rig, orders, stream } = await open();
  await using _ = rig;
  await trade(rig, orders, 150);
  const last = rig.streams.lastSeq(1);
  stream.take();
  rig.send(stream, resume(SEQ + 1));
  stream.take();
  rig.send(stream, resume(last - 1));
  await until(() => seqsOf(stream).length > 0);
  expect(seqsOf(stream)).toEqual([last - 1, last]);
  stream.take();
  await trade(rig, orders, 1);
  expect(seqsOf(stream)[0]).toBe(last + 1);
});

test("a client that does not read is waited for, and told on when it has read", async () => {
  const { rig, orders, stream } = await open();
  await using _ = rig;
  await trade(rig, orders, 100);
  const last = rig.streams.lastSeq(1);
  stream.take();
  stream.unread = 2 ** 16;
  rig.send(stream, resume(SEQ + 1));
  const first = seqsOf(stream).length;
  await trade(rig, orders, 1);
  expect(seqsOf(stream)).toHaveLength(first);
  stream.unread = 0;
  rig.connections.onDrain(stream.socket);
  await until(() => seqsOf(stream).at(-1) === rig.streams.lastSeq(1));
  expect(seqsOf(stream)[first]).toBe(SEQ + 1 + first);
  expect(rig.streams.lastSeq(1)).toBeGreaterThan(last);
});

test("a client that reads more slowly than events are kept is closed", async () => {
  const { rig, orders, stream } = await open("json", { eventsPerAccountMax: 150 });
  await using _ = rig;
  await trade(rig, orders, 60);
  stream.unread = 2 ** 16;
  rig.send(stream, resume(rig.streams.oldestSeq(1)));
  await trade(rig, orders, 400);
  stream.unread = 0;
  rig.connections.onDrain(stream.socket);
  expect(stream.closed).toEqual({ code: 4008, reason: "slow consumer" });
});

test("a client that is gone, or somebody else, while it catches up hears no more", async () => {
  const { rig, orders, stream, key } = await open();
  await using _ = rig;
  const other = await rig.createUser();
  const changing = rig.connectAs(key, "user-data");
  await trade(rig, orders, 150);
  for (const socket of [stream, changing]) rig.send(socket, resume(SEQ + 1));
  stream.close(1006, "");
  rig.send(changing, { method: "auth.login", params: other });
  for (const socket of [stream, changing]) socket.take();
  await trade(rig, orders, 10);
  await new Promise((resolve) => setImmediate(resolve));
  expect([stream.take(), changing.take(), rig.bugs]).toEqual([[], [], []]);
  expect(
    rig.sockets.flatMap(({ topics }) => [...topics].filter((t) => t.startsWith("user/"))),
  ).toEqual(["user/2/2/json"]);
});

test("what cannot be told again is refused, and what is to come is not", async () => {
  const { rig, orders, stream } = await open("json", { eventsPerAccountMax: 100 });
  await using _ = rig;
  await trade(rig, orders, 300);
  const last = rig.streams.lastSeq(1);
  const oldest = rig.streams.oldestSeq(1);
  stream.take();
  for (const from of [oldest - 1, last + 2, last + 1]) rig.send(stream, resume(from));
  expect(oldest).toBeGreaterThan(SEQ);
  expect(stream.take()).toEqual([
    {
      error: {
        code: 41001,
        message: "Replay no longer available",
        details: { oldest_seq: oldest },
      },
    },
    {
      error: {
        code: 40001,
        message: "Invalid parameters",
        details: {
          field: "from_seq",
          issue: `Must be at most ${last + 1}, the number of the next event`,
        },
      },
    },
    { result: { account_id: "acc_1", from_seq: last + 1, last_seq: last } },
  ]);
  await trade(rig, orders, 1);
  expect(seqsOf(stream)[0]).toBe(last + 1);
});

test("only the events of the login's account are told, whatever other account is named", async () => {
  const { rig, orders } = await open();
  await using _ = rig;
  await rig.addAccount(1);
  await rig.createUser();
  const stream = rig.connect("user-data");
  expect(await rig.ask(stream, resume(1))).toMatchObject({ error: { code: 40100 } });
  const login = await rig.identity.createKey(1);
  const mine = rig.connectAs({ ...login, account_id: "acc_2" }, "user-data");
  for (const account_id of ["acc_1", "acc_2"]) await rig.ask(orders, place({ account_id }));
  mine.take();
  rig.send(mine, resume(SEQ + 1, { account_id: "acc_2" }));
  expect(mine.take()).toMatchObject([
    { result: { account_id: "acc_2", from_seq: SEQ + 1, last_seq: SEQ + 2 } },
    { data: { seq: SEQ + 1, event: "order" } },
    { data: { seq: SEQ + 2, event: "balance", account_id: "acc_2" } },
  ]);
  const issue = "This connection tells acc_2: log in for the other account";
  expect(await rig.ask(mine, resume(1, { account_id: "acc_1" }))).toMatchObject({
    error: { code: 40001, details: { field: "account_id", issue } },
  });
  // Nothing of the other account comes later either.
  for (const account_id of ["acc_1", "acc_2"]) await rig.ask(orders, place({ account_id }));
  expect(mine.take()).toMatchObject([
    { data: { seq: SEQ + 3, event: "order" } },
    { data: { seq: SEQ + 4, event: "balance", account_id: "acc_2" } },
  ]);
  for (const account_id of ["acc_3", "x"]) {
    expect(await rig.ask(mine, resume(1, { account_id }))).toEqual({
      error: { code: 40301, message: "Not your account" },
    });
  }
});
