import { afterAll, beforeAll, expect, test } from "bun:test";
import { type User, Venue } from "./venue.ts";
import { answerOf, linesOf, waiver } from "./waiver-command.ts";
import type { Members } from "./wire-client.ts";

interface Page {
  readonly entries: Members[];
  readonly next_seq: number | null;
}

let venue: Venue;
let ann: User;
let bob: User;
let symbol: string;

/** What ann and bob do to each other, and the operator to both. */
beforeAll(async () => {
  venue = await Venue.open();
  symbol = venue.symbol();
  ann = await venue.user({ cash: 1000, positions: { [symbol]: 10 } });
  bob = await venue.user({ cash: 10_000 });
  using seller = await venue.connect("/orders", "json", ann);
  using buyer = await venue.connect("/orders", "msgpack", bob);
  const order = { symbol, type: "LIMIT" };
  await seller.result("order.place", { ...order, side: "SELL", price: 50, quantity: 4 });
  await buyer.result("order.place", { ...order, side: "BUY", price: 60, quantity: 10 });
  await buyer.request("order.place", { ...order, side: "BUY", price: 60, quantity: 10_000 });
  const resting = await seller.result("order.place", {
    ...order,
    side: "SELL",
    price: 70,
    quantity: 1,
  });
  await venue.server.ask("POST", `/orders/${resting.order_id}/cancel`);
  await buyer.result("order.cancel_all");
  await venue.server.ask("POST", `/symbols/${symbol}/halt`);
  await venue.server.ask("DELETE", `/keys/${ann.api_key}`);
});
afterAll(() => venue[Symbol.asyncDispose]());

const everything = (...args: string[]): Promise<string> =>
  answerOf("audit", "--all", "--json", "--data-dir", venue.dataDir, ...args);
const audit = (...args: string[]): Promise<Members[]> =>
  linesOf("audit", "--json", "--data-dir", venue.dataDir, ...args);
const page = (query: string): Promise<Page> => venue.server.ask("GET", `/audit${query}`);

/** Who did what, and what came of it, in few words. */
function summary({ actor, kind, account, result, error, events }: Members): unknown[] {
  const { order } = (result ?? {}) as { order?: Members };
  const outcome = error === undefined ? (order?.status ?? "done") : (error as Members).name;
  return [
    actor,
    kind,
    account,
    outcome,
    (events as Members[]).flatMap((event) => Object.keys(event)),
  ];
}

test("the audit of an account has the actions of its user, of others and of the operator, with their outcomes", async () => {
  const entries = await audit("--account", ann.account_id);
  expect(entries.map(summary)).toEqual([
    [ann.user_id, "OPEN_ACCOUNT", ann.account_id, "done", []],
    ["exchange", "DEPOSIT_CASH", ann.account_id, "done", []],
    ["exchange", "DEPOSIT_SHARES", ann.account_id, "done", []],
    ["exchange", "NOTE", undefined, "done", []],
    [ann.user_id, "PLACE", ann.account_id, "ACCEPTED", []],
    [bob.user_id, "PLACE", bob.account_id, "PARTIALLY_FILLED", ["trade"]],
    [ann.user_id, "PLACE", ann.account_id, "ACCEPTED", []],
    ["exchange", "CANCEL", "acc_0", "CANCELLED", []],
    ["exchange", "NOTE", undefined, "done", []],
  ]);
  expect(entries[3]?.text).toBe(`key.create ${ann.user_id} ${ann.api_key}`);
  expect(entries[8]?.text).toBe(`key.revoke ${ann.user_id} ${ann.api_key}`);
  const trade = {
    ...{ symbol, price: 50, quantity: 4 },
    maker: { account: ann.account_id, side: "SELL", status: "FILLED" },
    taker: { account: bob.account_id, side: "BUY", status: "PARTIALLY_FILLED" },
  };
  expect(entries[5]).toMatchObject({ events: [{ trade }] });
});

