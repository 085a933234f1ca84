import { afterAll, beforeAll, expect, test } from "bun:test";
import { runHere } from "../admin/cli/run-here.ts";
import { type User, Venue } from "./venue.ts";
import { waiver } from "./waiver-command.ts";
import type { Members } from "./wire-client.ts";

interface Player {
  readonly symbol: string;
  readonly ticker: string;
  readonly player_name: string;
}

let venue: Venue;
let ann: User;
let player: Player;
let players: Player[];

/** Ann sells 4 of her 10 shares to bob, and has another offer in the book. Nobody may read the market without a login. */
beforeAll(async () => {
  venue = await Venue.open({ anonymous: false });
  const symbol = venue.symbol();
  players = ((await json("symbol", "list")) as { symbols: Player[] }).symbols;
  player = players.find((each) => each.symbol === symbol) as Player;
  ann = await venue.user({ cash: 1000, positions: { [symbol]: 10 } });
  const bob = await venue.user({ cash: 10_000 });
  using seller = await venue.connect("/orders", "json", ann);
  using buyer = await venue.connect("/orders", "json", bob);
  const order = { symbol, type: "LIMIT", price: 50 };
  await seller.result("order.place", { ...order, side: "SELL", quantity: 4 });
  await buyer.result("order.place", { ...order, side: "BUY", quantity: 4 });
  await seller.result("order.place", { ...order, side: "SELL", price: 60, quantity: 3 });
});
afterAll(() => venue[Symbol.asyncDispose]());

const run = (...args: string[]) =>
  waiver(...args, "--url", venue.server.url, "--data-dir", venue.dataDir);

/** Runs a command on the venue for its answer as JSON. */
async function json(...args: string[]): Promise<object> {
  const { code, out, err } = await run(...args, "--json");
  expect({ args, code, err }).toEqual({ args, code: 0, err: "" });
  return JSON.parse(out) as object;
}

test("a symbol, a ticker in any case and a whole name mean the same player", async () => {
  const { symbol, ticker, player_name } = player;
  const shown = { ...player, state: "TRADING" };
  for (const text of [symbol, symbol.toLowerCase(), ticker, ticker.toLowerCase(), player_name]) {
    expect(await json("symbol", "show", text)).toMatchObject(shown);
  }
  const found = (await json("players", "search", ...player_name.split(" "))) as {
    symbols: Player[];
  };
  expect(found.symbols.map((each) => each.symbol)).toContain(symbol);
});

test("a text that fits nobody is code 3 and one line, one that fits several is refused with the candidates", async () => {
  for (const args of [
    ["book", "zzzz"],
    ["symbol", "halt", "zzzz"],
    ["deposit", "acc_1", "--position", "zzzz=1"],
    ["trades", " "],
    ["candles", "SYMBOL_4095000"],
  ]) {
    const { code, out, err } = await run(...args);
    expect({ args, code, out }).toEqual({ args, code: 3, out: "" });
    expect(err).toMatch(
      /^waiver: No symbol, ticker or player fits "[^"]*": look with `waiver players search`\.\n$/,
    );
  }
  const [first = ""] = player.player_name.split(" ");
  const several = await run("symbol", "halt", first);
  expect([several.code, several.out]).toEqual([4, ""]);
  expect(several.err).toMatch(/fits \d+ players; say which:\n( {2}SYMBOL_\d+ \(.+\)\n)+/);
});

test("book, trades and candles of a player", async () => {
  const { symbol, ticker, player_name } = player;
  const names = { symbol, ticker, player_name };
  expect(await json("book", ticker)).toMatchObject({ ...names, bids: [], asks: [[60, 3]] });
  const trade = { price: 50, quantity: 4, taker_side: "BUY" };
  expect(await json("trades", ticker, "--limit", "5")).toMatchObject({ ...names, trades: [trade] });
  const candle = { open: 50, close: 50, volume: 4, trades: 1 };
  expect(await json("candles", ticker, "--interval", "1h")).toMatchObject({
    ...names,
    candles: [candle],
  });
  for (const [args, shown] of [
    [["book", ticker], /60.+3/],
    [["trades", ticker], /BUY.+50.+4/],
    [["candles", ticker], /50.+4.+1/],
  ] as const) {
    const { code, out } = await run(...args);
    expect([args, code]).toEqual([args, 0]);
    expect(out).toContain(`${symbol} (${ticker}, ${player_name}`);
    expect(out).toMatch(shown);
  }
});

