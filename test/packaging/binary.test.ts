/** The one compiled file runs the exchange, and all that it starts, where there is nothing else. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerOptions, ServerProcess } from "../integration/server-process.ts";
import { type Members, WireClient } from "../integration/wire-client.ts";
import { putOneFile } from "./one-file.ts";

let dir: string;
let binary: string;
let empty: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "binary-"));
  binary = join(dir, "waiver");
  empty = join(dir, "empty");
  await mkdir(empty);
  await putOneFile(binary);
});
afterAll(() => rm(dir, { recursive: true }));

/** It starts the demo twice. */
const TIME_MAX_MS = 120_000;

/** No programs, no packages, and no Bun. */
const env = () => ({ PATH: empty });

async function run(...args: string[]): Promise<string> {
  const child = Bun.spawn([binary, ...args], { cwd: empty, env: env(), stderr: "pipe" });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`waiver ${args.join(" ")}: ${out}${err}`);
  return out;
}

const json = async (...args: string[]): Promise<Members> =>
  JSON.parse(await run(...args, "--json")) as Members;

/** What the page loads, and how it is answered. */
async function pageOf(url: string): Promise<{ status: number; type: string | null }[]> {
  const page = await (await fetch(url)).text();
  const paths = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
  const answers = paths.map(async (path) => {
    const { status, headers } = await fetch(url + path);
    return { status, type: headers.get("Content-Type") };
  });
  return Promise.all(answers);
}

test(
  "it needs nothing beside itself: page, documents, trading, demo, snapshots, kill -9, commands",
  async () => {
    const dataDir = join(dir, "data");
    const options: ServerOptions = {
      program: [binary],
      cwd: empty,
      env: env(),
      args: ["--demo"],
      config: "[gateway.rate_limits]\nburst_limit = 1000\n",
    };
    const ofServer = (server: ServerProcess) => ["--url", server.url, "--data-dir", dataDir];
    let orderId: string;
    let account: string;
    {
      await using server = await ServerProcess.start(dataDir, options);
      expect(await readdir(empty)).toEqual([]);
      const loaded = await pageOf(server.url);
      expect(loaded.some(({ type }) => type?.startsWith("text/javascript"))).toBe(true);
      expect(loaded.filter(({ status }) => status !== 200)).toEqual([]);
      for (const path of ["/docs", "/docs/reference.js", "/docs/docs.css", "/llms.txt"]) {
        expect([path, (await fetch(server.url + path)).status]).toEqual([path, 200]);
      }

      const accounts = (await Bun.file(join(dataDir, "demo-accounts.json")).json()) as Members[];
      const alice = accounts.find(({ name }) => name === "alice");
      using client = await WireClient.open(server.url, "/orders");
      await client.login(alice as never);
      using market = await WireClient.open(server.url, "/market-data");
      const { symbols } = await market.result("symbols.list");
      const names = (symbols as Members[]).map(({ symbol }) => String(symbol));
      await market.result("subscribe", { channels: ["trades"], symbols: names });
      // The demo's traders are a process of the same file.
      await market.until(() => market.of("trades").length > 0, "a trade of the demo");
      const symbol = names[0];
      const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
      const placed = await client.result("order.place", order);
      orderId = String(placed.order_id);
      account = String(alice?.account_id);

      expect(await json("snapshot", ...ofServer(server))).toMatchObject({
        state_hash: expect.any(String),
      });
      expect(await json("status", ...ofServer(server))).toHaveProperty("status");
      const to = join(dir, "backup");
      expect(await json("backup", "--to", to, ...ofServer(server))).toMatchObject({
        directory: to,
      });
      const audit = await fetch(`${server.url}/admin/v1/audit?limit=1`, {
        headers: { Authorization: `Bearer ${await server.adminToken()}` },
      });
      expect(audit.status).toBe(200);
    }
    expect(await json("wal", "verify", "--data-dir", dataDir)).toMatchObject({ sound: true });
    await using server = await ServerProcess.start(dataDir, options);
    await server.logged("the sealed segments are sound");
    expect(JSON.stringify(await json("account", "show", account, ...ofServer(server)))).toContain(
      orderId,
    );
    expect(await server.stop()).toBe(0);
  },
  TIME_MAX_MS,
);
