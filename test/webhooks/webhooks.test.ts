import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Network, parseNetwork } from "../../src/lib/ip-address.ts";
import { UntilRestart } from "../../src/lib/until-restart.ts";
import type { Hook, HookOwner } from "../../src/webhooks/hook.ts";
import { HookStore } from "../../src/webhooks/hook-store.ts";
import type { Standing } from "../../src/webhooks/webhook-standing.ts";
import { type WantedHook, Webhooks, whyFull } from "../../src/webhooks/webhooks.ts";
import { type GatewayRig, openGateway } from "../gateway/rig.ts";
import { flushes } from "../host/flushes.ts";
import { eventually } from "../lib/eventually.ts";
import { turn } from "../lib/until.ts";

const DAY_MS = 86_400_000;
/** Of the one account that `open` makes. */
const ownerOf = (user: number): HookOwner => ({ user, accounts: [1] });
const OWNER = ownerOf(1);
const directories: string[] = [];
const rigs: GatewayRig[] = [];
const servers: Bun.Server<undefined>[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  for (const rig of rigs.splice(0)) await rig[Symbol.asyncDispose]();
});

interface Delivery {
  id: string;
  body: { id: string; webhook_id: string; data: { seq: number; event: string; timestamp: number } };
  isSigned: boolean;
}

/** A user who trades, and a receiver that answers as it is told. */
async function open() {
  const rig = await openGateway();
  rigs.push(rig);
  const keys = await rig.createUser();
  const account = rig.view.nextAccount() - 1;
  const trader = rig.connectAs(keys, "orders");
  const received: Delivery[] = [];
  const state = {
    ...{ status: 200, secret: "" },
    users: {} as Record<number, Standing>,
    keys: {} as Record<string, Standing>,
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request): Promise<Response> {
      const text = await request.text();
      const { headers } = request;
      const stamped = `${headers.get("x-waiver-timestamp")}.${text}`;
      const signature = createHmac("sha256", state.secret).update(stamped).digest("hex");
      received.push({
        id: headers.get("x-waiver-delivery") ?? "",
        body: JSON.parse(text),
        isSigned: headers.get("x-waiver-signature") === `v1=${signature}`,
      });
      const headersOfAnswer = { Location: `http://127.0.0.1:${server.port}/elsewhere` };
      return new Response("x".repeat(1_000_000), {
        status: state.status,
        headers: headersOfAnswer,
      });
    },
  });
  servers.push(server as Bun.Server<undefined>);
  const dataDir = mkdtempSync(join(tmpdir(), "waiver-webhooks-"));
  directories.push(dataDir);
  const time = { monotonic: 0 };
  const warnings: string[] = [];
  const start = (more: { timeoutMs?: number } = {}) => {
    const webhooks = new Webhooks({
      streams: rig.streams,
      dataDir,
      exchange: "one",
      allowedNetworks: [parseNetwork("127.0.0.0/8") as Network],
      standing: ({ user, apiKey }) => state.keys[apiKey ?? ""] ?? state.users[user] ?? "stands",
      log: { info: () => {}, warn: (_, message) => void warnings.push(message), error: () => {} },
      now: () => rig.clock.now,
      monotonic: () => time.monotonic,
      random: () => 1,
      ...more,
    });
    webhooks.start();
    return webhooks;
  };
  return {
    ...rig,
    account,
    dataDir,
    received,
    state,
    time,
    warnings,
    url: `http://127.0.0.1:${server.port}/hook`,
    start,
    wanted: (user: number, more: Partial<WantedHook> = {}): WantedHook => ({
      ...{ user, userSince: 0, account, apiKey: null, events: ["order"] as const },
      url: `http://127.0.0.1:${server.port}/hook`,
      ...more,
    }),
    /** Places an order, which is two events: the order and the balance; how many there are then. */
    async order(): Promise<number> {
      const before = rig.streams.lastSeq(account);
      const order = { symbol: "SYMBOL_0", side: "BUY", type: "LIMIT", quantity: 1, price: 5 };
      rig.send(trader, { method: "order.place", params: order });
      while (rig.streams.lastSeq(account) < before + 2) await turn();
      return rig.streams.lastSeq(account);
    },
    until: eventually,
  };
}

