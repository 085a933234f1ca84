/** From the last version before the current format of the journal to this one, and back, with the real program of then. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DataDir, type ServerOptions, ServerProcess } from "../integration/server-process.ts";
import type { User } from "../integration/venue.ts";
import { type Members, WireClient } from "../integration/wire-client.ts";
import { OlderVersion, whyNoOlderVersion } from "./older-version.ts";

const reason = await whyNoOlderVersion();
if (reason !== null) process.stderr.write(`The tests of upgrades are skipped: ${reason}\n`);

/** Six starts, of programs that were never compiled here. */
const TIME_MAX_MS = 120_000;

let older: OlderVersion;
beforeAll(async () => {
  if (reason === null) older = await OlderVersion.checkOut();
}, TIME_MAX_MS);
afterAll(() => older?.[Symbol.asyncDispose]());

const inOlder = (): ServerOptions => ({
  program: [process.execPath, "src/main.ts"],
  cwd: older.cwd,
});

async function connect(server: ServerProcess, user: User): Promise<WireClient> {
  const client = await WireClient.open(server.url, "/orders", "json", { isOther: true });
  const { error } = await client.login(user);
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return client;
}

const open = async (client: WireClient): Promise<unknown> =>
  ((await client.result("orders.open")).orders as Members[]).map(({ order_id }) => order_id);
const hashOf = async (server: ServerProcess): Promise<unknown> =>
  (await server.ask<Members>("GET", "/state")).state_hash;

/** What is in the directory's journal and snapshots, by name. */
async function contents(dataDir: string): Promise<Record<string, string>> {
  const found: [string, string][] = [];
  for (const folder of ["wal", "snapshots"]) {
    for (const name of await readdir(join(dataDir, folder))) {
      if (name === "lock") continue;
      const bytes = await Bun.file(join(dataDir, folder, name)).bytes();
      found.push([`${folder}/${name}`, new Bun.CryptoHasher("sha256").update(bytes).digest("hex")]);
    }
  }
  return Object.fromEntries(found.sort());
}

test.skipIf(reason !== null)(
  "an upgrade keeps all and trades on; back again is refused and harms nothing, and the backup of before starts (skipped without history)",
  async () => {
    await using dir = await DataDir.make();
    const backup = `${dir.path}-backup`;
    let user: User;
    let resting: unknown;
    let hash: unknown;
    let symbol: string;
    {
      await using server = await ServerProcess.start(dir.path, inOlder());
      using market = await WireClient.open(server.url, "/market-data", "json", { isOther: true });
      const { symbols } = await market.result("symbols.list");
      symbol = String((symbols as Members[])[0]?.symbol);
      const shares = { cash: 1_000_000, positions: { [symbol]: 100 } };
      user = await server.ask<User>("POST", "/users", { name: "ann", ...shares });
      const other = await server.ask<User>("POST", "/users", { name: "bob", ...shares });
      using ann = await connect(server, user);
      using bob = await connect(server, other);
      const order = { symbol, type: "LIMIT", price: 1000, quantity: 5 };
      await bob.result("order.place", { ...order, side: "SELL" });
      await server.ask("POST", "/snapshot");
      await ann.result("order.place", { ...order, side: "BUY", quantity: 9 });
      resting = await open(ann);
      expect(resting).toHaveLength(1);
      hash = await hashOf(server);
      expect(await server.stop()).toBe(0);
    }
    await cp(dir.path, backup, { recursive: true });
    {
      await using server = await ServerProcess.start(dir.path);
      expect(server.log.find(({ msg }) => msg === "recovered")?.hash).toBe(hash);
      using ann = await connect(server, user);
      expect(await open(ann)).toEqual(resting);
      const seller = await server.ask<User>("POST", "/users", {
        name: "eve",
        positions: { [symbol]: 4 },
      });
      using eve = await connect(server, seller);
      const order = { symbol, side: "SELL", type: "LIMIT", price: 1000, quantity: 4 };
      expect(await eve.result("order.place", order)).toMatchObject({ status: "FILLED" });
      await server.ask("POST", "/snapshot");
      hash = await hashOf(server);
      expect(await server.stop()).toBe(0);
    }
    const before = await contents(dir.path);
    const refused = await ServerProcess.startAndFail(dir.path, inOlder());
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain("it has format version 5; this program knows 1 to 2");
    expect(await contents(dir.path)).toEqual(before);
    {
      await using server = await ServerProcess.start(dir.path);
      expect(server.log.find(({ msg }) => msg === "recovered")?.hash).toBe(hash);
    }
    await using server = await ServerProcess.start(backup, inOlder());
    using ann = await connect(server, user);
    expect(await open(ann)).toEqual(resting);
  },
  TIME_MAX_MS,
);
