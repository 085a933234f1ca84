import { expect, test } from "bun:test";
import { copyFile, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { eventually } from "../lib/eventually.ts";
import { auditBooks } from "./books-audit.ts";
import { metric } from "./disk-status.ts";
import { loadTraders, SeededRandom } from "./load-generator.ts";
import { AS_OPERATORS_DO, ServerProcess } from "./server-process.ts";
import { recovered, SnapshotFiles } from "./snapshot-files.ts";
import { CASH, TwoTraders } from "./two-traders.ts";
import { type User, Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

/** Snapshots as often as can be, and as little kept as can be. */
const EAGER = `
[persistence.local]
segment_bytes = 1048576
snapshot_interval = 300
snapshot_spacing = 1
snapshot_change_percent = 0
max_snapshots = 2
max_wal_files = 1
[market]
ring_commands = 4096
`;
/** None but those that are asked for. */
const SELDOM = EAGER.replace("interval = 300", "interval = 1000000");

const SEED = Date.now() % 2 ** 31;

interface State {
  tick: number;
  seq: number;
  state_hash: string;
  trades: number;
  open_orders: number;
  cash_total: number;
}

/** What the exchange is at this tick. */
async function stateOf({ server }: Venue): Promise<State> {
  const { tick, seq, state_hash, trades, open_orders, cash_total } = await server.ask<State>(
    "GET",
    "/state",
  );
  return { tick, seq, state_hash, trades, open_orders, cash_total };
}

/** All that a user and everybody can read of a symbol. */
async function readAll(venue: Venue, user: User, symbol: string): Promise<Members> {
  using client = await venue.connect("/orders", "json", user);
  using market = await venue.open("/market-data");
  await market.result("subscribe", { channels: ["book", "bbo", "status"], symbols: [symbol] });
  await market.until(() => market.pushes.length === 3, "the current state");
  const methods = ["orders.open", "orders.history", "account.trades", "account.balances"];
  const own = await Promise.all(methods.map((method) => client.result(method)));
  const book = await market.result("book.snapshot", { symbol });
  const trades = await market.result("trades.recent", { symbol });
  return {
    own,
    book,
    trades,
    pushes: market.pushes,
    positions: await client.result("account.positions"),
  };
}

async function readyz({ server }: Venue, component: string): Promise<Members> {
  const reply = await fetch(`${server.url}/readyz`);
  const { status, components } = (await reply.json()) as {
    status: string;
    components: Record<string, Members>;
  };
  const { since: _, ...own } = components[component] ?? {};
  return { http: reply.status, all: status, ...own };
}

const takeSnapshot = ({ server }: Venue) => server.admin("POST", "/snapshot");

test(`under load old files go and nothing that is needed; after kill -9 all is there (seed ${SEED})`, async () => {
  const random = new SeededRandom(SEED);
  await using venue = await Venue.open({ config: EAGER });
  const files = new SnapshotFiles(venue);
  const { traders, given } = await loadTraders(venue, random);
  for (const trader of traders) trader.run(1);
  await eventually(async () => {
    expect(await files.expectNothingMissing()).toBeNull();
    return (await metric(venue, "waiver_snapshots_total")) >= 4;
  });
  // The fourth removes the first two, beside the ticks.
  await eventually(async () => (await files.names()).length === 2);
  expect(await files.expectNothingMissing()).toBeNull();
  await eventually(async () => ((await files.segments())[0] ?? 0) > 1);
  expect(await metric(venue, "waiver_snapshots_failed_total")).toBe(0);
  expect(await metric(venue, "waiver_snapshot_bytes")).toBeGreaterThan(0);
  expect(await readyz(venue, "snapshots")).toEqual({ http: 200, all: "ok", status: "ok" });

  await venue.server.kill();
  for (const trader of traders) trader.disconnect();
  const lastSeqs = traders.map(({ lastSeq }) => lastSeq);
  await venue.restart();
  expect(await files.names()).toContain(String(recovered(venue).snapshot));
  expect(await files.names(".tmp")).toEqual([]);
  for (const trader of traders) await trader.connect(venue);
  await auditBooks(venue, traders, given);

  // A client order id is remembered, and the numbers of an account's events go on.
  for (const [i, trader] of traders.entries()) {
    const done = [...trader.orders.values()].find(({ acknowledged }) => acknowledged !== undefined);
    const again = await trader.client.result("order.place", done?.asked);
    expect([again.duplicate, again.order_id]).toEqual([true, done?.acknowledged?.order_id]);
    await trader.client.result("order.cancel_all");
    const order = { symbol: given.symbols[0], side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    await trader.client.result("order.place", order);
    await trader.events.until(() => trader.events.of("user_data").length > 1, "events");
    const seqs = trader.events.of("user_data").map(({ seq }) => Number(seq));
    // The snapshot comes first, as of the last event before.
    expect(seqs[0]).toBeGreaterThanOrEqual(lastSeqs[i] ?? 0);
    expect(seqs).toEqual(seqs.map((_, n) => (seqs[0] ?? 0) + n));
  }
});

test("after a stop with a last snapshot the next start replays nothing", async () => {
  await using venue = await Venue.open({ config: SELDOM });
  const files = new SnapshotFiles(venue);
  const pair = await TwoTraders.meet(venue, "json", "msgpack");
  const { ann, bob, symbol } = pair;
  for (let i = 0; i < 5; i++) {
    await ann.place("BUY", 100 + i, 5, { client_order_id: `ann-${i}` });
    await bob.place("SELL", 102, 4, { client_order_id: `bob-${i}` });
  }
  const before = await stateOf(venue);
  const { status, body } = await takeSnapshot(venue);
  expect(status).toBe(200);
  const taken = body as Members;
  expect(taken).toEqual({
    file: basename(await files.newest()),
    tick: before.tick,
    seq: before.seq,
    state_hash: before.state_hash,
    bytes: Bun.file(await files.newest()).size,
    milliseconds: expect.any(Number),
  });
  // Again at the same tick, and after more.
  expect(await takeSnapshot(venue)).toMatchObject({ status: 200, body: { tick: before.tick } });
  expect(await files.names()).toEqual([String(taken.file)]);
  await ann.place("BUY", 90, 5, { client_order_id: "later" });
  const later = await stateOf(venue);
  const read = await readAll(venue, ann.user, symbol);
  await venue.crash();
  expect(recovered(venue)).toMatchObject({ snapshot: taken.file, commands: 1 });
  expect(await stateOf(venue)).toEqual(later);
  expect(await readAll(venue, ann.user, symbol)).toEqual(read);

  expect(await venue.server.stop()).toBe(0);
  await venue.restart();
  expect(recovered(venue)).toMatchObject({
    commands: 0,
    lastTick: later.tick,
    hash: later.state_hash,
  });
  expect(await stateOf(venue)).toEqual(later);
  expect(await readAll(venue, ann.user, symbol)).toEqual(read);
  pair[Symbol.dispose]();

  // Nothing came since: the end takes none, and the start is the same again.
  const names = await files.names();
  expect(await venue.server.stop()).toBe(0);
  expect(await files.names()).toEqual(names);
  await venue.restart();
  expect(recovered(venue)).toMatchObject({ snapshot: names.at(-1), commands: 0 });
  expect((await stateOf(venue)).state_hash).toBe(later.state_hash);
});

test("instead of a damaged snapshot the one before is used; without any, and with a pruned journal, the start says what is missing", async () => {
  await using venue = await Venue.open({ config: SELDOM });
  const files = new SnapshotFiles(venue);
  const pair = await TwoTraders.meet(venue, "json", "json");
  for (let i = 0; i < 3; i++) {
    await pair.ann.place("BUY", 100 + i, 5);
    expect((await takeSnapshot(venue)).status).toBe(200);
  }
  await pair.bob.place("SELL", 101, 7);
  await eventually(async () => (await files.segments())[0] !== 1);
  const before = await stateOf(venue);
  await venue.server.kill();
  pair[Symbol.dispose]();

  const [older = "", newest = ""] = await files.names();
  await files.damage(join(files.directory, newest));
  await venue.restart();
  const warning = venue.server.log.find(({ msg }) => msg === "snapshot could not be used");
  const aside = `${join(files.directory, newest)}.unusable`;
  expect(warning).toMatchObject({
    level: 40,
    file: join(files.directory, newest),
    reason: expect.stringContaining("does not match its hash"),
    movedTo: aside,
  });
  expect(recovered(venue)).toMatchObject({ snapshot: older });
  expect(await files.names()).toEqual([older]);
  expect(await Bun.file(aside).exists()).toBe(true);
  expect(await stateOf(venue)).toEqual(before);
  // And a new one can be taken.
  expect((await takeSnapshot(venue)).status).toBe(200);
  await venue.server.kill();

  const names = await files.names();
  for (const name of names) {
    await copyFile(join(files.directory, name), join(files.directory, `${name}.good`));
    await files.damage(join(files.directory, name));
  }
  const { exitCode, output } = await ServerProcess.startAndFail(venue.dataDir, { config: SELDOM });
  expect(exitCode).toBe(1);
  const [reason = ""] = output
    .split("\n")
    .filter((line) => line.startsWith("The exchange cannot start"));
  expect(reason).toContain("wal_000001.log");
  for (const name of names) expect(reason).toContain(name);
  expect(output).not.toMatch(/\n\s+at .*:\d+:\d+/);
  // A start that fails leaves everything where it was.
  expect(await files.names()).toEqual(names);
  for (const name of names) {
    await rename(join(files.directory, `${name}.good`), join(files.directory, name));
  }
  await venue.restart();
  expect(await stateOf(venue)).toEqual(before);
});

test("when the process that takes a snapshot is killed, trading goes on, /readyz says why, and the next one succeeds", async () => {
  await using venue = await Venue.open({ config: SELDOM });
  const files = new SnapshotFiles(venue);
  using pair = await TwoTraders.meet(venue, "json", "json");
  const { ann } = pair;
  await ann.place("BUY", 100, 5);
  const { pid, taking } = await files.stopWorker();
  const joined = takeSnapshot(venue);
  await ann.place("BUY", 99, 5);
  process.kill(pid, "SIGKILL");
  const refused = {
    status: 503,
    body: { code: 50000, message: expect.stringContaining("SIGKILL") },
  };
  expect([await taking, await joined]).toEqual([refused, refused]);
  await ann.place("BUY", 98, 5);
  expect(await readyz(venue, "snapshots")).toEqual({
    http: 200,
    all: "degraded",
    status: "degraded",
    reason: expect.stringContaining("SIGKILL"),
  });
  expect(await metric(venue, "waiver_snapshots_failed_total")).toBe(1);
  const before = await stateOf(venue);
  const { tick, seq, state_hash } = before;
  expect(await takeSnapshot(venue)).toMatchObject({ status: 200, body: { tick, seq, state_hash } });
  expect(await readyz(venue, "snapshots")).toEqual({ http: 200, all: "ok", status: "ok" });
  expect(await files.workers()).toEqual([]);
  await venue.crash();
  expect(recovered(venue)).toMatchObject({ commands: 0 });
  expect(await stateOf(venue)).toEqual(before);
});

test("when the exchange is killed while a snapshot is taken, the next start succeeds, whatever becomes of the process", async () => {
  await using venue = await Venue.open({ config: SELDOM, program: AS_OPERATORS_DO });
  const files = new SnapshotFiles(venue);
  const pair = await TwoTraders.meet(venue, "json", "json");
  const { ann, symbol } = pair;
  for (let i = 0; i < 3; i++) await ann.place("BUY", 90 + i, 5);
  const { pid: worker, taking } = await files.stopWorker();
  taking.catch(() => undefined);
  await ann.place("BUY", 80, 5);
  const before = await stateOf(venue);
  await venue.server.kill();
  pair[Symbol.dispose]();
  await venue.restart();
  expect(await stateOf(venue)).toEqual(before);
  using client = await venue.connect("/orders", "json", ann.user);
  await client.result("order.place", {
    symbol,
    side: "BUY",
    type: "LIMIT",
    price: 70,
    quantity: 1,
  });
  // One that was stopped before it had begun did not end with its exchange. It goes on, at the same time as the next.
  if ((await files.workers()).includes(worker)) process.kill(worker, "SIGCONT");
  expect(await takeSnapshot(venue)).toMatchObject({ status: 200 });
  await eventually(async () => (await files.workers()).length === 0);
  const later = await stateOf(venue);
  expect(later.cash_total).toBe(2 * CASH);
  await venue.crash();
  expect(recovered(venue)).toMatchObject({ commands: 0 });
  expect(await stateOf(venue)).toEqual(later);
  expect([await files.names(".tmp"), await files.names(".unusable")]).toEqual([[], []]);
});

test("snapshots that are asked for until the very end do not disturb it", async () => {
  await using venue = await Venue.open({ config: SELDOM });
  const files = new SnapshotFiles(venue);
  for (let round = 0; round < 2; round++) {
    const { server } = venue;
    const user = await venue.user({ cash: CASH });
    using client = await venue.connect("/orders", "json", user);
    const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    let isGone = false;
    const ask = async (): Promise<void> => {
      while (!isGone) {
        await server.admin("POST", "/snapshot").catch(() => {
          isGone = true;
        });
      }
    };
    const asking = Array.from({ length: 4 }, ask);
    for (let i = 0; i < 20; i++) await client.result("order.place", order);
    const { tick, state_hash } = await stateOf(venue);
    expect([round, await server.stop()]).toEqual([round, 0]);
    isGone = true;
    await Promise.all(asking);
    await venue.restart();
    expect(recovered(venue)).toMatchObject({ lastTick: tick, hash: state_hash, commands: 0 });
    expect([await files.names(".tmp"), await files.names(".unusable")]).toEqual([[], []]);
  }
});

test("players.symbols_max can be raised, with snapshots and without the journal's beginning", async () => {
  // What an account may hold stays: another share of it would be a command more.
  const same = "max_account_positions = 4096\n";
  const raised = `${SELDOM}${same}[players]\nsource = "offline"\nsymbols_max = 5000\n`;
  await using venue = await Venue.open({ config: SELDOM });
  const files = new SnapshotFiles(venue);
  const pair = await TwoTraders.meet(venue, "json", "json");
  for (let i = 0; i < 60; i++) await pair.ann.place("BUY", 40 + i, 5);
  const { tick, seq, trades, open_orders, cash_total } = await stateOf(venue);
  const expected = { tick, seq, trades, open_orders, cash_total };
  await venue.server.kill();
  pair[Symbol.dispose]();
  // From the journal alone.
  {
    await using server = await ServerProcess.start(venue.dataDir, { config: raised });
    expect(await server.ask<State>("GET", "/state")).toMatchObject(expected);
  }
  await venue.restart();
  for (let i = 0; i < 3; i++) expect((await takeSnapshot(venue)).status).toBe(200);
  await venue.server.kill();
  // From a snapshot of the smaller number.
  await using server = await ServerProcess.start(venue.dataDir, { config: raised });
  expect(await server.ask<State>("GET", "/state")).toMatchObject(expected);
  expect(await files.names(".unusable")).toEqual([]);
});
