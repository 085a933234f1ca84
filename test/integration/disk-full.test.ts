/** The journal on a disk that really fills up. */
import { describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../lib/eventually.ts";
import { expectFailed, logged, metric, readiness } from "./disk-status.ts";
import { OrderFlood } from "./order-flood.ts";
import { DataDir, ServerProcess } from "./server-process.ts";
import { canMount, SmallDisk } from "./small-disk.ts";
import { Venue } from "./venue.ts";

const MIB = 1024 * 1024;
const DISK_BYTES = 12 * MIB;
const SYMBOLS = 4;

const NO_SEGMENT =
  "the next segment cannot be prepared; trading stops if it is still so when it is needed";

/** An exchange whose journal is on the disk, and warns when less than `lowSpaceBytes` are free. */
function openVenue(disk: SmallDisk, lowSpaceBytes: number): Promise<Venue> {
  const config = [
    "[persistence.local]",
    `wal_dir = "${join(disk.path, "wal")}"`,
    `segment_bytes = ${MIB}`,
    `low_space_bytes = ${lowSpaceBytes}`,
    "[market]",
    "ring_commands = 8192",
  ];
  return Venue.open({ config: `${config.join("\n")}\n` });
}

async function openFloods(venue: Venue): Promise<OrderFlood[]> {
  const floods: OrderFlood[] = [];
  for (let i = 0; i < SYMBOLS; i++) floods.push(await OrderFlood.open(venue, venue.symbol()));
  return floods;
}

/** Starts the exchange again and finds every order as it was acknowledged, and that it trades. */
async function expectRecovered(venue: Venue, floods: readonly OrderFlood[]): Promise<void> {
  await venue.restart();
  expect(await readiness(venue)).toMatchObject({ http: 200, status: "ok" });
  for (const flood of floods) {
    await flood.reconnect(venue);
    await flood.expectKept(false);
    const order = { symbol: flood.symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    await flood.client.result("order.place", order);
    flood[Symbol.dispose]();
  }
}

describe.skipIf(!(await canMount("tmpfs")))("a full disk (skipped without a tmpfs)", () => {
  test("under load stops acknowledgements and nothing else, and loses none of them", async () => {
    await using disk = await SmallDisk.mount("tmpfs", DISK_BYTES);
    await disk.addBallast(8 * MIB);
    await using venue = await openVenue(disk, 0);
    const floods = await openFloods(venue);
    const [symbol, other] = floods.map((flood) => flood.symbol);
    using watcher = await venue.open("/market-data");
    await watcher.result("subscribe", { channels: ["book"], symbols: [symbol] });

    for (const flood of floods) flood.run(32);
    const isRefused = () => floods.every(({ refused }) => refused >= 100);
    await Promise.all(floods.map(({ client }) => client.until(isRefused, "refusals")));
    await expectFailed(venue, /^the journal in .*wal failed: ENOSPC/, "Free space");

    expect(watcher.isOpen).toBe(true);
    expect(watcher.of("market_data").length).toBeGreaterThan(1);
    expect(await watcher.result("book.snapshot", { symbol })).toMatchObject({ symbol });
    const topics = await watcher.result("subscribe", { channels: ["bbo"], symbols: [other] });
    expect(topics).toEqual({ subscribed: [`bbo.${other}`] });
    expect((await watcher.result("ping")).timestamp).toBeNumber();

    await disk.removeBallast();
    const user = await venue.server.admin("POST", "/users", { name: "late" });
    expect(user).toMatchObject({ status: 503, body: { code: 50700 } });
    for (const flood of floods) {
      await flood.stop();
      expect((await flood.placeAndCancel()).error?.code).toBe(50700);
    }
    expect(await readiness(venue)).toMatchObject({ http: 503, status: "failed" });
    expect(await venue.server.stop()).toBe(1);
    await expectRecovered(venue, floods);
  });

  test("without room for the next segment says so at once, and works on until it is needed", async () => {
    await using disk = await SmallDisk.mount("tmpfs", DISK_BYTES);
    await using venue = await openVenue(disk, 0);
    const flood = await OrderFlood.open(venue, venue.symbol());
    const round = () => Promise.all(Array.from({ length: 50 }, () => flood.placeAndCancel()));
    const prepared = async () => (await readdir(join(disk.path, "wal"))).includes("wal_000002.log");
    while (!(await prepared())) await round();
    await disk.addBallast(MIB / 2);

    while ((await readiness(venue)).status === "ok") await round();
    expect(await readiness(venue)).toMatchObject({
      http: 200,
      status: "degraded",
      reason: expect.stringMatching(
        /^the next segment cannot be prepared: \d+ bytes are free in .*wal, and 1048576 are needed$/,
      ),
    });
    expect(await metric(venue, "waiver_journal_preparations_failed_total")).toBeGreaterThan(0);
    expect(await metric(venue, "waiver_journal_segments_late_total")).toBe(0);

    // The third segment is made late and grows in the room that is left.
    while ((await metric(venue, "waiver_journal_segments_late_total")) === 0) await round();
    await round();
    expect(flood.refused).toBe(0);
    await disk.removeBallast();
    // Also without orders.
    await eventually(async () => (await readiness(venue)).status === "ok");
    expect([flood.refused, flood.faults]).toEqual([0, []]);
    // A trouble that comes again is another one: each is told once, and so is its end.
    const troubles = await logged(venue, NO_SEGMENT);
    await venue.server.logged("the next segment is prepared", troubles.length);
    expect(troubles).toEqual(
      troubles.map(() => ({
        level: 40,
        error: expect.any(String),
        advice: expect.stringContaining("Free space"),
      })),
    );
    expect(await logged(venue, "the next segment is prepared")).toEqual(
      troubles.map(() => ({ level: 30 })),
    );
    await venue.server.kill();
    await expectRecovered(venue, [flood]);
  });

  test("is warned of once before it is full, until there is room again", async () => {
    await using disk = await SmallDisk.mount("tmpfs", DISK_BYTES);
    await using venue = await openVenue(disk, 4 * MIB);
    expect(await readiness(venue)).toMatchObject({ http: 200, status: "ok" });
    const freeBytes = () => metric(venue, "waiver_persistence_free_bytes");
    expect(await freeBytes()).toBeWithin(4 * MIB, DISK_BYTES);

    await disk.addBallast(3 * MIB);
    await eventually(async () => (await readiness(venue)).status !== "ok");
    expect(await readiness(venue)).toMatchObject({
      http: 200,
      status: "degraded",
      reason: expect.stringMatching(/^\d+ bytes are free in .*wal, below the limit of 4194304$/),
    });
    expect(await freeBytes()).toBeWithin(MIB, 4 * MIB);
    expect(await metric(venue, 'waiver_component_status{component="persistence"}')).toBe(1);
    const flood = await OrderFlood.open(venue, venue.symbol());
    expect((await flood.placeAndCancel()).error).toBeUndefined();

    await disk.removeBallast();
    await eventually(async () => (await readiness(venue)).status === "ok");
    expect(await logged(venue, "disk space is low, or unknown")).toEqual([
      { level: 40, error: expect.any(String), advice: expect.stringContaining("Free space") },
    ]);
    expect(await logged(venue, "disk space is sufficient again")).toEqual([{ level: 30 }]);
    flood[Symbol.dispose]();
  });

  test("is warned of when only the snapshots are on it", async () => {
    await using disk = await SmallDisk.mount("tmpfs", DISK_BYTES);
    const directory = join(disk.path, "snapshots");
    const config = `[persistence.local]\nsnapshot_dir = "${directory}"\nlow_space_bytes = ${4 * MIB}\n`;
    await using venue = await Venue.open({ config });
    expect(await readiness(venue)).toMatchObject({ http: 200, status: "ok" });
    await disk.addBallast(3 * MIB);
    await eventually(async () => (await readiness(venue)).status !== "ok");
    expect(await readiness(venue)).toMatchObject({
      http: 200,
      status: "degraded",
      reason: expect.stringMatching(
        /^\d+ bytes are free in .*snapshots, below the limit of 4194304$/,
      ),
    });
    expect(await metric(venue, "waiver_persistence_free_bytes")).toBeLessThan(4 * MIB);
  });

  test("under the users takes a key that is revoked until a restart, and for good when there is room", async () => {
    await using disk = await SmallDisk.mount("tmpfs", DISK_BYTES);
    await using other = await DataDir.make();
    const dataDir = join(disk.path, "data");
    const config =
      `[persistence.local]\nwal_dir = "${other.root}/wal"\nsnapshot_dir = "${other.root}/snapshots"\n` +
      '[players]\nsource = "offline"\n';
    interface Keys {
      user_id: string;
      api_key: string;
      api_secret: string;
    }
    let keys: Keys;
    const revoke = (server: ServerProcess) => server.admin("DELETE", `/keys/${keys.api_key}`);
    const told = (server: ServerProcess) =>
      fetch(`${server.url}/api/v1/account/balances`, {
        headers: { "X-API-KEY": keys.api_key, "X-API-SECRET": keys.api_secret },
      }).then(({ status }) => status);
    {
      await using server = await ServerProcess.start(dataDir, { config });
      keys = await server.ask<Keys>("POST", "/users", { name: "Ann" });
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/orders`);
      const closed = new Promise<number>((resolve) => {
        socket.onclose = ({ code }) => resolve(code);
      });
      const { api_key, api_secret } = keys;
      const login = { method: "auth.login", params: { api_key, api_secret } };
      socket.onopen = () => socket.send(JSON.stringify(login));
      await new Promise((resolve) => {
        socket.onmessage = resolve;
      });
      expect(await told(server)).toBe(200);
      await disk.addBallast(0);
      expect(await revoke(server)).toEqual({
        status: 503,
        body: {
          code: 50700,
          message: expect.stringMatching(
            /^The key ak_\w+ is revoked, but only until a restart, .*\. Free space .*, and do it again$/,
          ),
        },
      });
      expect([await closed, await told(server)]).toEqual([4003, 401]);
      expect((await server.admin("POST", `/users/${keys.user_id}/keys`, {})).status).toBe(503);
      await server.kill();
    }
    {
      // Until a restart, as it said.
      await disk.removeBallast();
      await using server = await ServerProcess.start(dataDir, { config });
      expect(await told(server)).toBe(200);
      await disk.addBallast(0);
      expect((await revoke(server)).status).toBe(503);
      await disk.removeBallast();
      expect((await revoke(server)).status).toBe(200);
      await server.kill();
    }
    await using server = await ServerProcess.start(dataDir, { config });
    expect(await told(server)).toBe(401);
  });
});
