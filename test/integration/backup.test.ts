import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTradingClient } from "@waiver/client";
import { Relay } from "../client/relay.ts";
import { ServerProcess } from "./server-process.ts";
import { canMount, SmallDisk } from "./small-disk.ts";
import { Venue } from "./venue.ts";
import { answerOf, waiver } from "./waiver-command.ts";
import { type Members, WireClient } from "./wire-client.ts";

let venue: Venue;
let dir: string;
beforeAll(async () => {
  venue = await Venue.open();
  dir = await mkdtemp(join(tmpdir(), "backup-"));
});
afterAll(async () => {
  await venue[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

const backUp = (to: string) =>
  waiver("backup", "--to", to, "--json", "--url", venue.server.url, "--data-dir", venue.dataDir);
const replayed = async (dataDir: string, ...args: string[]): Promise<Members> =>
  JSON.parse(await answerOf("wal", "replay", "--json", "--data-dir", dataDir, ...args)) as Members;

test("a backup made while trading goes on is the exchange as it was at its last command, and starts", async () => {
  const symbol = venue.symbol();
  const user = await venue.user({ cash: 1_000_000 });
  using client = await venue.connect("/orders", "json", user);
  const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  const to = join(dir, "whole");
  const placed: Members[] = [];
  let isDone = false;
  const trading = (async () => {
    while (!isDone) placed.push(await client.result("order.place", order));
    // One that is certainly after the backup.
    placed.push(await client.result("order.place", order));
  })();
  const { code, out, err } = await backUp(to);
  isDone = true;
  await trading;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const made = JSON.parse(out) as Members;
  const tick = Number(made.tick);
  expect(made).toMatchObject({ directory: to, seq: expect.any(Number) as number });
  expect(await readdir(dir)).toEqual(["whole"]);

  const copy = await replayed(to);
  expect(copy).toMatchObject({ tick, sequence: made.seq });
  const original = await replayed(venue.dataDir, "--to-tick", String(tick));
  expect(copy.state_hash).toBe(original.state_hash);

  const names = await readdir(to);
  expect(names).not.toContain("admin-token");
  for (const name of names.filter((each) => each.startsWith("identity"))) {
    expect((await stat(join(to, name))).mode & 0o777).toBe(0o600);
  }
  await using restored = await ServerProcess.start(to);
  using again = await WireClient.open(restored.url, "/orders", "json");
  expect((await again.login(user)).result).toMatchObject({ account_id: user.account_id });
  const kept = placed.filter((each) => Number(each.tick) <= tick);
  expect(kept.length).toBeLessThan(placed.length);
  const { orders } = await again.result("orders.open", { limit: 1000 });
  expect((orders as Members[]).length).toBe(Math.min(kept.length, 1000));
  const { cash } = await again.result("account.balances");
  expect(cash).toEqual({
    available: 1_000_000 - kept.length,
    reserved: kept.length,
    total: 1_000_000,
  });
});

test("a client that knows events after the backup takes the account as it is on an exchange that starts from it", async () => {
  const symbol = venue.symbol();
  const user = await venue.user({ cash: 1_000_000 });
  const buy = (price: number) =>
    ({ symbol, side: "BUY", type: "LIMIT", price, quantity: 1 }) as const;
  using relay = await Relay.open(venue.server.port);
  const auth = { apiKey: user.api_key, apiSecret: user.api_secret };
  const backoff = { delayMinMs: 1, delayMaxMs: 20 };
  const trader = createTradingClient({ url: relay.url, auth, backoff });
  const { account } = trader;
  const prices = (): unknown[] => [...account.orders.values()].map(({ price }) => price);
  const knows = (price: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => void (account.isLive && prices().includes(price) && resolve());
      account.onChange(look);
      account.onLive(look);
      look();
    });
  try {
    await trader.place(buy(10));
    await knows(10);
    const to = join(dir, "earlier");
    expect((await backUp(to)).code).toBe(0);
    for (const price of [20, 21]) await trader.place(buy(price));
    await knows(21);
    await using restored = await ServerProcess.start(to);
    using other = await WireClient.open(restored.url, "/orders", "json");
    await other.login(user);
    // As many events as the client knows of the other history, and more.
    for (const price of [30, 31, 32]) await other.result("order.place", buy(price));
    relay.target = restored.port;
    relay.cut();
    await knows(32);
    expect(prices().sort()).toEqual([10, 30, 31, 32]);
    expect(account.cash).toMatchObject({ reserved: 10 + 30 + 31 + 32 });
  } finally {
    trader.close();
  }
});

test("a target that is not empty, inside the data directory or cannot be made is refused, and nothing is left", async () => {
  const full = join(dir, "full");
  await mkdir(join(full, "something"), { recursive: true });
  for (const [to, why] of [
    [full, /is not empty/],
    [join(venue.dataDir, "copy"), /is in the data directory/],
    [join(dir, "nowhere", "copy"), /There is no directory/],
  ] as const) {
    const { code, out, err } = await backUp(to);
    expect([to, code, out]).toEqual([to, 1, ""]);
    expect(err).toMatch(why);
  }
  expect(await readdir(full)).toEqual(["something"]);
  const empty = join(dir, "empty");
  await mkdir(empty);
  expect((await backUp(empty)).code).toBe(0);
  expect(await readdir(empty)).toContain("identity.sqlite");
  expect((await readdir(dir)).filter((name) => name.includes("unfinished"))).toEqual([]);
});

test("kill -9 in the middle leaves nothing that looks like a backup", async () => {
  for (let n = 0, isKilled = false; !isKilled; n++) {
    const name = `killed-${n}`;
    const to = join(dir, name);
    let isOver = false;
    const backup = backUp(to).finally(() => {
      isOver = true;
    });
    const begun = async () =>
      (await readdir(dir)).some((each) => each.startsWith(`${name}.unfinished-`));
    while (!isOver && !(await begun())) await new Promise(setImmediate);
    await venue.server.kill();
    const { code } = await backup;
    await venue.restart();
    if ((await readdir(dir)).includes(name)) {
      // It was done before it was killed, and then it is whole.
      await replayed(to);
      continue;
    }
    expect(code).toBe(1);
    expect((await backUp(to)).code).toBe(0);
    isKilled = true;
  }
});

test.skipIf(!(await canMount("tmpfs")))(
  "a full disk is told, leaves nothing, and trading goes on",
  async () => {
    await using disk = await SmallDisk.mount("tmpfs", 64 * 1024);
    const { code, out, err } = await backUp(join(disk.path, "copy"));
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/No backup: .*(ENOSPC|no space)/i);
    expect(await readdir(disk.path)).toEqual([]);
    expect((await venue.user({ cash: 1 })).user_id).toMatch(/^usr_/);
  },
);