test("who is there is asked before, and asked back which of several players he means", async () => {
  const { symbol, ticker } = player;
  const asked = (answer: string, ...args: string[]) =>
    runHere([...args, "--url", venue.server.url, "--data-dir", venue.dataDir], {
      answers: [answer],
    });
  const no = await asked("", "symbol", "halt", ticker);
  expect([no.code, no.out]).toEqual([1, ""]);
  expect(no.err).toMatch(
    /^halt SYMBOL_\d+ \(.+\), now TRADING\? \[y\/N\] waiver: Nothing was done\.\n$/,
  );
  expect(await json("symbol", "show", symbol)).toMatchObject({ state: "TRADING" });
  const yes = await asked("yes", "symbol", "halt", ticker);
  expect([yes.code, yes.out]).toEqual([0, expect.stringContaining("is now HALTED")]);
  await asked("y", "symbol", "resume", ticker);

  const [word = ""] = player.player_name.split(" ");
  const second = await asked("2", "symbol", "show", word, "--json");
  expect(second.err).toMatch(
    / fits \d+ players:\n( {2}\d+ {2}SYMBOL_.+\n)+.*\nWhich one\? \[1-10\] $/,
  );
  const [, chosen = ""] = /^ {2}2 {2}(SYMBOL_\d+)/m.exec(second.err) ?? [];
  expect(JSON.parse(second.out)).toMatchObject({ symbol: chosen });
  const none = await asked("none", "symbol", "show", word);
  expect([none.code, none.out]).toEqual([4, ""]);
});

test("an account is shown with names beside symbols", async () => {
  const { symbol, ticker, player_name } = player;
  expect(await json("account", "show", ann.account_id)).toMatchObject({
    account_id: ann.account_id,
    user_id: ann.user_id,
    cash: { available: 1200, reserved: 0, total: 1200 },
    positions: [{ symbol, ticker, player_name, available: 3, reserved: 3, total: 6 }],
    orders: [{ symbol, ticker, player_name, side: "SELL", price: 60, quantity: 3 }],
  });
  const { out } = await run("account", "show", ann.account_id);
  expect(out).toContain(`${symbol} (${ticker}, ${player_name}`);
  expect(out).toContain("1200 available, 0 reserved");
  const unknown = await run("account", "show", "acc_999999");
  expect([unknown.code, unknown.out]).toEqual([1, ""]);
  expect(unknown.err).toContain("There is no account acc_999999");
});

test("status and state are short, and state has its symbols when asked", async () => {
  const status = (await json("status")) as Members;
  expect(status).toMatchObject({ status: "ok", symbols: { TRADING: players.length }, trades: 1 });
  expect(Object.keys(status.components as object)).toContain("persistence");
  const state = (await json("state")) as Members;
  expect(state).not.toHaveProperty("symbols");
  expect(state.state_hash).toMatch(/^[0-9a-f]{16}$/);
  const whole = (await json("state", "--symbols")) as Members;
  expect(whole.symbols).toBeArrayOfSize(players.length);
  expect((await run("state")).out).not.toContain("SYMBOL_");
  const screen = (await run("status")).out.trimEnd().split("\n");
  expect(screen.join("\n")).toMatch(/^persistence +ok +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/m);
  expect(screen.length).toBeLessThan(24);
  expect(Math.max(...screen.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("a player is halted by his ticker with --yes, and not without it where nobody is there to be asked", async () => {
  const { symbol, ticker } = player;
  expect(await json("symbol", "halt", ticker, "--yes")).toMatchObject({ symbol, state: "HALTED" });
  expect(await json("symbol", "show", symbol)).toMatchObject({ state: "HALTED" });
  const refused = await run("symbol", "resume", ticker);
  expect([refused.code, refused.out]).toEqual([2, ""]);
  expect(refused.err).toMatch(
    /^waiver: resume SYMBOL_\d+ \(.+\), now HALTED\? Nobody can be asked, because this is not a terminal: give --yes to do it\. Nothing was done\.\n$/,
  );
  expect(await json("symbol", "show", symbol)).toMatchObject({ state: "HALTED" });
  expect(await json("symbol", "resume", ticker, "--yes")).toMatchObject({ state: "TRADING" });
  const paid = await json("deposit", ann.account_id, "--position", `${ticker.toLowerCase()}=2`);
  expect(paid).toMatchObject({ positions: { [symbol]: 8 } });
  const twice = ["--position", `${ticker}=1`, "--position", `${symbol}=1`];
  expect((await run("deposit", ann.account_id, ...twice)).code).toBe(2);
});
