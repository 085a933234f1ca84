import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventsOf, resume, seqOf } from "./account-events.ts";
import { bare, detailed, expectConsecutive, invalid } from "./expectations.ts";
import { SeededRandom } from "./load-generator.ts";
import { RandomOrders } from "./random-orders.ts";
import { CASH, SHARES, TwoTraders } from "./two-traders.ts";
import { type Key, Venue } from "./venue.ts";
import { ENCODINGS, type Encoding, type Members } from "./wire-client.ts";

const SEED = Number(Bun.env.WAIVER_RESUME_SEED ?? Date.now() & 0x7fff_ffff);
const REQUESTS = 1_000;
const IN_FLIGHT = 16;
/** Recent events of an account that can be told again at least. */
const KEPT_MIN = 100_000;
const BATCH_ORDERS = 100;

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

/** The event of the account's stream by its number, as it came on any of the connections. */
function bySeq(lists: readonly (readonly Members[])[]): Map<number, Members> {
  const all = new Map<number, Members>();
  for (const event of lists.flat()) {
    const first = all.get(seqOf(event));
    if (first === undefined) all.set(seqOf(event), event);
    else expect(event).toEqual(first);
  }
  return all;
}

const connect = (encoding: Encoding, key: Key) => venue.connect("/user-data", encoding, key);

describe.each(ENCODINGS)("user_data.resume in %s", (encoding) => {
  test("begins after a snapshot, which agrees with the queries", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await ann.place("BUY", 100, 5);
    await bob.place("SELL", 100, 2);
    await ann.orders.result("order.place", {
      ...{ symbol, side: "SELL", type: "STOP", stop_price: 50, quantity: 3 },
    });
    using events = await connect(encoding, ann.user);
    await events.until(() => events.pushes.length === 1, "the snapshot");
    const { account_id } = ann.user;
    const ask = (method: string) => events.result(method);
    const [balances, positions, open] = [
      await ask("account.balances"),
      await ask("account.positions"),
      await ask("orders.open"),
    ];
    const snapshot = events.of("user_data")[0] ?? {};
    const { seq, timestamp, tick } = snapshot;
    expect(snapshot).toEqual({
      event: "snapshot",
      ...{ account_id, seq, timestamp, tick },
      cash: { available: CASH - 500, reserved: 300, total: CASH - 200 },
      positions: [{ symbol, available: SHARES - 1, reserved: 3, total: SHARES + 2 }],
      orders: open.orders,
    });
    expect(balances).toEqual({ account_id, cash: snapshot.cash, seq });
    expect(positions).toEqual({ account_id, positions: snapshot.positions, seq });
    expect(open).toEqual({ orders: snapshot.orders, seq });
    expect(open.orders).toMatchObject([{ type: "STOP" }, { type: "LIMIT", filled_quantity: 2 }]);
    const next = await ann.place("BUY", 10, 1);
    await events.until(() => events.pushes.length === 3, "the next order and balance");
    expect(eventsOf(events)).toMatchObject([
      { event: "order", seq: Number(seq) + 1, order_id: next.order_id },
      { event: "balance", seq: Number(seq) + 2, available: CASH - 510 },
    ]);
  });

  test(`tells all again as it was told, across disconnects (WAIVER_RESUME_SEED=${SEED})`, async () => {
    const symbols = [venue.symbol(), venue.symbol()];
    const random = new SeededRandom(SEED);
    using ann = await RandomOrders.open(venue, symbols, encoding, random);
    using bob = await RandomOrders.open(venue, symbols, encoding, random);
    const told: Members[][] = [];
    using witness = await connect(encoding, ann.user);
    await witness.until(() => witness.pushes.length > 0, "the snapshot");
    const load = Promise.all([ann, bob].map((user) => user.run(REQUESTS, IN_FLIGHT)));
    let from = seqOf(witness.of("user_data")[0]) + 1;
    for (let round = 0; round < 4; round++) {
      using client = await connect(encoding, ann.user);
      const events = await resume(client, from, from + 50);
      told.push(events);
      from = seqOf(events.at(-1)) + 1;
    }
    await load;
    const { seq } = await ann.client.result("account.balances");
    await witness.until(() => seqOf(witness.pushes.at(-1)?.data) >= Number(seq), "the last event");
    using client = await connect(encoding, ann.user);
    const all = await resume(client, 1, Number(seq));
    expectConsecutive([0, ...all.map((event) => event.seq)]);
    expect(all.length).toBe(Number(seq));
    // What was live, what was caught up, and what came before any connection: one stream.
    expect(bySeq([all, eventsOf(witness), ...told]).size).toBe(Number(seq));
  });

  test(`tells the same again after kill -9 under load (WAIVER_RESUME_SEED=${SEED})`, async () => {
    const symbols = [venue.symbol(), venue.symbol()];
    const random = new SeededRandom(SEED);
    let told = new Map<number, Members>();
    const users = [
      await RandomOrders.open(venue, symbols, encoding, random),
      await RandomOrders.open(venue, symbols, encoding, random),
    ];
    const [ann] = users;
    if (ann === undefined) throw new Error("nobody");
    using live = await connect(encoding, ann.user);
    for (const user of users) user.runUntilClosed(IN_FLIGHT);
    await live.until(() => live.pushes.length > 500, "events");
    await venue.server.kill();
    for (const user of users) user[Symbol.dispose]();
    await live.closed;
    told = bySeq([eventsOf(live)]);
    for (const end of ["stop", "kill"] as const) {
      await venue.restart();
      using client = await connect(encoding, ann.user);
      await client.until(() => client.pushes.length > 0, "the snapshot");
      const last = seqOf(client.of("user_data")[0]);
      // What was told was durable.
      expect(last).toBeGreaterThanOrEqual(Math.max(...told.keys()));
      const all = await resume(client, 1, last);
      expect(all.length).toBe(last);
      told = bySeq([[...told.values()], all]);
      expect(told.size).toBe(last);
      if (end === "stop") await venue.server.stop();
      else await venue.server.kill();
    }
    await venue.restart();
  });

  test("from the next event on replays nothing and goes on live; from a later one it is refused", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann } = pair;
    const { account_id } = ann.user;
    await ann.place("BUY", 10, 1);
    const last = Number((await ann.orders.result("orders.open")).seq);
    using client = await connect(encoding, ann.user);
    await client.until(() => client.pushes.length === 1, "the snapshot");
    const refused = (from_seq: unknown) => client.refusal("user_data.resume", { from_seq });
    for (const from_seq of [last + 2, -1, 1.5, "1", null]) {
      expect([from_seq, await refused(from_seq)]).toEqual([from_seq, invalid("from_seq")]);
    }
    // From 0 on are all of them.
    const all = await resume(client, 1, last);
    const seen = eventsOf(client).length;
    expect(await client.result("user_data.resume", { from_seq: 0 })).toEqual({
      ...{ account_id, from_seq: 1, last_seq: last },
    });
    await client.until(() => eventsOf(client).length === seen + last, "all again");
    expect(eventsOf(client).slice(seen)).toEqual(all);
    client.pushes.splice(1);
    const from_seq = last + 1;
    expect(await client.result("user_data.resume", { from_seq })).toEqual({
      ...{ account_id, from_seq, last_seq: last },
    });
    await ann.place("BUY", 11, 1);
    await client.until(() => client.pushes.length === 3, "order and balance");
    expect(eventsOf(client).map(({ seq }) => seq)).toEqual([last + 1, last + 2]);
    const own = { from_seq: last, account_id };
    expect(await client.result("user_data.resume", own)).toMatchObject({ last_seq: last + 2 });
    const foreign = { from_seq: 1, account_id: pair.bob.user.account_id };
    expect(await client.refusal("user_data.resume", foreign)).toEqual(bare(40301));
    using stranger = await venue.open("/user-data", encoding);
    expect(await stranger.refusal("user_data.resume", { from_seq: 1 })).toEqual(bare(40100));
    expect((await ann.orders.refusal("user_data.resume", { from_seq: 1 })).code).toBe(40002);
  });
});

