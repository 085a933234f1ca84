import { describe, expect, test } from "bun:test";
import type { Receipts } from "../../../src/gateway/socket-look.ts";
import type { Endpoint } from "../../../src/protocol/schemas.ts";
import { openGateway } from "../rig.ts";
import type { FakeSocket } from "./fake-socket.ts";

const closedOf = (sockets: FakeSocket[]) => sockets.map(({ closed }) => closed);

/** What has come in on connections, by peer; `stopped` is told of peers of whom nothing more is read. */
function receiptsOf(bytes: ReadonlyMap<string, number>, stopped: string[] = []): Receipts {
  return {
    look(_count, sink) {
      for (const [peer, received] of bytes) sink(peer, received, 0);
      return true;
    },
    sinceSentMs: 0,
    isBusy: false,
    isEnding: true,
    isOnPort: () => false,
    lowestFree: () => 0,
    descriptors: () => new Map([...bytes.keys()].map((peer, n) => [peer, n])),
    stopReading: (_descriptor, peer) => stopped.push(peer) > 0,
  };
}

describe("connections", () => {
  test("are counted by endpoint", async () => {
    await using rig = await openGateway();
    const endpoints: Endpoint[] = ["orders", "user-data", "orders", "market-data"];
    const [first] = endpoints.map((endpoint) => rig.connect(endpoint));
    expect(rig.connections.counts()).toEqual({ orders: 2, "market-data": 1, "user-data": 1 });
    first.close(1000, "");
    expect(rig.connections.counts()).toEqual({ orders: 1, "market-data": 1, "user-data": 1 });
    expect(rig.admission.total).toBe(3);
  });

  for (const anonymousMarketData of [true, false]) {
    test(`without a login in time are closed, unless none is needed (${anonymousMarketData})`, async () => {
      await using rig = await openGateway({ anonymousMarketData });
      const keys = await rig.createUser();
      const sockets = [
        rig.connect("orders"),
        rig.connect("user-data"),
        rig.connect("market-data"),
        rig.connectAs(keys),
      ];
      rig.clock.now += 10_000;
      rig.connections.sweep();
      expect(closedOf(sockets)).toEqual([null, null, null, null]);
      rig.clock.now += 1;
      rig.connections.sweep();
      const late = { code: 4001, reason: "no login in time" };
      expect(closedOf(sockets)).toEqual([late, late, anonymousMarketData ? null : late, null]);
    });
  }

  test("that have not read for a time are closed and counted", async () => {
    await using rig = await openGateway();
    const [full, slow, reading] = [1, 2, 3].map(() => rig.connect("market-data"));
    full.unread = 2 ** 20;
    slow.unread = 2 ** 20 + 1;
    reading.unread = 2 ** 21;
    for (let sweep = 1; sweep < 20; sweep++) {
      rig.connections.sweep();
      rig.connections.onDrain(reading.socket);
    }
    expect(closedOf([full, slow, reading])).toEqual([null, null, null]);
    expect(rig.connections.unreadBytes).toBe(2 ** 20 + 2 ** 20 + 1 + 2 ** 21);
    rig.connections.sweep();
    const closed = { code: 4008, reason: "slow consumer" };
    expect(closedOf([full, slow, reading])).toEqual([null, closed, null]);
    expect(rig.counters.ends.slow_consumer).toBe(1);
  });

  test("with the most unread bytes are closed first if there are too many unread bytes in total", async () => {
    await using rig = await openGateway();
    const sockets = [3, 1, 4, 2].map((mebibytes) => {
      const socket = rig.connect("market-data");
      socket.unread = mebibytes * 2 ** 20;
      return socket;
    });
    rig.connections.sweep();
    const closed = { code: 4008, reason: "slow consumer" };
    expect(closedOf(sockets)).toEqual([null, null, closed, null]);
    expect(rig.connections.unreadBytes).toBe(6 * 2 ** 20);
  });

  test("that hold most memory are closed first, whether it is unread output or an incomplete message", async () => {
    const bytes = new Map<string, number>();
    const receipts = receiptsOf(bytes);
    await using rig = await openGateway({ receipts });
    const open = (peer: string) => rig.connect("market-data", "json", peer);
    const [half, unread, small] = ["half", "unread", "small"].map(open);
    const others = Array.from({ length: 63 }, (_, n) => open(`other ${n}`));
    for (const { session } of [half, ...others]) bytes.set(session.peer as string, 2 ** 20);
    unread.unread = 2 ** 17 - 1;
    rig.send(small, { method: "ping" });
    bytes.set("small", 1000);
    rig.connections.sweep();
    expect(half.session.halfRead).toBe(2 ** 17);
    const closed = closedOf([half, unread, small, ...others]).filter((close) => close !== null);
    expect(closed).toEqual([{ code: 1006, reason: "" }]);
    expect(closedOf([unread, small])).toEqual([null, null]);
    expect(rig.counters.ends.half_read).toBe(1);
    expect(rig.connections.halfReadBytes + rig.connections.unreadBytes).toBeLessThanOrEqual(
      2 ** 23,
    );
  });

  test("that are closed because of what they sent cost their address as much as twenty connection attempts", async () => {
    await using rig = await openGateway();
    const tooLong = () => rig.connect("market-data").close(1006, "Received too big message");
    for (let n = 0; n < 49; n++) tooLong();
    // What a client says of his end costs nothing.
    for (const code of [1000, 1008, 1009, 4008]) rig.connect("market-data").close(code, "");
    expect(rig.attempts.take("address", 0)).toBe(0);
    rig.connect("market-data").session.close(1008, "went on beyond the limit");
    expect(rig.attempts.take("address", 0)).toBe(1);
    expect(rig.counters.ends).toMatchObject({ too_long: 49, client: 4, beyond_limit: 1 });
  });

  test("that are closed in large numbers are no longer read, whoever closed them", async () => {
    const peers = Array.from({ length: 20 }, (_, n) => `peer ${n}`);
    const bytes = new Map(peers.map((peer) => [peer, 0]));
    const ends = [
      [1006, "Received too big message"],
      [1006, "Received invalid UTF-8"],
      [1000, "good-bye"],
      // The connection is gone.
      [1006, ""],
    ] as const;
    for (const [code, reason] of ends) {
      const stopped: string[] = [];
      await using rig = await openGateway({ receipts: receiptsOf(bytes, stopped) });
      const sockets = peers.map((peer) => rig.connect("market-data", "json", peer));
      for (const socket of sockets) socket.close(code, reason);
      expect(stopped).toEqual(reason === "" ? [] : peers.slice(16));
    }
  });

  test("without a login are closed long before an incomplete message reaches the size limit", async () => {
    const bytes = new Map<string, number>();
    await using rig = await openGateway({ receipts: receiptsOf(bytes), messageBytesMax: 2 ** 20 });
    const [stranger, other] = ["a", "b"].map((peer) => rig.connect("orders", "json", peer));
    const user = rig.connect("orders", "json", "c");
    rig.send(user, { method: "auth.login", params: await rig.createUser() });
    for (const [peer, half] of Object.entries({ a: 2 ** 18 + 1, b: 2 ** 18 })) {
      bytes.set(peer, 2 ** 14 + half);
    }
    bytes.set("c", 2 ** 14 + 2 ** 19);
    rig.connections.sweep();
    expect(closedOf([stranger, other, user])).toEqual([{ code: 1006, reason: "" }, null, null]);
    expect(rig.counters.ends.half_read).toBe(1);
  });

  test("that are silent are pinged, and closed if they do not answer", async () => {
    await using rig = await openGateway();
    const keys = await rig.createUser();
    const [gone, here] = [rig.connectAs(keys), rig.connectAs(keys)];
    for (let sweep = 1; sweep < 100; sweep++) {
      rig.connections.sweep();
      if (here.pings > 0) rig.connections.onControl(here.socket, Buffer.alloc(0));
    }
    expect([gone.pings, here.pings]).toEqual([1, 1]);
    expect(closedOf([gone, here])).toEqual([null, null]);
    rig.connections.sweep();
    expect(closedOf([gone, here])).toEqual([{ code: 1006, reason: "" }, null]);
    expect(rig.counters.ends.gone).toBe(1);
  });

  test("end with their key", async () => {
    await using rig = await openGateway();
    await rig.createUser();
    const expiring = await rig.identity.createKey(1, { expiresAt: 5000 });
    const [lasting, revoked] = [await rig.identity.createKey(1), await rig.identity.createKey(1)];
    const sockets = [expiring, lasting, revoked].map((key) => rig.connectAs(key));
    rig.clock.now = 4999;
    rig.connections.sweep();
    expect(closedOf(sockets)).toEqual([null, null, null]);
    rig.clock.now = 5000;
    rig.connections.sweep();
    rig.identity.onKeyChanged((key) => rig.connections.onKeyChanged(key));
    await rig.identity.revokeKey(revoked.api_key);
    expect(closedOf(sockets)).toEqual([
      { code: 4003, reason: "API key expired" },
      null,
      { code: 4003, reason: "API key revoked" },
    ]);
  });

  test("are closed when the exchange is down", async () => {
    await using rig = await openGateway();
    const sockets = [rig.connect("orders"), rig.connect("market-data")];
    rig.connections.close();
    const closed = { code: 1012, reason: "shutting down" };
    expect(closedOf(sockets)).toEqual([closed, closed]);
    expect(rig.connections.counts()).toEqual({ orders: 0, "market-data": 0, "user-data": 0 });
  });
});

test("a tick's answers are sent together for each connection", async () => {
  await using rig = await openGateway();
  const keys = await rig.createUser();
  const sockets = [rig.connectAs(keys), rig.connectAs(keys, "orders", "msgpack")];
  const params = { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", quantity: 1, price: 100 };
  for (let id = 0; id < 6; id++) rig.send(sockets[id % 2], { id, method: "order.place", params });
  await rig.loop.drained();
  expect(sockets.map(({ corks }) => corks)).toEqual([1, 1]);
  const ids = sockets.map((socket) => socket.take().map((answer) => (answer as { id: number }).id));
  expect(ids).toEqual([
    [0, 2, 4],
    [1, 3, 5],
  ]);
});
