/** The door to the exchange: whatever the page asks and hears over WebSockets goes through these clients. */
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
  // A heartbeat comes every second: who hears nothing for longer than this is told so before 2 s are over.
  staleAfterMs: 1700,
  lostAfterMs: 6000,
  backoff: { delayMinMs: 250, delayMaxMs: 5000 },
};

/** Market data, for everybody. */
export const market = createPublicClient(OPTIONS);
// What is left of a day or an order is counted by the exchange's clock, whatever this machine's shows.
market.onState(({ state }) => {
  if (state === "live") void market.time().catch(() => undefined);
});
const heartbeats = market.stream("heartbeat");
heartbeats.on(() => undefined);
/** Whether market data is for those alone who are logged in, and nobody was. */
let isRefused = false;
void heartbeats.closed.then((error) => {
  isRefused = isExchangeError(error, "NOT_LOGGED_IN");
});

/** Begins the whole page anew where it was refused market data: what it then asks for it asks for by the session. */
export function startAnewIfRefused(): void {
  if (isRefused) location.reload();
}

/** Orders and one's own account, by the session's cookie. */
export function openTrading(): TradingClient {
  return createTradingClient({ ...OPTIONS, auth: { cookie: true } });
}

export type SymbolInfo = Result<"symbols.list">["symbols"][number];
export type SymbolState = SymbolInfo["state"];
export type Ticker = PushData<"ticker">;
export type Trade = Result<"trades.recent">["trades"][number];
export type Candle = Result<"candles.list">["candles"][number];
export type CandleInterval = Result<"candles.list">["interval"];