const seqs = (deliveries: readonly Delivery[]): number[] =>
  deliveries.map(({ body }) => body.data.seq);

describe("events of an account", () => {
  test("are posted in order, signed, as they were pushed, and those alone that are wanted", async () => {
    const it = await open();
    const webhooks = it.start();
    const begin = it.streams.lastSeq(it.account);
    const hook = await webhooks.create(it.wanted(1));
    it.state.secret = hook.secret;
    await it.order();
    const last = await it.order();
    await it.until(() => webhooks.of(OWNER)[0]?.seq === last);
    expect(seqs(it.received)).toEqual([begin + 1, begin + 3]);
    expect(it.received.map(({ isSigned }) => isSigned)).toEqual([true, true]);
    const id = `whk_1-acc_${it.account}-${begin + 1}-${it.received[0]?.body.data.timestamp}`;
    expect(it.received[0]?.id).toBe(id);
    expect(it.received[0]?.body).toEqual({
      id,
      webhook_id: "whk_1",
      account_id: `acc_${it.account}`,
      stream: "user_data",
      data: expect.objectContaining({ event: "order", status: "ACCEPTED", price: 5 }),
    } as never);
    expect(webhooks.of(OWNER)).toEqual([
      expect.objectContaining({ url: it.url, error: null, dead_letters: 0 }),
    ]);
    expect(JSON.stringify(webhooks.of())).not.toContain(hook.secret);
    await webhooks.stop();
  });

  test.each([500, 302, 404])(
    "that are answered %p come again, later and later, in order",
    async (status) => {
      const it = await open();
      const webhooks = it.start();
      await webhooks.create(it.wanted(1));
      it.state.status = status;
      await it.order();
      const last = await it.order();
      // With the jitter at its most, after 1, 2 and 4 seconds.
      for (const [attempts, wait] of [
        [1, 1000],
        [2, 2000],
        [3, 4000],
      ] as const) {
        await it.until(() => it.received.length === attempts);
        await it.until(() => webhooks.of(OWNER)[0]?.failures === attempts);
        it.time.monotonic += wait;
      }
      expect(it.received).toHaveLength(3);
      expect(webhooks.of(OWNER)[0]?.error).toBe(`status ${status}`);
      it.state.status = 204;
      await it.until(() => webhooks.of(OWNER)[0]?.seq === last);
      expect(seqs(it.received)).toEqual([last - 3, last - 3, last - 3, last - 3, last - 1]);
      expect(new Set(it.received.map(({ id }) => id)).size).toBe(2);
      await webhooks.stop();
    },
  );

  test("that nobody takes for a day, a dozen times in a row, are dead letters, and sent again when asked", async () => {
    const it = await open();
    const webhooks = it.start();
    await webhooks.create(it.wanted(1));
    it.state.status = 503;
    const first = (await it.order()) - 1;
    const last = await it.order();
    // By the wall clock alone, which was set.
    it.clock.now += DAY_MS;
    for (let failures = 1; failures < 12; failures++) {
      await it.until(() => webhooks.of(OWNER)[0]?.failures === failures);
      it.time.monotonic += DAY_MS;
    }
    await it.until(() => webhooks.of(OWNER)[0]?.seq === last);
    expect(seqs(it.received)).toEqual([...Array(12).fill(first), last - 1]);
    const dead = [last - 3, last - 1].map((seq) => ({
      seq,
      failed_at: it.clock.now,
      error: "status 503",
    }));
    expect(webhooks.deadLetters("whk_1", OWNER)).toEqual(dead);
    it.state.status = 504;
    const failed = it.received.length;
    expect(webhooks.resend("whk_1", OWNER)).toEqual({ queued: 2 });
    await it.until(() => it.received.length > failed);
    // Until one fails, which stays on the list.
    await it.until(() => webhooks.of(OWNER)[0]?.error === "status 504");
    expect(it.received).toHaveLength(failed + 1);
    expect(webhooks.deadLetters("whk_1", OWNER)).toEqual(dead);
    it.state.status = 200;
    const before = it.received.length;
    // Over a restart.
    await webhooks.stop();
    const after = it.start();
    expect(after.deadLetters("whk_1", OWNER)).toEqual(dead);
    // Asked for twice, each is sent once.
    expect(after.resend("whk_1", OWNER)).toEqual({ queued: 2 });
    expect(after.resend("whk_1", OWNER)).toEqual({ queued: 2 });
    await it.until(() => after.of(OWNER)[0]?.dead_letters === 0);
    expect(seqs(it.received.slice(before))).toEqual([last - 3, last - 1]);
    await after.stop();
  });

  test("come after a crash from where it was, with the ids that they had", async () => {
    const it = await open();
    const webhooks = it.start();
    await webhooks.create(it.wanted(1, { events: ["order", "balance", "position"] }));
    it.state.status = 500;
    const last = await it.order();
    await it.until(() => it.received.length === 1);
    // Nothing is written at the end: as a crash leaves it.
    it.state.status = 200;
    const after = it.start();
    await it.until(() => after.of(OWNER)[0]?.seq === last);
    const [first, again, next] = it.received.map(({ id }) => id);
    expect([first, seqs(it.received)]).toEqual([again as string, [last - 1, last - 1, last]]);
    expect(next).not.toBe(first);
    await after.stop();
    await webhooks.stop();
  });

  test("that came after a restore to an earlier moment are all posted, also over a restart, and no letters of before", async () => {
    const it = await open();
    const before = it.start();
    const { webhook_id } = await before.create(it.wanted(1));
    await before.stop();
    const end = it.streams.lastSeq(it.account);
    // As the file was when the exchange had come further.
    const store = new HookStore(it.dataDir, "one");
    const [hook] = store.hooks();
    store.bury(hook as Hook, { seq: end + 20, failed_at: 1, error: "status 500" });
    await store.close();
    it.state.status = 500;
    const down = it.start();
    expect(down.deadLetters(webhook_id)).toEqual([]);
    expect(down.of()[0]).toMatchObject({ seq: end, dead_letters: 0 });
    while (it.streams.lastSeq(it.account) < end + 20) await it.order();
    await down.stop();
    it.state.status = 200;
    const heard = it.received.length;
    const after = it.start();
    await it.until(() => after.of()[0]?.seq === it.streams.lastSeq(it.account));
    const told = seqs(it.received.slice(heard));
    expect(told).toEqual(Array.from({ length: 10 }, (_, i) => end + 1 + 2 * i));
    await after.stop();
  });
});

