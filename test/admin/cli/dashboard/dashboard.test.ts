/** The dashboard in a real terminal, on a real exchange. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createTradingClient } from "@waiver/client";
import type { CreateUserReply } from "../../../../src/protocol/schemas/users.ts";
import { DataDir, ServerProcess } from "../../../integration/server-process.ts";
import { findTmux, Terminal } from "./terminal.ts";

const tmux = findTmux();
const MAIN = "src/main.ts";

let dir: DataDir;
let server: ServerProcess;
let symbol: string;
let ticker: string;
let name: string;

describe.skipIf(tmux === null)("the dashboard", () => {
  beforeAll(async () => {
    dir = await DataDir.make();
    server = await ServerProcess.start(dir.path);
    await trade();
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  test("shows the flow, the market, a book, health, tables and what operators did", async () => {
    await using terminal = await opened();
    const header =
      /^ WAIVER {2}http:\/\/127\.0\.0\.1:\d+ {2}ok {2,}tick [\d,]+ {2}\d\d:\d\d:\d\d$/m;
    const overview = await terminal.shows(header, /40003 UNKNOWN_SYMBOL/, "0 of 16,384");
    expect(overview[0]).toMatch(header);
    expect(overview.slice(1, 3)).toEqual([
      " 1 Overview  2 Market  3 Book  4 Health  5 Actions",
      "─ Throughput, per second ─────────────  ─ Latency, 10 s ───────────────────────",
    ]);
    for (const each of [
      "orders",
      "p99",
      "commands",
      "trades",
      "ticks",
      "durable",
      "whole tick",
      "tick size",
      "ring",
    ]) {
      expect(overview.join("\n")).toContain(each);
    }

    await terminal.press("2");
    const market = await terminal.shows("Most traded in 24 hours, 512 symbols", `>${ticker} `);
    expect(market.slice(3, 5).map((line) => line.replaceAll(/ +/g, " "))).toEqual([
      " ticker name state last change bid ask shares",
      `>${ticker} ${name} trading 100.00 0.00 99.00 100.00 4`,
    ]);

    await terminal.press("Enter");
    const book = await terminal.shows("Ladder ─", /\d\d:\d\d:\d\d buy +100\.00 +4/);
    expect(book[2]).toStartWith(` ${ticker} ${name} ${symbol}`);
    expect(book[2]).toContain("TRADING last 100.00 0.00 4 shares");
    expect(book.slice(4, 9).map((line) => line.slice(0, 46).trimEnd())).toEqual([
      " ask    101.50       10 ■■■■■■■■■■■■■■■■■■■■",
      " ask    100.00        6 ■■■■■■■■■■■■········",
      " spread 1.00, 2 asks, 1 bids",
      " bid     99.00        3 ■■■■■■··············",
      "",
    ]);

    await server.ask("POST", `/symbols/${symbol}/halt`, {});
    await terminal.shows(/ HALTED last /);
    await server.ask("POST", `/symbols/${symbol}/resume`, {});
    await terminal.press("5");
    const actions = await terminal.shows(`POST /symbols/${symbol}/resume`);
    expect(actions.slice(4, 6).map((line) => line.slice(10))).toEqual([
      `root         done                   POST /symbols/${symbol}/resume`,
      `root         done                   POST /symbols/${symbol}/halt`,
    ]);

    await terminal.press("Left");
    const health = await terminal.shows("Components", "journal, per s", "client order ids");
    expect(health.join("\n")).toMatch(/ ok persistence, .*tables/s);
  });

  test("finds symbols by name, follows the terminal's size, and shows help", async () => {
    await using terminal = await opened();
    await terminal.shows("0 of 16,384");
    // In one go, as somebody types who knows it.
    await terminal.press("/", "denver qb", "Enter");
    const found = await terminal.shows('found by "denver qb"', "2 symbols");
    expect(found[4]).toStartWith(">DENQB1  Denver QB1 ");
    await terminal.press("Down");
    await terminal.shows(/^>DENQB2 {2}Denver QB2 /m);
    await terminal.press("Escape");
    await terminal.shows("512 symbols");
    await terminal.press("?");
    await terminal.shows("─ Keys ─", "q, Ctrl-C");
    await terminal.press("x", "1");
    await terminal.resize(60, 20);
    await terminal.shows("60×20: at least 80×24 is needed. q quits.");
    await terminal.resize(120, 40);
    const wide = await terminal.shows("Throughput", "Most traded", "q quit");
    expect(wide[2]).toHaveLength(119);
    expect(wide[39]).toBe(" / search   ↑↓ symbol   ←→ view   ? help   q quit");
  });

  test("reports that the exchange is away, and continues when it is back", async () => {
    await using terminal = await opened();
    await terminal.shows(" ok ", "0 of 16,384");
    const { port } = server;
    await server.kill();
    await terminal.shows("AWAY", /No exchange answers since \d\d:\d\d:\d\d\. Trying again/);
    server = await ServerProcess.start(dir.path, { port });
    await terminal.shows(/:\d+ {2}ok +tick/, "/ search");
    await terminal.press("3");
    // The book too, without a word.
    await terminal.shows("Ladder ─", "spread 1.00, 2 asks, 1 bids");
  });

  test.each(["q", "C-c", "SIGTERM", "SIGHUP"] as const)(
    "leaves the terminal as it was after %s",
    async (end) => {
      await using terminal = await opened();
      // Drawn with figures: it has had time to take the keyboard.
      await terminal.shows("Throughput", "0 of 16,384");
      expect(await terminal.mode()).toEqual({ hasAlternate: true, hasCursor: false });
      if (end.startsWith("SIG")) process.kill(await terminal.program(), end as NodeJS.Signals);
      else await terminal.press(end);
      const after = await terminal.shows(/ended \d+ same/);
      expect(await terminal.mode()).toEqual({ hasAlternate: false, hasCursor: true });
      expect(after.join("\n")).not.toContain("Throughput");
      expect(after.join("\n")).toMatch(end.startsWith("SIG") ? /ended (?:0|1\d\d) / : /ended 0 /);
    },
  );
});

test("without a terminal it prints one line and exits with 1", async () => {
  const child = Bun.spawn([process.execPath, MAIN, "dashboard"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, fault, code] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  expect({ out, code }).toEqual({ out: "", code: 1 });
  expect(fault).toMatch(/^waiver: The dashboard needs a terminal[^\n]*\n$/);
});

/** A terminal with the dashboard in it; the shell tells how it ended, and whether the terminal is set as before. */
async function opened(): Promise<Terminal> {
  const terminal = await Terminal.open(tmux ?? "", 80, 24);
  const command = `${process.execPath} ${MAIN} dashboard --url ${server.url} --data-dir ${dir.path}`;
  const same = '[ "$(stty -g)" = "$before" ] && echo same || echo changed';
  await terminal.press(`clear; before=$(stty -g); ${command}; echo "ended $? $(${same})"`, "Enter");
  return terminal;
}

