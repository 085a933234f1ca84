/** Every command against a real exchange: what it prints with `--json` holds to its published schema. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { ANSWERS, type AnswerName, LINE_ANSWERS } from "../../src/admin/cli/answers.ts";
import { runHere } from "../admin/cli/run-here.ts";
import { reply, SleeperStandIn, sleeperPlayer } from "../players/support/sleeper-stand-in.ts";
import { type User, Venue } from "./venue.ts";
import { linesOf, waiver } from "./waiver-command.ts";
import type { Members } from "./wire-client.ts";

/** Whose answers archive.test.ts holds to their schemas, where there is an S3 server. */
const WITH_AN_ARCHIVE = ["archive status", "archive push", "archive verify", "restore"];

const PLAYERS = ["KC", "BUF"].flatMap((team, i) =>
  ["QB", "WR", "K", "TE"].map((position, k) =>
    sleeperPlayer(String(10 * i + k + 1), { team, position, full_name: `${team} ${position}son` }),
  ),
);

let venue: Venue;
let sleeper: SleeperStandIn;
let user: User;
let other: User;
let symbol: string;
let orders: string[];

/** Two who trade, orders open and done, a webhook and a window: something for every command to show. */
beforeAll(async () => {
  sleeper = new SleeperStandIn(reply(...PLAYERS));
  const hooks = `[webhooks]\nallowed_networks = ["127.0.0.1"]\n`;
  const auth = "[gateway.auth]\nsign_up = true\n";
  const config = `${hooks}${auth}[players]\nsleeper_base_url = "${sleeper.baseUrl}"\n`;
  venue = await Venue.open({ config });
  symbol = venue.symbol();
  user = await venue.user({ cash: 1_000_000, positions: { [symbol]: 10 } });
  other = await venue.user({ cash: 1_000_000 });
  using seller = await venue.connect("/orders", "json", user);
  using buyer = await venue.connect("/orders", "json", other);
  const place = async (client: typeof seller, order: object) =>
    String((await client.result("order.place", { symbol, type: "LIMIT", ...order })).order_id);
  orders = [
    await place(seller, { side: "SELL", price: 50, quantity: 4 }),
    await place(buyer, { side: "BUY", price: 50, quantity: 4 }),
    await place(seller, { side: "SELL", price: 60, quantity: 3 }),
    await place(seller, { side: "SELL", price: 61, quantity: 3 }),
  ];
  const { api_key, api_secret } = user;
  const made = await fetch(`${venue.server.url}/api/v1/webhooks`, {
    method: "POST",
    headers: { "X-API-KEY": api_key, "X-API-SECRET": api_secret },
    body: JSON.stringify({ url: "http://127.0.0.1:1/" }),
  });
  expect(made.status).toBe(200);
  const person = JSON.stringify({ name: "lena", password: "a long enough one" });
  const users = `${venue.server.url}/api/v1/users`;
  expect((await fetch(users, { method: "POST", body: person, headers: JSON_BODY })).status).toBe(
    201,
  );
});
afterAll(async () => {
  await venue[Symbol.asyncDispose]();
  await sleeper[Symbol.asyncDispose]();
});

const JSON_BODY = { "Content-Type": "application/json" };