test("a hundred thousand events can be replayed, also after kill -9; older ones are 41001", async () => {
  const symbol = venue.symbol();
  const user = await venue.user({ cash: CASH });
  const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1, time_in_force: "IOC" };
  const orders = Array(BATCH_ORDERS).fill(order);
  {
    using client = await venue.connect("/orders", "msgpack", user);
    // Each expires, which is one event.
    for (let sent = 0; sent < 1.5 * KEPT_MIN; sent += 10 * BATCH_ORDERS) {
      await Promise.all(Array.from({ length: 10 }, () => client.result("order.batch", { orders })));
    }
  }
  let before: Members[] | undefined;
  for (const end of ["kill", undefined] as const) {
    using client = await connect("msgpack", user);
    await client.until(() => client.pushes.length === 1, "the snapshot");
    const last = seqOf(client.of("user_data")[0]);
    expect(last).toBe(1 + 1.5 * KEPT_MIN);
    const { code, details } = await client.refusal("user_data.resume", { from_seq: 1 });
    expect({ code, details }).toEqual({ code: 41001, details: { oldest_seq: expect.any(Number) } });
    const oldest = Number(details?.oldest_seq);
    expect(oldest).toBeLessThanOrEqual(last - KEPT_MIN + 1);
    expect(await client.refusal("user_data.resume", { from_seq: oldest - 1 })).toEqual(
      detailed(41001, { oldest_seq: oldest }),
    );
    const events = await resume(client, oldest, last);
    before ??= events;
    // Which of them are kept depends on where the blocks began; what both have is the same.
    const from = Math.max(seqOf(before[0]), oldest);
    const since = (list: Members[]) => list.filter((event) => seqOf(event) >= from);
    expect(Bun.deepEquals(since(events), since(before))).toBe(true);
    expect(since(events).length).toBeGreaterThanOrEqual(KEPT_MIN);
    if (end === undefined) break;
    await venue.crash();
  }
});
