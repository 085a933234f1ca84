/** The page's clients of the exchange. They connect over WebSockets. */
import {
  createPublicClient,
  createTradingClient,
  isExchangeError,
  type PushData,
  type Result,
  type TradingClient,
} from "@waiver/client";

const OPTIONS = {
  url: location.origin,
  // A heartbeat comes every second. Silence longer than this is shown before 2 s are over.
  staleAfterMs: 1700,
  lostAfterMs: 6000,
  backoff: { delayMinMs: 250, delayMaxMs: 5000 },
};

/** Market data, for everybody. */
export const market = createPublicClient(OPTIONS);
// The page counts days and the time of orders by the exchange's clock, not by this machine's.
market.onState(({ state }) => {
  if (state === "live") void market.time().catch(() => undefined);
});
const heartbeats = market.stream("heartbeat");
heartbeats.on(() => undefined);
/** Whether market data needs a login here, and the page had none. */
let isRefused = false;
void heartbeats.closed.then((error) => {
  isRefused = isExchangeError(error, "NOT_LOGGED_IN");
});

/** Reloads the page if market data was refused for want of a login: the new page asks with the session. */
export function startAnewIfRefused(): void {
  if (isRefused) location.reload();
}

/** A client for orders and one of the user's accounts, logged in by the session's cookie. */
export function openTrading(accountId: string): TradingClient {
  return createTradingClient({ ...OPTIONS, auth: { cookie: true }, accountId });
}

export type SymbolInfo = Result<"symbols.list">["symbols"][number];
export type SymbolState = SymbolInfo["state"];
export type Ticker = PushData<"ticker">;
export type Trade = Result<"trades.recent">["trades"][number];
export type Candle = Result<"candles.list">["candles"][number];
export type CandleInterval = Result<"candles.list">["interval"];