/** In this order, as some need what others did. */
const RUNS: readonly [AnswerName, () => string[]][] = [
  ["status", () => []],
  ["live", () => []],
  ["state", () => []],
  ["state", () => ["--symbols"]],
  ["user create", () => ["--name", "ann", "--cash", "5", "--burst-limit", "7"]],
  ["user list", () => []],
  ["user disable", () => ["usr_4", "--yes"]],
  ["user password", () => ["usr_3", "--yes"]],
  ["user enable", () => ["usr_4"]],
  ["user limits", () => ["usr_4", "--burst-limit", "9", "--open-orders", "50"]],
  ["user fees", () => ["usr_4", "--maker", "-1", "--taker", "4"]],
  ["user short", () => ["usr_4", "on"]],
  ["key create", () => ["usr_4", "--permission", "trade"]],
  ["key list", () => ["usr_4"]],
  ["key expire", () => [other.api_key, "--never"]],
  ["key revoke", () => [other.api_key, "--yes"]],
  ["account open", () => [user.user_id, "--cash", "5", "--position", `${symbol}=2`]],
  ["user fees", () => ["acc_5", "--maker", "1", "--taker", "2"]],
  ["account show", () => [user.account_id]],
  ["account deposit", () => [user.account_id, "--cash", "5", "--position", `${symbol}=2`]],
  ["account withdraw", () => [user.account_id, "--cash", "5", "--position", `${symbol}=2`]],
  ["deposit", () => [user.account_id, "--cash", "5"]],
  ["account orders", () => [user.account_id, "--symbol", symbol]],
  ["account orders", () => [user.account_id, "--done"]],
  ["account trades", () => [user.account_id]],
  ["account trace", () => [user.account_id, "on", "--seconds", "5"]],
  ["players search", () => ["kc"]],
  ["players sync", () => []],
  ["book", () => [symbol]],
  ["trades", () => [symbol]],
  ["candles", () => [symbol]],
  ["symbol list", () => ["--state", "trading"]],
  ["symbol halt", () => [symbol, "--yes"]],
  ["symbol resume", () => ["--all", "--yes"]],
  ["symbol pre-open", () => [symbol, "--yes"]],
  ["symbol auction", () => [symbol, "--yes"]],
  ["symbol cancel-only", () => ["--position", "K", "--yes"]],
  ["symbol bands", () => [symbol, "--percent", "12.5", "--reference", "50", "--yes"]],
  ["symbol show", () => [symbol]],
  ["order show", () => [orders[0] as string]],
  ["order show", () => [orders[2] as string]],
  ["order cancel", () => [orders[2] as string]],
  ["order cancel-all", () => ["--account", user.account_id, "--yes"]],
  ["maintenance schedule", () => ["--from", "2096-01-01", "--to", "2096-01-02", "New disks"]],
  ["maintenance list", () => []],
  ["maintenance cancel", () => ["mnt_1"]],
  ["snapshot", () => []],
  ["backup", () => ["--to", join(venue.dataDir, "..", "backup")]],
  ["admin-token create", () => ["--name", "ann", "--role", "read"]],
  ["admin-token list", () => []],
  ["admin-token revoke", () => ["ann", "--yes"]],
  ["wal verify", () => []],
  ["wal dump", () => []],
  ["wal replay", () => []],
  ["webhook list", () => []],
  ["webhook dead-letters", () => ["whk_1"]],
  ["webhook resend", () => ["whk_1"]],
  ["webhook delete", () => ["whk_1", "--yes"]],
  ["audit", () => ["--all"]],
  ["config check", () => []],
  ["config print", () => []],
  ["config print", () => ["--running"]],
  ["config diff", () => ["--running"]],
  ["version", () => []],
];

/** A command on the venue. */
const onVenue = (name: string, ...args: string[]): string[] => [
  ...name.split(" "),
  ...args,
  ...["--url", venue.server.url, "--data-dir", venue.dataDir],
];
const run = (name: string, ...args: string[]) => waiver(...onVenue(name, ...args));

test("every command's JSON output fits its published schema", async () => {
  for (const [name, args] of RUNS) {
    const { code, out, err } = await run(name, ...args(), "--json");
    expect({ name, code, err }).toEqual({ name, code: 0, err: "" });
    const texts = LINE_ANSWERS.has(name) ? out.trimEnd().split("\n") : [out];
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) {
      const faults = [...Value.Errors(ANSWERS[name], JSON.parse(text))];
      expect({ name, faults: faults.map(({ path, message }) => `${path}: ${message}`) }).toEqual({
        name,
        faults: [],
      });
    }
  }
  const tried = new Set<string>([...RUNS.map(([name]) => name), ...WITH_AN_ARCHIVE]);
  expect(Object.keys(ANSWERS).filter((name) => !tried.has(name))).toEqual([]);
});

