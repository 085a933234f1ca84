import { expect, test } from "bun:test";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataDir, ServerProcess } from "./server-process.ts";
import { Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

test.each([
  ["[gateway]\nprot = 9000\n", ["gateway.prot", "port"]],
  ["[gatway]\nport = 9000\n", ["gatway"]],
  ["[gateway]\nheartbeat_interval = 70000\n", ["gateway.heartbeat_interval", "70000", "900"]],
  ['[gateway]\nheartbeat_interval = "30"\n', ["gateway.heartbeat_interval", "30"]],
  ["[gateway]\nlogin_timeout_ms = 1\n", ["gateway.login_timeout_ms", "1", "100"]],
  ["[gateway]\nmax_connections = 1.5\n", ["gateway.max_connections", "1.5"]],
  [
    "[gateway.rate_limits]\norders_per_second = -1\n",
    ["gateway.rate_limits.orders_per_second", "-1"],
  ],
  ["[gateway.auth]\njwt_support = true\n", ["gateway.auth.jwt_support", "true", "false"]],
  ['[persistence]\nbackend = "floppy"\n', ["persistence.backend", "floppy", "local"]],
  [
    '[persistence.local]\ndurability = "maybe"\n',
    ["persistence.local.durability", "maybe", "fsync"],
  ],
  ["[persistence.local]\nsegment_bytes = 5\n", ["persistence.local.segment_bytes", "5"]],
  ["[market]\nprice_band_percent = 200\n", ["market.price_band_percent", "200", "100"]],
  ["[market]\nring_commands = 1000\n", ["market.ring_commands", "1000"]],
  ['[players]\nsource = "espn"\n', ["players.source", "espn", "offline"]],
  ['[players]\nsleeper_base_url = "ftp://x"\n', ["players.sleeper_base_url", "ftp://x"]],
  ['[log]\nlevel = "loud"\n', ["log.level", "loud"]],
])("the configuration %p stops the start and is named", async (config, named) => {
  await using dir = await DataDir.make();
  const { exitCode, output } = await ServerProcess.startAndFail(dir.path, { config });
  expect([exitCode, named.filter((word) => !output.includes(word)), output]).toEqual([
    1,
    [],
    output,
  ]);
  expect(output).not.toMatch(/\n\s+at .*:\d+:\d+/);
});

test("several faults are all named", async () => {
  await using dir = await DataDir.make();
  const config = "[gateway]\nhost = 7\nprot = 1\n[log]\nlevel = 7\n";
  const { exitCode, output } = await ServerProcess.startAndFail(dir.path, { config });
  expect(exitCode).toBe(1);
  for (const key of ["gateway.host", "gateway.prot", "log.level"]) expect(output).toContain(key);
});

test("what is no TOML is told with its place", async () => {
  await using dir = await DataDir.make();
  const config = "[gateway]\nport = = 1\n";
  const { exitCode, output } = await ServerProcess.startAndFail(dir.path, { config });
  expect(exitCode).toBe(1);
  expect(output).toContain(`${dir.path}.toml`);
  expect(output).toMatch(/\b2\b/);
});

test.each([
  [{ WAIVER_GATEWAY__MAX_CONNECTIONS: "many" }, ["WAIVER_GATEWAY__MAX_CONNECTIONS", "many"]],
  [{ WAIVER_GATEWAY__PROT: "1" }, ["WAIVER_GATEWAY__PROT"]],
  [{ WAIVER_NOTHING__AT_ALL: "1" }, ["WAIVER_NOTHING__AT_ALL"]],
])("the environment %p stops the start and is named", async (env, named) => {
  await using dir = await DataDir.make();
  const { exitCode, output } = await ServerProcess.startAndFail(dir.path, {
    env: env as unknown as Record<string, string>,
  });
  expect([exitCode, named.filter((word) => !output.includes(word)), output]).toEqual([
    1,
    [],
    output,
  ]);
});

test("the environment overrides the file", async () => {
  await using venue = await Venue.open({
    config: "[gateway]\nlogin_timeout_ms = 60000\n",
    env: { WAIVER_GATEWAY__LOGIN_TIMEOUT_MS: "150" },
  });
  using client = await venue.open("/orders");
  expect((await client.closed).code).toBe(4001);
});

test("a port in use is named", async () => {
  await using venue = await Venue.open();
  await using dir = await DataDir.make();
  const { port } = venue.server;
  const { exitCode, output } = await ServerProcess.startAndFail(dir.path, { port });
  expect(exitCode).toBe(1);
  expect(output).toContain(String(port));
  expect(output).toMatch(/in use/i);
  using client = await venue.open("/market-data");
  expect((await client.result("ping")).timestamp).toBeNumber();
});

test("a second process on the same data is refused and harms nothing", async () => {
  await using venue = await Venue.open();
  const user = await venue.user({ cash: 100 });
  const { exitCode, output } = await ServerProcess.startAndFail(venue.dataDir);
  expect(exitCode).toBe(1);
  expect(output).toContain(venue.dataDir);
  expect(output).toMatch(/lock|in use|another|running/i);
  using client = await venue.connect("/orders", "json", user);
  const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  await client.result("order.place", order);
  await venue.server.kill();
  await venue.restart();
  using again = await venue.connect("/orders", "json", user);
  expect((await again.result("orders.open")).orders).toBeArrayOfSize(1);
});

test("data that cannot be written to is named", async () => {
  await using dir = await DataDir.make();
  const blocked = join(dir.path, "file");
  await Bun.write(blocked, "not a directory");
  const { exitCode, output } = await ServerProcess.startAndFail(join(blocked, "data"), {}).catch(
    async () => ({ exitCode: 1, output: blocked }),
  );
  expect(exitCode).toBe(1);
  expect(output).toContain(blocked);
});

/** A venue's journal after some orders; its server has been killed. */
async function withJournal(): Promise<{ venue: Venue; wal: string; file: string; key: Members }> {
  const venue = await Venue.open();
  const user = await venue.user({ cash: 1_000_000 });
  using client = await venue.connect("/orders", "json", user);
  const symbol = venue.symbol();
  for (let n = 0; n < 50; n++) {
    const order = {
      symbol,
      side: "BUY",
      type: "LIMIT",
      price: 1,
      quantity: 1,
      client_order_id: `o-${n}`,
    };
    await client.result("order.place", order);
  }
  await venue.server.kill();
  const wal = join(venue.dataDir, "wal");
  const [file = ""] = (await readdir(wal)).filter((name) => name.endsWith(".log")).sort();
  return { venue, wal, file: join(wal, file), key: { ...user } };
}

/** Where the bytes of a journal end and its preallocated zeros begin. */
async function usedBytes(file: string): Promise<number> {
  const bytes = new Uint8Array(await Bun.file(file).arrayBuffer());
  return bytes.findLastIndex((byte) => byte !== 0) + 1;
}

async function flip(file: string, offset: number): Promise<void> {
  const handle = await open(file, "r+");
  const byte = new Uint8Array(1);
  await handle.read(byte, 0, 1, offset);
  byte[0] = (byte[0] ?? 0) ^ 0x10;
  await handle.write(byte, 0, 1, offset);
  await handle.close();
}

test("a flipped bit in the middle of the journal stops the start, named by file and offset", async () => {
  const { venue, file } = await withJournal();
  await using _venue = venue;
  const used = await usedBytes(file);
  for (const part of [0.1, 0.3, 0.5, 0.7]) {
    const offset = Math.floor(used * part);
    await flip(file, offset);
    const { exitCode, output } = await ServerProcess.startAndFail(venue.dataDir);
    expect([part, exitCode, output.includes(file)]).toEqual([part, 1, true]);
    expect(output).toMatch(/offset|byte/i);
    expect(output).not.toMatch(/\n\s+at .*:\d+:\d+/);
    await flip(file, offset);
  }
  await venue.restart();
  expect((await venue.server.ask<Members>("GET", "/state")).open_orders).toBe(50);
}, 30_000);

test("a torn tail is cut and told, and the exchange starts", async () => {
  const { venue, file, key } = await withJournal();
  await using _venue = venue;
  const used = await usedBytes(file);
  const handle = await open(file, "r+");
  await handle.truncate(used - 3);
  await handle.close();
  await venue.restart();
  expect(venue.server.output).toMatch(/torn|cut|tail/i);
  expect((await venue.server.ask<Members>("GET", "/state")).open_orders).toBe(49);
  using client = await venue.connect(
    "/orders",
    "json",
    key as { api_key: string; api_secret: string },
  );
  const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  await client.result("order.place", { ...order, client_order_id: "after" });
  await venue.server.kill();
  await venue.restart();
  expect((await venue.server.ask<Members>("GET", "/state")).open_orders).toBe(50);
});

test("a missing journal beside its other files stops the start", async () => {
  const { venue, wal, file } = await withJournal();
  await using _venue = venue;
  await Bun.file(file).delete();
  const size = (await stat(wal)).size;
  expect(size).toBeGreaterThan(0);
  const result = await ServerProcess.startAndFail(venue.dataDir).catch((error: Error) => ({
    exitCode: -1,
    output: error.message,
  }));
  expect([result.exitCode, result.output]).toEqual([1, result.output]);
  expect(result.output).toContain(wal);
});
