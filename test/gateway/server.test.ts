import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  clientFrame,
  frameHead,
  joined,
  Opcode,
  openFrame,
} from "../../bench/load/client-frames.ts";
import { Peer } from "../../bench/siege/peer.ts";
import { Tally } from "../../bench/siege/tally.ts";
import { idleTimeoutS } from "../../src/gateway/server.ts";
import { DirectoryLocks, JournalLockedError } from "../../src/persistence/wal/lock.ts";
import { beforeEnd } from "../integration/in-time.ts";
import { openRealExchange } from "./real-exchange.ts";

const place = (symbol: string) => ({ symbol, side: "BUY", type: "LIMIT", quantity: 1, price: 10 });

/** The connection's open orders. */
async function openOrders(connection: { ask(method: string): Promise<Record<string, unknown>> }) {
  const { result } = await connection.ask("orders.open");
  return (result as { orders: { order_id: string }[] }).orders.map(({ order_id }) => order_id);
}

function isInUse(dataDir: string): boolean {
  try {
    new DirectoryLocks([dataDir]).release();
    return false;
  } catch (error) {
    if (error instanceof JournalLockedError) return true;
    throw error;
  }
}

test("Bun's idle timeout does not end a connection before the gateway's sweep, though it may be four seconds early", () => {
  for (const heartbeatS of [1, 2, 4, 30, 400]) {
    expect(idleTimeoutS(heartbeatS * 1000) - 4).toBeGreaterThan(heartbeatS * 2);
  }
  expect(idleTimeoutS(900_000)).toBe(960);
});

test("an HTTP answer says how long its connection is kept, unless the answer closes it", async () => {
  await using real = await openRealExchange();
  const kept = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://${real.url}${path}`, { headers });
    return [answer.status, answer.headers.get("Connection"), answer.headers.get("Keep-Alive")];
  };
  for (const [path, status] of [
    ["/api/v1/time", 200],
    ["/api/v1/symbols", 200],
    ["/api/v1/orders", 401],
    ["/healthz", 200],
    ["/nothing", 404],
  ] as const) {
    expect([path, ...(await kept(path))]).toEqual([path, status, null, "timeout=8"]);
  }
  expect(await kept("/api/v1/time", { Host: "x, y" })).toEqual([400, "close", null]);
});

describe("closing the exchange", () => {
  test("informs every client, closes with 1012, releases the data directory last, and starts again with the same state", async () => {
    const inUse: boolean[] = [];
    await using real = await openRealExchange({}, (message) => {
      if (message === "snapshot taken") inUse.push(isInUse(real.dataDir));
    });
    const [symbol] = real.exchange.symbols();
    const keys = await real.createUser();
    const connections = [
      await real.connectAs(keys),
      await real.connectAs(keys, {}, "user-data"),
      await real.connectAs(keys, {}, "market-data"),
    ];
    await connections[0].ask("order.place", place(symbol));
    const before = await real.exchange.operations.state();
    await real.restart();
    for (const { closed, received } of connections) {
      expect(await closed).toEqual({ code: 1012, reason: "shutting down" });
      expect(received.at(-1)).toEqual({
        stream: "status",
        data: {
          event: "shutdown",
          message: "The exchange is shutting down",
          timestamp: expect.any(Number),
          tick: (before as { tick: number }).tick,
        },
      });
    }
    const after = await real.exchange.operations.state();
    const { components: _then, connections: _open, ...known } = before as Record<string, unknown>;
    expect(after).toMatchObject(known);
    expect(await openOrders(await real.connectAs(keys))).toEqual(["ord_1"]);
    expect(inUse).toEqual([true]);
    expect(real.warnings).toEqual([]);
  });

  test("cancels the orders of connections that asked for it, and no others, and logs no warning", async () => {
    await using real = await openRealExchange();
    const [symbol] = real.exchange.symbols();
    const [leaving, staying] = [await real.createUser(), await real.createUser()];
    const connections = [
      await real.connectAs(leaving, { cancel_on_disconnect: true }),
      await real.connectAs(staying),
    ];
    for (const connection of connections) await connection.ask("order.place", place(symbol));
    await real.restart();
    expect(await openOrders(await real.connectAs(leaving))).toEqual([]);
    expect(await openOrders(await real.connectAs(staying))).toEqual(["ord_2"]);
    expect(real.warnings).toEqual([]);
  });
});