test("a command that takes long shows its progress", async () => {
  for (const [name, what] of [
    ["wal verify", "verifying ["],
    ["wal replay", "replaying ["],
  ] as const) {
    const args = [...name.split(" "), "--data-dir", venue.dataDir];
    const { code, err } = await runHere(args, { msPerLook: 500 });
    expect([name, code, err.includes(what)]).toEqual([name, 0, true]);
    expect(err).toEndWith("\r\x1b[K");
  }
});

/** Those that show something and change nothing can be run once more. */
const SHOWN: readonly [string, ...string[]][] = [
  ["status"],
  ["state"],
  ["user list"],
  ["user limits", "usr_4"],
  ["user fees", "usr_4"],
  ["key list", "usr_4"],
  ["account show", "acc_1"],
  ["account orders", "acc_1", "--done"],
  ["account trades", "acc_1"],
  ["players search", "kc"],
  ["symbol list"],
  ["maintenance list"],
  ["admin-token list"],
  ["wal verify"],
  ["webhook list"],
  ["config check"],
  ["config print"],
  ["config diff"],
  ["audit", "--limit", "3"],
];

test("each command shows people the same data as programs", async () => {
  for (const [name, ...args] of SHOWN) {
    const { code, out, err } = await run(name, ...args);
    expect({ name, code, err }).toEqual({ name, code: 0, err: "" });
    expect(out.trim()).not.toBe("");
    expect(out).not.toContain("undefined");
    expect(out).not.toContain("[object");
  }
});

const json = async (name: string, ...args: string[]): Promise<Members> =>
  JSON.parse((await run(name, ...args, "--json")).out) as Members;

test("what an operator sets takes effect, and is shown", async () => {
  const { user_id, account_id } = user;
  expect(
    await json("user limits", user_id, "--open-orders", "2", "--burst-limit", "3"),
  ).toMatchObject({
    rate_limits: { burst_limit: 3 },
    settings: { limits: { open_orders: 2 } },
  });
  expect(await json("user fees", user_id, "--taker", "7")).toMatchObject({
    settings: { own_fees: true, maker_bps: 0, taker_bps: 7 },
  });
  expect(await json("user short", user_id, "on")).toMatchObject({
    settings: { own_fees: true, taker_bps: 7, may_short: true, limits: { open_orders: 2 } },
  });
  expect(
    await json("user limits", user_id, "--open-orders", "0", "--burst-limit", "0"),
  ).toMatchObject({ settings: { may_short: true, limits: { open_orders: 0 } } });
  expect(await json("user fees", user_id, "--as-everybody")).toMatchObject({
    settings: { own_fees: false, taker_bps: 0, may_short: true },
  });
  expect(await json("account withdraw", account_id, "--cash", "7")).toMatchObject({ account_id });
});

test("one command changes the symbols of a team, of a position, or all of them", async () => {
  const states = async () => {
    const { symbols } = (await json("symbol list")) as { symbols: Members[] };
    return symbols;
  };
  const all = await states();
  const [{ team, position } = {}] = all;
  const ofTeam = all.filter((each) => each.team === team);
  expect(await json("symbol halt", "--team", String(team), "--yes")).toMatchObject({
    symbols: ofTeam.map((each) => each.symbol),
    state: "HALTED",
  });
  const halted = (await states()).filter(({ state }) => state === "HALTED");
  expect(halted.map((each) => each.symbol)).toEqual(ofTeam.map((each) => each.symbol));
  const both = ["--team", String(team), "--position", String(position)];
  const resumed = await json("symbol resume", ...both, "--yes");
  expect(resumed.symbols).toEqual(
    ofTeam.filter((each) => each.position === position).map((each) => each.symbol),
  );
  await json("symbol resume", "--all", "--yes");
  expect((await states()).every(({ state }) => state === "TRADING")).toBe(true);
  expect(
    await json("symbol bands", "--position", String(position), "--percent", "3", "--yes"),
  ).toMatchObject({ price_band_bps: 300 });
  expect(await json("symbol show", String(all[0]?.symbol))).toMatchObject({ price_band_bps: 300 });
  for (const args of [[], ["--all", "--team", "KC"], [symbol, "--all"]]) {
    expect((await run("symbol halt", ...args, "--yes")).code).toBe(2);
  }
  const nobody = await run("symbol halt", "--team", "ZZZ", "--yes");
  expect([nobody.code, nobody.err]).toEqual([
    3,
    "waiver: No symbol is of that team and position.\n",
  ]);
});