test("one that is down holds up no other", async () => {
  const it = await open();
  const webhooks = it.start();
  await webhooks.create(it.wanted(1, { url: "http://127.0.0.1:1/" }));
  await webhooks.create(it.wanted(1));
  const last = await it.order();
  await it.until(() => webhooks.of(OWNER).some(({ seq }) => seq === last));
  await it.until(() => webhooks.of(OWNER).some(({ error }) => error !== null));
  expect(it.received).toHaveLength(1);
  await webhooks.stop();
});

test("a login for one account sees and touches none of the user's other accounts", async () => {
  const it = await open();
  const webhooks = it.start();
  const { webhook_id: id } = await webhooks.create(it.wanted(1));
  const bound: HookOwner = { user: 1, accounts: [2] };
  expect(webhooks.of(bound)).toEqual([]);
  expect([webhooks.deadLetters(id, bound), webhooks.resend(id, bound)]).toEqual([null, null]);
  expect(await webhooks.delete(id, bound)).toBe(false);
  expect(webhooks.of(OWNER)).toHaveLength(1);
});

test("a user has ten at most, and sees and touches none of another's", async () => {
  const it = await open();
  const webhooks = it.start();
  const create = (user: number) => webhooks.create(it.wanted(user));
  for (let i = 0; i < 10; i++) await create(1);
  await expect(create(1)).rejects.toThrow("At most 10 webhooks a user");
  const other = await create(2);
  expect(webhooks.of(OWNER)).toHaveLength(10);
  expect(webhooks.of(ownerOf(2)).map(({ webhook_id }) => webhook_id)).toEqual([other.webhook_id]);
  const id = other.webhook_id;
  expect(await webhooks.delete(id, OWNER)).toBe(false);
  expect([webhooks.deadLetters(id, OWNER), webhooks.resend(id, OWNER)]).toEqual([null, null]);
  expect(await webhooks.delete(id, ownerOf(2))).toBe(true);
  expect(webhooks.of(ownerOf(2))).toEqual([]);
  await expect(webhooks.create(it.wanted(2, { url: "https://10.0.0.1/" }))).rejects.toThrow(
    /^Its host has no public address$/,
  );
  await webhooks.stop();
});