test("after a storage failure orders are refused, and everything else continues", async () => {
  const real = await openRealExchange({
    WAIVER_PERSISTENCE__LOCAL__DURABILITY: "none",
    WAIVER_PERSISTENCE__LOCAL__SEGMENT_BYTES: String(2 ** 20),
    WAIVER_MARKET__RING_COMMANDS: "1024",
    // None is due: one that is under way when the directory goes is lost, and health says so.
    WAIVER_PERSISTENCE__LOCAL__SNAPSHOT_INTERVAL: "1000000000",
  });
  const [symbol] = real.exchange.symbols();
  const rate_limits = { orders_per_second: 1e9, burst_limit: 1e9 };
  const trader = await real.connectAs(await real.createUser({ rate_limits }));
  const watcher = real.connect("market-data");
  // The journal loses the directory that its next segment should be in.
  rmSync(join(real.dataDir, "wal"), { recursive: true });
  const refused = { code: 50700, message: "Storage failed; the order was not accepted" };
  let error: unknown;
  while (error === undefined) ({ error } = await trader.ask("order.cancel_all", {}, 400));
  expect(error).toEqual(refused);
  expect(await trader.ask("order.place", place(symbol))).toEqual({ error: refused });

  const cash = { available: 1_000_000, reserved: 0, total: 1_000_000 };
  expect(await trader.ask("account.balances")).toMatchObject({ result: { cash } });
  expect(await watcher.ask("book.snapshot", { symbol })).toMatchObject({ result: { symbol } });
  const ready = await fetch(`http://${real.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    {
      status: "failed",
      components: {
        gateway: { status: "ok", since: expect.any(Number) },
        persistence: {
          status: "failed",
          reason: expect.stringContaining("ENOENT"),
          since: expect.any(Number),
        },
        snapshots: { status: "ok", since: expect.any(Number) },
        players: { status: "ok", since: expect.any(Number) },
        clock: { status: "ok", since: expect.any(Number) },
        journal: { status: "ok", since: expect.any(Number) },
        core: { status: "ok", since: expect.any(Number) },
        logs: { status: "ok", since: expect.any(Number) },
        maintenance: { status: "ok", since: expect.any(Number) },
        tables: { status: "ok", since: expect.any(Number) },
        identity: { status: "ok", since: expect.any(Number) },
        webhooks: { status: "ok", since: expect.any(Number) },
      },
    },
  ]);
  expect((await fetch(`http://${real.url}/healthz`)).status).toBe(200);
  expect(real.warnings).toContain("storage failed; restart to recover from disk");

  await expect(real[Symbol.asyncDispose]()).rejects.toThrow("ENOENT");
  for (const { closed } of [trader, watcher]) expect((await closed).code).toBe(1012);
});

test("cancel-on-disconnect covers the orders of a connection after it logs in as another user", async () => {
  await using real = await openRealExchange();
  const [symbol] = real.exchange.symbols();
  const keys = await real.createUser();
  const leaving = await real.connectAs(keys, { cancel_on_disconnect: true });
  await leaving.ask("order.place", place(symbol));
  await leaving.ask("auth.login", await real.createUser());
  const staying = await real.connectAs(keys);
  expect(await openOrders(staying)).toEqual(["ord_1"]);
  leaving.close();
  while ((await openOrders(staying)).length > 0);
  expect(real.warnings).toEqual([]);
});

test("an address may have a limited number of connections at once", async () => {
  await using real = await openRealExchange({ WAIVER_GATEWAY__CONNECTIONS_PER_ADDRESS_MAX: "2" });
  const upgrade = () =>
    fetch(`http://${real.url}/orders`, {
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
      },
    });
  const first = real.connect("market-data");
  const second = real.connect("market-data");
  await Promise.all([first.ask("ping"), second.ask("ping")]);
  const refused = await upgrade();
  expect([refused.status, refused.headers.get("Retry-After"), await refused.json()]).toEqual([
    429,
    "1",
    { code: 42903, message: "Too many connections", details: { retry_after_ms: 1000 } },
  ]);
  first.close();
  await first.closed;
  let third = real.connect("market-data");
  // The server may hear of the end later than the client.
  while ((await Promise.race([third.ask("ping"), third.closed])).code === 1002) {
    third = real.connect("market-data");
  }
  expect(third.received).toHaveLength(1);
});

