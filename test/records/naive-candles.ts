/** Candles and tickers in the simple way: computed from all trades each time. */
import type { CandleFields } from "../../src/records/candle-series.ts";
import type { TickerFields } from "../../src/records/tickers.ts";
import type { TradeSeen } from "./market-run.ts";

const MINUTE = 60_000;
/** The length of each interval in milliseconds. */
export const INTERVALS = [MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 1440 * MINUTE];

function summary(trades: readonly TradeSeen[]) {
  const prices = trades.map(({ price }) => price);
  return {
    open: prices[0] ?? 0,
    high: Math.max(0, ...prices),
    low: prices.length === 0 ? 0 : Math.min(...prices),
    close: prices.at(-1) ?? 0,
    volume: trades.reduce((sum, { quantity }) => sum + quantity, 0),
    trades: trades.length,
  };
}

/** All candles of one symbol's trades, newest first. */
export function naiveCandles(trades: readonly TradeSeen[], interval: number): CandleFields[] {
  const length = INTERVALS[interval] ?? 0;
  const groups = Map.groupBy(trades, ({ timestamp }) => timestamp - (timestamp % length));
  return [...groups].map(([start, group]) => ({ start, ...summary(group) })).reverse();
}

/** The ticker of one symbol's trades. */
export function naiveTicker(trades: readonly TradeSeen[], now: number): TickerFields {
  const from = now - (now % MINUTE) - 1439 * MINUTE;
  const before = trades.filter(({ timestamp }) => timestamp < from).at(-1);
  const { open, high, low, volume } = summary(trades.filter((trade) => trade.timestamp >= from));
  const last = trades.at(-1)?.price ?? 0;
  const first = before?.price ?? open;
  const range = { high: Math.max(high, first), low: Math.min(low || first, first) };
  return { open: first, ...range, last, volume, change: last - first };
}