test("receivers that hang take two places of each user, and none of others", async () => {
  const it = await open();
  let hanging = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => {
      hanging++;
      return new Promise<Response>(() => undefined);
    },
  });
  servers.push(server as Bun.Server<undefined>);
  const webhooks = it.start();
  const url = `http://127.0.0.1:${server.port}/`;
  for (let i = 0; i < 20; i++) {
    await webhooks.create(it.wanted((i % 2) + 1, { url }));
  }
  await webhooks.create(it.wanted(3));
  const last = await it.order();
  await it.until(() => webhooks.of(ownerOf(3))[0]?.seq === last && hanging > 0);
  expect(hanging).toBeLessThanOrEqual(4);
  await webhooks.stop();
});

test("however many users' receivers hang, others get theirs before any of these is given up", async () => {
  const it = await open();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Promise<Response>(() => undefined),
  });
  servers.push(server as Bun.Server<undefined>);
  // Nobody waits for so long.
  const webhooks = it.start({ timeoutMs: 3_600_000 });
  const url = `http://127.0.0.1:${server.port}/`;
  for (let i = 0; i < 40; i++) await webhooks.create(it.wanted((i % 20) + 1, { url }));
  await webhooks.create(it.wanted(99));
  const last = await it.order();
  await it.until(() => webhooks.of(ownerOf(99))[0]?.seq === last);
  await webhooks.stop();
});

test("each has one post, then the others have their turn", async () => {
  const it = await open();
  const webhooks = it.start();
  it.state.status = 500;
  for (let i = 0; i < 3; i++) {
    await webhooks.create(it.wanted(1));
  }
  for (let i = 0; i < 5; i++) await it.order();
  await it.until(() => webhooks.of(OWNER).every(({ failures }) => failures > 0));
  await webhooks.stop();
  it.received.length = 0;
  it.state.status = 200;
  const after = it.start();
  await it.until(() => it.received.length === 15);
  const hooks = it.received.map(({ body }) => body.webhook_id);
  expect(new Set(hooks.slice(0, 4)).size).toBe(3);
  await after.stop();
});

test("those of a disabled user wait until he is enabled again", async () => {
  const it = await open();
  const webhooks = it.start();
  await webhooks.create(it.wanted(1));
  const other = await webhooks.create(it.wanted(2));
  it.state.users = { 1: "waits" };
  const last = await it.order();
  await it.until(() => webhooks.of(ownerOf(2))[0]?.seq === last);
  expect(it.received.map(({ body }) => body.webhook_id)).toEqual([other.webhook_id]);
  it.state.users = {};
  await it.until(() => webhooks.of(OWNER)[0]?.seq === last);
  await webhooks.stop();
});

