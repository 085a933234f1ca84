/**
 * The demo's market: makers that quote every listed symbol and takers that trade with them, on real
 * connections and over the public interface like anybody else.
 */
import { createTradingClient, ExchangeError, type TradingClient } from "@waiver/client";
import type { Desk } from "./desk.ts";
import { Maker } from "./maker.ts";
import { Market } from "./market.ts";
import { Quoting, type QuotingRates } from "./quoting.ts";
import { seededRandom } from "./random.ts";
import { runTaker, takerOf } from "./taker.ts";

export interface DemoKeys {
  api_key: string;
  api_secret: string;
  account_id: string;
}

export interface DemoOptions {
  /** `ws://host:port` of the exchange. */
  url: string;
  makers: DemoKeys[];
  takers: DemoKeys[];
}

/**
 * Requests of all demo accounts together. 1,100 books are built in less than a minute; after that the demo is
 * nearly idle.
 */
export const RATES: QuotingRates = { build: 200, steady: 90 };

/**
 * Trades for ever. Rejects when an account cannot connect or log in at the start. Refusals and lost connections
 * after that do not end it.
 */
export async function runMarketMakers(options: DemoOptions, desk: Desk): Promise<never> {
  const { url, takers } = options;
  const markets = await listMarkets(url, options.makers[0]);
  if (markets.length === 0) throw new Error("The exchange lists no symbols");
  const makers = await Promise.all(
    options.makers.map(async (keys) => new Maker(await connect(url, keys))),
  );
  const takerClients = await Promise.all(takers.map((keys) => connect(url, keys)));
  const random = seededRandom(Date.now());
  const quoting = new Quoting(makers, markets, desk, random);
  const watcher = await connect(url, options.makers[0] as DemoKeys);
  watcher.stream("bbo").on((best) => quoting.onBest(best));
  const trade = async (client: TradingClient, i: number): Promise<never> => {
    await quoting.begun;
    return await runTaker(client, takerOf(i), markets, desk, random);
  };
  return await Promise.race([quoting.run(RATES), ...takerClients.map(trade)]);
}

/** Every listed symbol, dearest first, at its last price. */
async function listMarkets(url: string, keys: DemoKeys | undefined): Promise<Market[]> {
  if (keys === undefined) throw new Error("The demo needs at least one maker");
  const client = await connect(url, keys);
  const { symbols } = await client.listSymbols();
  const { tickers } = await client.tickers();
  client.close();
  const last = new Map(tickers.map((ticker) => [ticker.symbol, ticker.last]));
  return symbols
    .map((info) => {
      const market = new Market(info);
      const price = last.get(info.symbol);
      if (price) market.resumeAt(price);
      return market;
    })
    .toSorted((left, right) => right.anchor - left.anchor);
}

async function connect(url: string, keys: DemoKeys): Promise<TradingClient> {
  const open = async (loginWith: "signature" | "secret"): Promise<TradingClient> => {
    const auth = { apiKey: keys.api_key, apiSecret: keys.api_secret, loginWith };
    const client = createTradingClient({ url, encoding: "msgpack", auth });
    await client.login();
    return client;
  };
  try {
    return await open("signature");
  } catch (error) {
    // Keys of an older demo, from before there were signatures, must log in with their secret once.
    if (!(error instanceof ExchangeError) || error.details.field !== "signature") throw error;
    return await open("secret");
  }
}