test("audit and dumps have players' names beside symbols, and the audit finds an operator's actions", async () => {
  await json("admin-token create", "--name", "bea", "--role", "operate");
  const token = String(
    (await json("admin-token create", "--name", "cal", "--role", "operate")).token,
  );
  const { ticker, player_name } = await json("symbol show", symbol);
  await run("symbol halt", symbol, "--yes", "--token", token);
  await run("symbol resume", symbol, "--yes", "--token", token);
  const lines = (name: string, ...args: string[]) =>
    linesOf<Members>(...onVenue(name, ...args, "--json"));
  const doings = await lines("audit", "--by", "cal");
  expect(
    doings.map(({ kind, by, ...entry }) => [kind, by, entry.ticker, entry.player_name]),
  ).toEqual([
    ["SET_SYMBOL_STATE", "cal", ticker, player_name],
    ["SET_SYMBOL_STATE", "cal", ticker, player_name],
  ]);
  const told = (await run("audit", "--by", "cal")).out;
  expect(told).toContain(`SET_SYMBOL_STATE ${symbol} (${ticker}, ${player_name}, `);
  // A command is a line, and so is what came of it.
  expect(told.split("\n").filter((line) => /^ +done$/.test(line))).toHaveLength(2);
  const dumped = await lines("wal dump", "--symbol", String(ticker));
  expect(dumped.length).toBeGreaterThan(4);
  for (const record of dumped) expect(record).toMatchObject({ symbol, ticker, player_name });
  const page = await venue.server.ask<{ entries: Members[] }>(
    "GET",
    "/audit?from_seq=1&limit=1000",
  );
  expect(page.entries.find((entry) => entry.symbol === symbol)).toMatchObject({ ticker });
});

