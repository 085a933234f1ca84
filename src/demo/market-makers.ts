/**
 * The demo's market: makers that quote every listed symbol and takers that trade with them, on real
 * connections and over the public interface like anybody else.
 */
import { createTradingClient, ExchangeError, type TradingClient } from "@waiver/client";
import { Desk } from "./desk.ts";
import { Maker } from "./maker.ts";
import { Market } from "./market.ts";
import { Quoting, type QuotingRates } from "./quoting.ts";
import { seededRandom } from "./random.ts";
import { runTaker } from "./taker.ts";

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

/** Of all demo accounts together: 1,100 books are built in less than a minute, then it is nearly idle. */
const RATES: QuotingRates = { build: 200, steady: 60 };

/**
 * Trades for ever. Rejects when an account cannot connect or log in; what the exchange refuses
 * later, and connections lost later, the accounts live with.
 */
export async function runMarketMakers(options: DemoOptions, rates = RATES): Promise<never> {
  const { url, takers } = options;
  const markets = await listMarkets(url, options.makers[0]);
  if (markets.length === 0) throw new Error("The exchange lists no symbols");
  const makers = await Promise.all(
    options.makers.map(async (keys) => new Maker(await connect(url, keys))),
  );
  const takerOrders = await Promise.all(takers.map((keys) => connect(url, keys)));
  const desk = new Desk(rates.build);
  const random = seededRandom(Date.now());
  return await Promise.race([
    new Quoting(makers, markets, desk, random).run(rates),
    ...takerOrders.map((orders) => runTaker(orders, markets, desk, random)),
  ]);
}

/** Every listed symbol, dearest first. */
async function listMarkets(url: string, keys: DemoKeys | undefined): Promise<Market[]> {
  if (keys === undefined) throw new Error("The demo needs at least one maker");
  const client = await connect(url, keys);
  const { symbols } = await client.listSymbols();
  client.close();
  return symbols
    .map((info) => new Market(info))
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
    // Keys of a demo from before there were signatures log in with their secret once.
    if (!(error instanceof ExchangeError) || error.details.field !== "signature") throw error;
    return await open("secret");
  }
}
