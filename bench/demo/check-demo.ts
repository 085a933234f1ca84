/** Starts a new demo exchange, trades on it as a user, and watches it for a while. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTradingClient, type TradingClient } from "@waiver/client";
import { quantile, rounded } from "../figures.ts";
import { coreShare, processUsage } from "../load/process-usage.ts";
import { type DemoExchange, startDemoExchange } from "../load/server-process.ts";
import { OneSidedBooks, type Spell } from "./one-sided.ts";
import { RestingBids } from "./resting-bids.ts";

/** The time from one round of bids to the next. */
const ROUND_MS = 60_000;
const MOST_ACTIVE = 10;
/** The time before the first bids. By then it is known which players trade most. */
const WARM_UP_MS = 30_000;
/** Price of the mistaken bid, as a factor of the ask. */
const MISTAKE = 1.06;

interface Maker {
  readonly name: string;
  /** Equity and cash are in cents. */
  readonly equity: number;
  readonly cash: number;
  /** Shares of the symbol of which the maker has the fewest. */
  readonly shares_min: number;
}

export interface DemoReport {
  readonly minutes: number;
  readonly symbols: number;
  readonly trades: number;
  readonly symbols_traded: number;
  readonly trades_per_second: number;
  /** Symbols whose book has had both sides. */
  readonly books_built: number;
  /** Books that had only one side for longer than allowed. */
  readonly one_sided: readonly { ticker: string; seconds: number }[];
  readonly one_sided_longest_s: number;
  readonly bids: number;
  readonly filled: number;
  /** Bids that were not filled, and were at the best price for less than one of two minutes. */
  readonly outbid: number;
  /** Tickers of the bids that were at the best price for a minute, and not filled. */
  readonly waited: readonly string[];
  readonly filled_median_s: number | null;
  readonly filled_p95_s: number | null;
  readonly refused: readonly string[];
  readonly makers: readonly Maker[];
  readonly server_cpu: number | null;
  readonly server_rss_mib: readonly (number | null)[];
}

interface DemoAccount {
  readonly name: string;
  readonly role: string;
  readonly api_key: string;
  readonly api_secret: string;
}

export async function checkDemo(options: {
  parentDir: string;
  minutes: number;
  oneSidedMaxMs: number;
}): Promise<DemoReport> {
  await using server = await startDemoExchange(options.parentDir);
  const file = await readFile(join(server.dataDir, "demo-accounts.json"), "utf8");
  const accounts = JSON.parse(file) as DemoAccount[];
  const [alice, bob] = accounts
    .filter(({ role }) => role === "trader")
    .map((account) => clientOf(server, account));
  const watch = new DemoWatch(alice, bob);
  const before = await processUsage(server.pid);
  await watch.run(options.minutes * 60_000);
  const after = await processUsage(server.pid);
  const share = coreShare(before, after);
  const makers: Maker[] = [];
  for (const account of accounts.filter(({ role }) => role === "maker")) {
    makers.push(await makerOf(server, account));
  }
  const report = {
    ...watch.report(options.oneSidedMaxMs),
    makers,
    server_cpu: share === null ? null : rounded(share, 3),
    server_rss_mib: [before, after].map((usage) => (usage ? Math.round(usage.rssMib) : null)),
  };
  alice.close();
  bob.close();
  return report;
}

function clientOf({ port }: DemoExchange, { api_key, api_secret }: DemoAccount): TradingClient {
  const auth = { apiKey: api_key, apiSecret: api_secret };
  return createTradingClient({ url: `ws://127.0.0.1:${port}`, auth });
}

async function makerOf(server: DemoExchange, account: DemoAccount): Promise<Maker> {
  const client = clientOf(server, account);
  const { equity, cash, positions } = await client.request("account.equity", {});
  client.close();
  const shares_min = Math.min(...positions.map(({ quantity }) => quantity));
  return { name: account.name, equity, cash, shares_min };
}

class DemoWatch {
  readonly #alice: TradingClient;
  readonly #bob: TradingClient;
  readonly #books = new OneSidedBooks();
  /** The best asks, cents. */
  readonly #asks = new Map<string, number | null>();
  /** Trades by symbol. */
  readonly #trades = new Map<string, number>();
  readonly #tickers = new Map<string, string>();
  readonly #refused: string[] = [];
  readonly #bids: RestingBids;
  #begun = performance.now();

