import { afterAll, beforeAll, expect, test } from "bun:test";
import { open, readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { DataDir } from "./server-process.ts";
import { type User, Venue } from "./venue.ts";
import { answerOf, linesOf, startWaiver, waiver } from "./waiver-command.ts";
import type { Members, WireClient } from "./wire-client.ts";

/** Segments that fill in a moment, and ticks that fit into them. */
const CONFIG = "[market]\nring_commands = 1024\n[persistence.local]\nsegment_bytes = 1048576\n";

let venue: Venue;
let user: User;
let symbol: string;

beforeAll(async () => {
  venue = await Venue.open({ config: CONFIG });
  user = await venue.user({ cash: 1_000_000 });
  symbol = venue.symbol();
});
afterAll(() => venue[Symbol.asyncDispose]());

const walDir = (): string => join(venue.dataDir, "wal");
const state = (): Promise<Members> => venue.server.ask<Members>("GET", "/state");

/** In a process of its own, beside which this one trades on. */
async function verify(): Promise<Members> {
  const child = startWaiver("wal", "verify", "--json", "--data-dir", venue.dataDir);
  return JSON.parse(await new Response(child.stdout).text());
}

/** Places and cancels as long as the journal is looked at. */
async function trade(client: WireClient, goesOn: () => boolean): Promise<void> {
  const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  while (goesOn()) {
    await Promise.all(Array.from({ length: 100 }, () => client.result("order.place", order)));
    await client.result("order.cancel_all");
  }
}

test("`wal verify` finds the journal sound while the exchange writes it", async () => {
  using first = await venue.connect("/orders", "json", user);
  using second = await venue.connect("/orders", "msgpack", user);
  const found: Members[] = [];
  const goesOn = () => found.length < 6 || Number(found.at(-1)?.segments) <= 2;
  const load = [first, second].map((client) => trade(client, goesOn));
  while (goesOn()) found.push(await verify());
  await Promise.all(load);
  expect(found.map(({ sound, damage }) => ({ sound, damage }))).toEqual(
    found.map(() => ({ sound: true, damage: null })),
  );
  const { tick, seq } = await state();
  const last = await verify();
  expect(last).toMatchObject({
    directory: walDir(),
    sound: true,
    torn: null,
    first_segment: 1,
    batches: tick,
    records: seq,
    first: { tick: 1, sequence: 1 },
    last: { tick, sequence: seq },
  });
  expect(last.segments).toBeGreaterThan(2);
});

test("a replay gives the state of the exchange", async () => {
  using client = await venue.connect("/orders", "json", user);
  await client.result("order.place", { symbol, side: "BUY", type: "LIMIT", price: 7, quantity: 2 });
  const live = await state();
  const replay = async (...args: string[]): Promise<Members> =>
    JSON.parse(await answerOf("wal", "replay", "--json", "--data-dir", venue.dataDir, ...args));
  const whole = await replay();
  expect(whole).toMatchObject({
    tick: live.tick,
    sequence: live.seq,
    state_hash: live.state_hash,
    open_orders: 1,
    accounts: live.accounts,
    commands: live.seq,
  });
  const later = String(Number(live.tick) + 1000);
  const beyond = await waiver("wal", "replay", "--to-tick", later, "--data-dir", venue.dataDir);
  expect([beyond.code, beyond.err]).toEqual([
    0,
    `The journal ends with tick ${live.tick}, before what was asked for.\n`,
  ]);
  const tick = Number(live.tick) - 1;
  const before = await replay("--to-tick", String(tick));
  expect([before.tick, before.open_orders]).toEqual([tick, 0]);
  expect(before.state_hash).not.toBe(live.state_hash);
});

test("a dump has every record, or those of the filter", async () => {
  const dump = (...args: string[]): Promise<Members[]> =>
    linesOf("wal", "dump", "--data-dir", venue.dataDir, ...args);
  const { seq } = await state();
  const all = await dump();
  expect(all.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: Number(seq) }, (_, index) => index + 1),
  );
  const [opening] = await dump("--kind", "open_account", "--account", user.account_id);
  expect(opening).toEqual({
    sequence: opening?.sequence,
    tick: opening?.tick,
    timestamp: opening?.timestamp,
    kind: "OPEN_ACCOUNT",
    actor: user.user_id,
    account: user.account_id,
    by: "root",
  });
  const wanted = (record: Members): boolean => record.symbol === symbol && record.kind === "PLACE";
  expect(await dump("--symbol", symbol, "--kind", "PLACE")).toEqual(all.filter(wanted));

  const from = Number(opening?.tick);
  expect(await dump("--from", `tick:${from}`, "--to", `tick:${from + 2}`)).toEqual(
    all.filter(({ tick }) => Number(tick) >= from && Number(tick) <= from + 2),
  );
  const time = Number(opening?.timestamp);
  expect(await dump("--from", "3", "--to", new Date(time).toISOString())).toEqual(
    all.filter(({ sequence, timestamp }) => Number(sequence) >= 3 && Number(timestamp) <= time),
  );
});