/** A refusal by the exchange names what was typed, not the fields of the admin API. */
const NAMED: readonly (readonly [line: string[], named: string])[] = [
  [
    ["maintenance schedule", "--from", "2020-01-01", "--to", "2020-01-02", "x"],
    "got 2020-01-01T00:00:00.000Z",
  ],
  [
    ["maintenance schedule", "--from", "2097-01-02", "--to", "2097-01-01", "x"],
    "--to: Must be after --from, 2097-01-02T00:00:00.000Z, got 2097-01-01T00:00:00.000Z",
  ],
  [
    ["maintenance schedule", "--from", "2097-01-01", "--to", "2097-01-02", ""],
    "<message>: Must be string of 1 to",
  ],
  [
    ["maintenance cancel", "mnt_77"],
    "<id>: There is no window mnt_77: `waiver maintenance list` lists them",
  ],
  [["user create", "--name", " x"], "--name: Must be printable text"],
  [["user create", "--name", "x", "--cash", "-5"], "--cash: Must be"],
  [["user create", "--name", "x", "--position", "SYMBOL=-5"], "--position SYMBOL: SYMBOL must"],
  [["user create", "--name", "x", "--burst-limit", "999999999999"], "--burst-limit: Must be"],
  [["user limits", "acc_99", "--burst-limit", "1"], "There is no user acc_99"],
  [["account open", "usr_99"], "<user>: "],
  [["account open", "usr_1", "--cash", "-5"], "--cash: Must be"],
  [["user limits", "usr_1", "--burst-limit", "999999999999"], "--burst-limit: Must be"],
  [["user limits", "usr_1", "--client-order-ids", "999999999999"], "--client-order-ids: Must be"],
  [["user disable", "ann", "--yes"], "<user>: There is no user ann: `waiver user list` lists them"],
  [["user password", "usr_99", "--yes"], "<user>: "],
  [["key create", "usr_99"], "<user>: "],
  [["key create", "usr_1", "--expires-at", "2020-01-01"], "--expires-at: Must be"],
  [["key create", "usr_1", "--permission", "admin"], "--permission: "],
  [["key list", "usr_99"], "<user>: "],
  [["key expire", "ak_1"], "<key>: "],
  [["key revoke", "ak_1", "--yes"], "<key>: There is no key ak_1: `waiver user list` lists them"],
  [["account show", "usr_1"], "<account>: There is no account usr_1: `waiver user list` lists"],
  [["account deposit", "acc_1"], "--cash"],
  [["account deposit", "acc_99", "--cash", "1"], "<account>: "],
  [["account withdraw", "acc_1", "--position", "SYMBOL=999999999999"], "--position SYMBOL: "],
  [["account withdraw", "acc_1", "--cash", "9007199254740991"], "--cash: "],
  [["account orders", "acc_1", "--limit", "99999"], "--limit: Must be"],
  [["account trades", "acc_99"], "<account>: "],
  [["account trace", "acc_1", "on", "--seconds", "-1"], "--seconds: Must be"],
  [["order show", "ord_x"], "<order>: "],
  [["order cancel", "ord_99"], "<order>: There is no order ord_99"],
  [["order cancel-all", "--account", "acc_99", "--yes"], "--account: "],
  [["book", "SYMBOL", "--levels", "99999"], "--levels: Must be"],
  [["candles", "SYMBOL", "--limit", "99999"], "--limit: Must be"],
  [["book", "x".repeat(300)], "symbol, ticker or name: Must be"],
  [["symbol list", "--team", "x".repeat(300)], "--team: Must be"],
  [
    ["symbol bands", "SYMBOL", "--yes", "--percent", "5", "--window", "9007199254740"],
    "--window (in milliseconds): Must be",
  ],
  [
    ["symbol bands", "SYMBOL", "--yes", "--percent", "5", "--reference", "99999999999"],
    "--reference: Must be",
  ],
  [["admin-token create", "--name", "a b", "--role", "read"], "--name: "],
  [["admin-token revoke", "nobody", "--yes"], "nobody: `waiver admin-token list` lists them"],
  [
    ["webhook delete", "whk_99", "--yes"],
    "<id>: There is no webhook whk_99: `waiver webhook list`",
  ],
  [["backup", "--to", "/proc"], "--to: "],
];

test("an error names the argument as it was typed", async () => {
  const said: [string, string][] = [];
  for (const [[name = "", ...args], named] of NAMED) {
    const here = (text: string): string => text.replaceAll("SYMBOL", symbol);
    const { code, err } = await run(name, ...args.map(here));
    if (code === 0 || !err.includes(here(named)) || /\b[a-z]{4,}_[a-z_]+\b/.test(err))
      said.push([name, err]);
  }
  expect(said).toEqual([]);
});

test("an operator cancels all orders of an account, and order states and the audit name the operator as the reason", async () => {
  const seller = await venue.user({ positions: { [symbol]: 10 } });
  using client = await venue.connect("/orders", "json", seller);
  const order = { symbol, type: "LIMIT", side: "SELL", quantity: 1 };
  const { order_id } = await client.result("order.place", { ...order, price: 50 });
  await client.result("order.place", { ...order, price: 51 });
  const { account_id } = seller;
  expect(
    await json("order cancel-all", "--account", account_id, "--symbol", symbol, "--yes"),
  ).toMatchObject({
    account_id,
    cancelled: 2,
  });
  expect(await json("order show", String(order_id))).toMatchObject({
    ...{ order_id, account_id, user_id: seller.user_id, symbol, status: "CANCELLED" },
    reason: "OPERATOR",
  });
  const whose = ["--account", account_id, "--by", "root", "--json"];
  const entries = await linesOf<Members>(...onVenue("audit", ...whose));
  expect(entries.at(-1)).toMatchObject({ kind: "CANCEL_ALL", cause: "OPERATOR", by: "root" });
  const unknown = await run("order show", "ord_999999999");
  expect([unknown.code, unknown.err]).toEqual([
    1,
    "waiver: Unknown order (40004)\n  <order>: There is no order ord_999999999, or no longer\n",
  ]);
});