  constructor(alice: TradingClient, bob: TradingClient) {
    this.#alice = alice;
    this.#bob = bob;
    this.#bids = new RestingBids(alice);
    alice.stream("bbo").on(({ symbol, bid, ask }) => {
      this.#books.hear({ symbol, bid, ask }, performance.now());
      this.#bids.hear(symbol, bid?.[0] ?? null);
      this.#asks.set(symbol, ask?.[0] ?? null);
    });
    alice.stream("trades").on(({ symbol }) => {
      this.#trades.set(symbol, (this.#trades.get(symbol) ?? 0) + 1);
    });
  }

  async run(ms: number): Promise<void> {
    const { symbols } = await this.#alice.listSymbols();
    for (const { symbol, ticker } of symbols) this.#tickers.set(symbol, ticker ?? symbol);
    this.#begun = performance.now();
    await Bun.sleep(Math.min(WARM_UP_MS, ms / 2));
    let isMistaken = false;
    for (const end = this.#begun + ms; performance.now() < end; ) {
      const round = Bun.sleep(Math.min(ROUND_MS, end - performance.now()));
      await Promise.all([round, ...this.#mostActive().map((symbol) => this.#bid(symbol))]);
      if (!isMistaken) await this.#mistake();
      isMistaken = true;
    }
  }

  report(oneSidedMaxMs: number): Omit<DemoReport, "makers" | "server_cpu" | "server_rss_mib"> {
    const now = performance.now();
    const seconds = (now - this.#begun) / 1000;
    const trades = this.#trades.values().reduce((sum, each) => sum + each, 0);
    const spells = this.#books.spells(now);
    const { done } = this.#bids;
    const filled = done.filter(({ end }) => end === "filled").map(({ ms }) => ms / 1000);
    const share = (q: number): number | null =>
      filled.length === 0 ? null : rounded(quantile(filled, q), 1);
    return {
      minutes: rounded(seconds / 60, 1),
      symbols: this.#tickers.size,
      trades,
      symbols_traded: this.#trades.size,
      trades_per_second: rounded(trades / seconds, 1),
      books_built: this.#books.built,
      one_sided: spells.filter(({ ms }) => ms > oneSidedMaxMs).map((spell) => this.#named(spell)),
      one_sided_longest_s: rounded((spells[0]?.ms ?? 0) / 1000, 1),
      bids: done.length,
      filled: filled.length,
      outbid: done.filter(({ end }) => end === "outbid").length,
      waited: done.filter(({ end }) => end === "waited").map(({ symbol }) => this.#ticker(symbol)),
      filled_median_s: share(0.5),
      filled_p95_s: share(0.95),
      refused: this.#refused,
    };
  }

  #mostActive(): string[] {
    return [...this.#trades]
      .toSorted(([, left], [, right]) => right - left)
      .slice(0, MOST_ACTIVE)
      .map(([symbol]) => symbol);
  }

  async #bid(symbol: string): Promise<void> {
    await this.#bids.bid(symbol).catch((error) => {
      this.#refused.push(`${this.#ticker(symbol)}: ${error}`);
    });
  }

  /** One bid far above the ask of a player who has not traded yet, for most of the available cash. */
  async #mistake(): Promise<void> {
    const [symbol, ask] = [...this.#asks].find(([each]) => !this.#trades.has(each)) ?? [];
    if (symbol === undefined || ask === undefined || ask === null) return;
    const price = Math.round(ask * MISTAKE);
    const { available } = (await this.#bob.balances()).cash;
    const quantity = Math.floor((available * 0.9) / price);
    const order = { symbol, side: "BUY", type: "LIMIT", price, quantity } as const;
    await this.#bob.place(order).catch((error) => this.#refused.push(`mistake: ${error}`));
  }

  #named({ symbol, ms }: Spell): { ticker: string; seconds: number } {
    return { ticker: this.#ticker(symbol), seconds: rounded(ms / 1000, 1) };
  }

  #ticker(symbol: string): string {
    return this.#tickers.get(symbol) ?? symbol;
  }
}