test("a journal in another directory is compared with the snapshots beside it, not with the exchange's", async () => {
  await using elsewhere = await DataDir.make();
  const copy = elsewhere.path;
  await venue.server.ask("POST", "/backup", { to: copy });
  using client = await venue.connect("/orders", "json", user);
  await client.result("order.place", { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 });
  await venue.server.ask("POST", "/snapshot");
  const options = ["--data-dir", venue.dataDir, "--wal-dir", join(copy, "wal")];
  expect(await answerOf("wal", "verify", ...options)).toEndWith("Sound.\n");
  const replay = await answerOf("wal", "replay", "--json", "--from-snapshot", ...options);
  const verified = await answerOf("wal", "verify", "--json", ...options);
  expect(JSON.parse(replay).tick).toBe(JSON.parse(verified).last.tick);
  expect(await linesOf("audit", "--json", "--limit", "1", ...options)).toHaveLength(1);
});

test("a dump ends without an error when its reader has gone", async () => {
  const child = startWaiver("wal", "dump", "--data-dir", venue.dataDir);
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  expect(value?.length).toBeGreaterThan(0);
  await reader.cancel();
  expect([await child.exited, await new Response(child.stderr).text()]).toEqual([0, ""]);
});

test.each([
  "wal verify --data-dir",
  "wal dump --wal-dir",
  "wal replay --wal-dir",
  "audit --wal-dir",
])("waiver %s: no journal is there", async (command) => {
  const { code, out, err } = await waiver(...command.split(" "), "nowhere/at/all");
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(/^error: there is no journal in .*nowhere\/at\/all/);
});

test.each([
  ["--from yesterday", "a date such as"],
  ["--to tick:x", "a date such as"],
  ["--account usr_1", "an account such as"],
  ["--kind BUY", "one of PLACE"],
])("waiver wal dump %s is not understood", async (option, expected) => {
  const { code, out, err } = await waiver("wal", "dump", ...option.split(" "));
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(expected);
});

test("a torn tail after a kill is not damage; a changed byte is", async () => {
  await using own = await Venue.open({ config: CONFIG });
  const trader = await own.user({ cash: 1_000_000 });
  using client = await own.connect("/orders", "json", trader);
  const order = { symbol: own.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  for (let i = 0; i < 100; i++) {
    await Promise.all(Array.from({ length: 100 }, () => client.result("order.place", order)));
  }
  await own.server.kill();
  const dir = join(own.dataDir, "wal");
  const segments = (await readdir(dir)).filter((name) => name.endsWith(".log")).sort();
  const [firstPath = ""] = segments.map((name) => join(dir, name));
  expect(segments.length).toBeGreaterThan(1);

  const handle = await open(firstPath, "r+");
  const changed = 128 * 300 + 64;
  const byte = new Uint8Array(1);
  await handle.read(byte, 0, 1, changed);
  await handle.write(Uint8Array.of(byte[0] ^ 1), 0, 1, changed);
  const verified = await waiver("wal", "verify", "--json", "--data-dir", own.dataDir);
  expect([verified.code, verified.err]).toEqual([1, ""]);
  const { sound, damage } = JSON.parse(verified.out);
  expect({ sound, damage }).toMatchObject({
    sound: false,
    damage: { file: firstPath, kind: "flipped-bit" },
  });
  expect(damage.offset).toBeWithin(128, changed + 1);
  const text = await waiver("wal", "verify", "--wal-dir", dir);
  expect(text.code).toBe(1);
  expect(text.out).toContain(`Damaged (flipped-bit): ${firstPath}, byte ${damage.offset}: `);
  for (const command of [
    ["wal", "dump"],
    ["wal", "replay"],
    ["audit", "--all"],
  ]) {
    const { code, err } = await waiver(...command, "--wal-dir", dir);
    expect([command, code]).toEqual([command, 1]);
    expect(err).toStartWith(`waiver: ${firstPath}: damaged at byte ${damage.offset}: `);
  }
  await handle.write(byte, 0, 1, changed);
  await handle.close();

  const used: string[] = [];
  for (const name of segments) {
    const bytes = new Uint8Array(await Bun.file(join(dir, name)).arrayBuffer());
    if (bytes.some((each) => each !== 0)) used.push(join(dir, name));
  }
  const last = used.at(-1) ?? "";
  const content = new Uint8Array(await Bun.file(last).arrayBuffer());
  const end = content.findLastIndex((each) => each !== 0) + 1;
  await truncate(last, end - 3);
  const { torn, ...found } = JSON.parse(
    await answerOf("wal", "verify", "--json", "--wal-dir", dir),
  );
  expect(found).toMatchObject({ sound: true, damage: null });
  expect(torn).toMatchObject({ file: last, bytes: expect.any(Number) });
  expect((await stat(last)).size).toBe(end - 3);
  const told = await answerOf("wal", "verify", "--wal-dir", dir);
  expect(told).toContain(`Torn tail: ${last}, byte ${torn.offset}, `);
  expect(told).toEndWith("Sound.\n");
});