test("they end with the key that they were made with, also while the exchange is down", async () => {
  const it = await open();
  const webhooks = it.start();
  for (const apiKey of ["a", "b", null]) await webhooks.create(it.wanted(1, { apiKey }));
  const ids = (of: Webhooks) => of.of(OWNER).map(({ webhook_id }) => webhook_id);
  it.state.keys = { a: "waits" };
  const last = await it.order();
  await it.until(() => webhooks.of(OWNER).filter(({ seq }) => seq === last).length === 2);
  expect(it.received.map(({ body }) => body.webhook_id).sort()).toEqual(["whk_2", "whk_3"]);
  it.state.keys = { a: "over" };
  webhooks.endOver();
  await it.until(() => webhooks.of(OWNER).length === 2);
  await webhooks.stop();
  it.state.keys = { a: "over", b: "over" };
  const after = it.start();
  await it.until(() => after.of(OWNER).length === 1);
  expect(ids(after)).toEqual(["whk_3"]);
  // A number is given once.
  expect((await after.create(it.wanted(1))).webhook_id).toBe("whk_4");
  await after.stop();
});

test("one is never older than its user, also if the clock is set back", async () => {
  const it = await open();
  const webhooks = it.start();
  const later = it.clock.now + 1000;
  expect(await webhooks.create(it.wanted(1, { userSince: later }))).toMatchObject({
    created_at: later,
  });
  await webhooks.stop();
});

test("a disk that takes nothing is told of once, however often it is tried again", async () => {
  const it = await open();
  const webhooks = it.start();
  const { webhook_id } = await webhooks.create(it.wanted(1));
  await webhooks.create(it.wanted(1, { apiKey: "a" }));
  it.state.keys = { a: "over" };
  {
    using _ = flushes(() => Promise.reject(new Error("EIO: i/o error, fdatasync")));
    await expect(webhooks.delete(webhook_id)).rejects.toBeInstanceOf(UntilRestart);
  }
  for (let i = 0; i < 3; i++) webhooks.endOver();
  // Behind those.
  await expect(webhooks.delete(webhook_id)).rejects.toBeInstanceOf(UntilRestart);
  expect(webhooks.trouble()).toContain("EIO");
  expect(it.warnings).toEqual(["webhooks cannot be written"]);
  await expect(webhooks.stop()).rejects.toThrow("EIO");
});

test("what cannot be written is not there, and what cannot be deleted is back after a restart", async () => {
  const it = await open();
  const webhooks = it.start();
  const create = () => webhooks.create(it.wanted(1));
  const { webhook_id } = await create();
  using other = new Database(join(it.dataDir, "webhooks.sqlite"));
  other.run("BEGIN IMMEDIATE");
  await expect(create()).rejects.toThrow("database is locked");
  const deleted = new UntilRestart("The webhook whk_1 is deleted", { cause: expect.anything() });
  await expect(webhooks.delete(webhook_id, OWNER)).rejects.toEqual(deleted);
  expect(webhooks.of(OWNER)).toEqual([]);
  expect(await webhooks.delete(webhook_id, ownerOf(2))).toBe(false);
  other.run("COMMIT");
  expect((await create()).webhook_id).toBe("whk_2");
  await webhooks.stop();
  const after = it.start();
  expect(after.of(OWNER).map((hook) => hook.webhook_id)).toEqual(["whk_1", "whk_2"]);
  other.run("BEGIN IMMEDIATE");
  await expect(after.delete(webhook_id, OWNER)).rejects.toEqual(deleted);
  other.run("COMMIT");
  expect([await after.delete(webhook_id, OWNER), await after.delete(webhook_id, OWNER)]).toEqual([
    true,
    false,
  ]);
  await after.stop();
  const last = it.start();
  expect(last.of(OWNER).map((hook) => hook.webhook_id)).toEqual(["whk_2"]);
  await last.stop();
});

test("the last webhooks are for users who have none, and who gets none hears why", () => {
  expect(whyFull(9, 8_999)).toBeNull();
  expect(whyFull(10, 10)).toContain("At most 10 webhooks a user");
  expect(whyFull(1, 9_000)).toContain("Only 1000 webhooks are left");
  expect(whyFull(0, 9_000)).toBeNull();
  expect(whyFull(0, 9_999)).toBeNull();
  expect(whyFull(0, 10_000)).toContain("has 10000 webhooks");
});