test("the audit can be narrowed to a user and a symbol, and to a part of the time, for programs and people", async () => {
  const filter = ["--user", bob.user_id, "--symbol", symbol];
  const entries = await audit(...filter);
  expect(entries.map(summary)).toEqual([
    [bob.user_id, "PLACE", bob.account_id, "PARTIALLY_FILLED", ["trade"]],
    [bob.user_id, "PLACE", bob.account_id, "INSUFFICIENT_FUNDS", []],
    [bob.user_id, "CANCEL_ALL", bob.account_id, "done", ["order"]],
  ]);
  const [, second] = entries;
  expect(await audit(...filter, "--limit", "1", "--from", `tick:${second?.tick}`)).toEqual([
    second as Members,
  ]);
  const text = await answerOf("audit", "--data-dir", venue.dataDir, ...filter);
  expect(text).toMatch(/refused: 40906 INSUFFICIENT_FUNDS/);
  expect(text).toMatch(/trade 1: 4 at 50, taker ord_\d+ of acc_2, maker ord_\d+ of acc_1/);
});

test("without --from people get the newest entries and programs all; --limit counts from the end, with --all from the start", async () => {
  const all = await audit("--all");
  const run = (...args: string[]) => waiver("audit", "--data-dir", venue.dataDir, ...args);
  const { code, out, err } = await run();
  expect(code).toBe(0);
  expect(out.match(/^\S.*$/gm)).toHaveLength(21);
  expect(err).toMatch(/^Earlier entries are left out: --limit <n> .*, --from .*, --all .*\n$/);
  expect(await audit()).toEqual(all);
  expect(await audit("--limit", "3")).toEqual(all.slice(-3));
  expect(await audit("--all", "--limit", "3")).toEqual(all.slice(0, 3));
  expect((await run("--user", bob.user_id)).err).toBe("");
  const both = await run("--all", "--from", "1");
  expect([both.code, both.err]).toEqual([2, expect.stringContaining("--all")]);
});

test("pages over HTTP are the audit of the command, from the first entry to the last", async () => {
  const all = await audit("--all");
  const pages: Page[] = [];
  for (let next: number | null = 1; next !== null; next = pages.at(-1)?.next_seq ?? null) {
    pages.push(await page(`?from_seq=${next}&limit=200`));
  }
  expect(pages.flatMap(({ entries }) => entries)).toEqual(all);
  expect(pages.map(({ entries }) => entries.length).slice(0, -1)).toEqual(
    pages.slice(1).map(() => 200),
  );
  expect((await page("")).entries.length).toBe(100);
  expect(await page("?from_seq=0&limit=2")).toEqual(await page("?from_seq=1&limit=2"));
  expect(await page(`?from_seq=${all.length + 1}`)).toEqual({ entries: [], next_seq: null });
});

test("a running exchange gives the same audit as the command, for every filter", async () => {
  const { url } = venue.server;
  const token = await venue.server.adminToken();
  const at = (await audit("--user", bob.user_id, "--limit", "1"))[0] as Members;
  const time = new Date(at.timestamp as number).toISOString();
  for (const filter of [
    ["--from", `tick:${at.tick}`, "--account", ann.account_id],
    ["--from", time, "--to", `tick:${at.tick}`, "--user", bob.user_id, "--symbol", symbol],
    ["--by", "root", "--limit", "3"],
    ["--to", "520", "--limit", "2"],
  ]) {
    const asked = await linesOf("audit", "--json", "--url", url, "--token", token, ...filter);
    expect([filter, asked]).toEqual([filter, await audit(...filter)]);
  }
  const { status, body } = await venue.server.admin("GET", "/audit?from=tick:1&from_seq=1");
  expect([status, (body as Members).code]).toEqual([400, 40001]);
  expect((await venue.server.admin("GET", "/audit?from=2027-02-40")).status).toBe(400);
  expect((await venue.server.admin("GET", "/audit?from=2027-02-30")).status).toBe(400);
  expect((await venue.server.admin("GET", "/audit?symbol=NOBODY")).status).toBe(404);
});

test("one page of the audit is made at a time", async () => {
  const replies = await Promise.all(
    [1, 2, 3].map(() => venue.server.admin("GET", "/audit?limit=1")),
  );
  const codes = replies.map(({ status, body }) => [status, (body as Members).code]).sort();
  expect(codes).toEqual([
    [200, undefined],
    [503, 50300],
    [503, 50300],
  ]);
});

test("the audit is the same after a crash", async () => {
  const before = await everything();
  const last = before.trimEnd().split("\n").length;
  await venue.server.kill();
  expect(await everything()).toBe(before);
  await venue.restart();
  expect(await everything("--to", String(last))).toBe(before);
});