test("an address may open a limited number of connections, whatever its upgrade requests look like", async () => {
  await using real = await openRealExchange({
    WAIVER_GATEWAY__CONNECTIONS_PER_ADDRESS_MAX: "3",
    WAIVER_GATEWAY__RATE_LIMITS__CONNECTIONS_PER_SECOND: "1",
  });
  const ask = () => fetch(`http://${real.url}/orders`);
  const statuses: number[] = [];
  let refused = await ask();
  for (; refused.status !== 429; refused = await ask()) statuses.push(refused.status);
  expect(statuses.slice(0, 3)).toEqual([426, 426, 426]);
  expect(refused.headers.get("Connection")).toBe("close");
  const { code, details } = (await refused.json()) as { code: number; details: object };
  expect(code).toBe(42903);
  expect(Object.keys(details)).toEqual(["retry_after_ms"]);
  expect((await fetch(`http://${real.url}/readyz`)).status).toBe(200);
});

test("behind a trusted proxy, the limits apply to the client's address", async () => {
  await using real = await openRealExchange({
    WAIVER_GATEWAY__CONNECTIONS_PER_ADDRESS_MAX: "1",
    WAIVER_GATEWAY__TRUSTED_PROXIES: "127.0.0.1",
  });
  const open: WebSocket[] = [];
  const isLetIn = async (forwarded: string): Promise<boolean> => {
    const headers = { "X-Forwarded-For": forwarded };
    const socket = new WebSocket(`ws://${real.url}/market-data`, { headers });
    open.push(socket);
    return new Promise((resolve) => {
      socket.onopen = () => resolve(true);
      socket.onclose = () => resolve(false);
    });
  };
  const clients = ["1.2.3.4", "1.2.3.4", "1.2.3.5", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::"];
  const letIn: boolean[] = [];
  for (const client of clients) letIn.push(await isLetIn(client));
  expect(letIn).toEqual([true, false, true, true, false, true]);
  for (const socket of open) socket.close();
});

test("a connection ends when its key expires", async () => {
  await using real = await openRealExchange();
  const { user_id, ...keys } = await real.createUser();
  const short = await beforeEnd(300, async (expires_at) =>
    real.connectAs(await real.exchange.operations.createKey(user_id, { expires_at })),
  );
  const long = await real.connectAs(keys);
  expect(await short.closed).toEqual({ code: 4003, reason: "API key expired" });
  expect(await long.ask("ping")).toEqual({ result: { timestamp: expect.any(Number) } });
});

test.skipIf(process.platform !== "linux")(
  "who sends half of a message pays for the memory, fragments and pings or not",
  async () => {
    await using real = await openRealExchange({ WAIVER_GATEWAY__BUFFER_BYTES_TOTAL: "1048576" });
    const reader = real.connect("market-data");
    const { port } = new URL(`http://${real.url}`);
    const open = () => Peer.open({ port: Number(port), path: "/market-data", tally: new Tally() });
    const peers: Peer[] = [];
    for (let n = 0; n < 20; n++) {
      const peer = await open();
      peers.push(peer);
      if (n % 2 === 0)
        peer.write(joined([frameHead(Opcode.TEXT, 120_001), new Uint8Array(120_000)]));
      for (let part = 0; n % 2 === 1 && part < 4; part++) {
        const fragment = openFrame(part === 0 ? Opcode.TEXT : 0, new Uint8Array(30_000));
        peer.write(joined([fragment, clientFrame(Opcode.PING)]));
      }
    }
    // 20 times 100,000 bytes and more have come, of which a mebibyte may stay.
    const left = () => peers.filter(({ isOpen }) => isOpen).length;
    while (left() > 10)
      await Promise.race(peers.filter(({ isOpen }) => isOpen).map((p) => p.closed));
    expect((await reader.ask("ping")).result).toBeDefined();
    const metrics = async () => (await fetch(`http://${real.url}/metrics`)).text();
    const held = async () => Number(/^waiver_half_read_bytes (\d+)/m.exec(await metrics())?.[1]);
    while ((await held()) > 1048576);
    expect(left()).toBeGreaterThanOrEqual(8);
    for (const peer of peers) peer.leave();
  },
);
