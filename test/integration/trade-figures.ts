import type { Members } from "./wire-client.ts";

const MINUTE_MS = 60_000;

/** Every interval of candles, with its length in milliseconds. */
export const INTERVALS: Readonly<Record<string, number>> = {
  "1m": MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "1h": 60 * MINUTE_MS,
  "1d": 1440 * MINUTE_MS,
};

/** The candles of an interval, newest first, without `closed`, computed from a symbol's trades in their order. */
export function candlesOf(trades: readonly Members[], interval: string): Members[] {
  const length = INTERVALS[interval] ?? 0;
  const byStart = Map.groupBy(trades, ({ timestamp }) => {
    const time = Number(timestamp);
    return time - (time % length);
  });
  return [...byStart].map(([start, group]) => ({ start, ...candleOf(group) })).toReversed();
}

function candleOf(trades: readonly Members[]): Members {
  const prices = trades.map(({ price }) => Number(price));
  return {
    open: prices[0],
    high: Math.max(...prices),
    low: Math.min(...prices),
    close: prices.at(-1),
    volume: volumeOf(trades),
    trades: trades.length,
  };
}

/** The ticker of trades that are all less than 24 hours old, without bid, ask, time and tick. */
export function tickerOf(trades: readonly Members[]): Members {
  if (trades.length === 0) {
    return { open: null, high: null, low: null, last: null, volume: 0, change: 0 };
  }
  const { open, high, low, close, volume } = candleOf(trades);
  return { open, high, low, last: close, volume, change: Number(close) - Number(open) };
}

function volumeOf(trades: readonly Members[]): number {
  return trades.reduce((sum, { quantity }) => sum + Number(quantity), 0);
}