/** A book with two offers and a bid, one trade, one refusal. */
async function trade(): Promise<void> {
  const { symbols } = (await (await fetch(`${server.url}/api/v1/symbols`)).json()) as {
    symbols: { symbol: string; ticker: string; player_name: string }[];
  };
  const first = symbols[0];
  if (first === undefined) throw new Error("no symbol is listed");
  ({ symbol, ticker, player_name: name } = first);
  const seller = await trader("seller", { positions: { [symbol]: 100 } });
  const buyer = await trader("buyer", { cash: 1_000_000 });
  const limit = { symbol, type: "LIMIT" } as const;
  await seller.place({ ...limit, side: "SELL", price: 10_150, quantity: 10 });
  await seller.place({ ...limit, side: "SELL", price: 10_000, quantity: 10 });
  await buyer.place({ ...limit, side: "BUY", price: 10_000, quantity: 4 });
  await buyer.place({ ...limit, side: "BUY", price: 9_900, quantity: 3 });
  const unknown = { ...limit, symbol: "SYMBOL_1", side: "BUY", price: 1, quantity: 1 } as const;
  await expect(buyer.place(unknown)).rejects.toThrow();
  seller.close();
  buyer.close();
}

async function trader(name: string, deposit: object) {
  const user = await server.ask<CreateUserReply>("POST", "/users", { name });
  await server.ask("POST", `/accounts/${user.account_id}/deposit`, deposit);
  return createTradingClient({
    url: server.url,
    auth: { apiKey: user.api_key, apiSecret: user.api_secret },
  });
}
