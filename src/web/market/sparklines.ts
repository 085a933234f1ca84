/**
 * The prices of a player's last day. Asked for when a row has been in sight for a moment, for a few players at
 * a time.
 */
import { type Signal, signal } from "@preact/signals";
import { market } from "../lib/exchange.ts";

const POINTS = 96;
const DAY_MS = 24 * 3_600_000;
/** Candles of the whole day; candles of the last hour and a half if the day has too few. */
const INTERVALS = ["15m", "1m"] as const;
/** A line of fewer points shows too little. */
const POINTS_MIN = 8;
const AT_ONCE = 4;
const AGAIN_AFTER_MS = 5 * 60_000;
/** Nothing is asked for rows that are scrolled past faster than this. */
const IN_SIGHT_MS = 150;

interface Line {
  readonly closes: Signal<readonly number[]>;
  askedMs: number;
}

const lines = new Map<string, Line>();
const wanted = new Set<string>();
let asking = 0;

/** Closing prices, oldest first; empty until they are known. */
export function sparkline(symbol: string): Signal<readonly number[]> {
  return lineOf(symbol).closes;
}

/**
 * To be called when a row comes into sight. The returned function is to be called when it goes out of sight.
 */
export function watchSparkline(symbol: string): () => void {
  const timer = setTimeout(() => {
    if (performance.now() - lineOf(symbol).askedMs < AGAIN_AFTER_MS) return;
    wanted.add(symbol);
    askNext();
  }, IN_SIGHT_MS);
  return () => {
    clearTimeout(timer);
    wanted.delete(symbol);
  };
}

function lineOf(symbol: string): Line {
  let line = lines.get(symbol);
  if (line === undefined) {
    line = { closes: signal([]), askedMs: -AGAIN_AFTER_MS };
    lines.set(symbol, line);
  }
  return line;
}

function askNext(): void {
  const [symbol] = wanted;
  if (symbol === undefined || asking >= AT_ONCE) return;
  wanted.delete(symbol);
  asking++;
  void ask(symbol).finally(() => {
    asking--;
    askNext();
  });
}

async function ask(symbol: string): Promise<void> {
  const line = lineOf(symbol);
  line.askedMs = performance.now();
  try {
    for (const interval of INTERVALS) {
      const { candles } = await market.candles({ symbol, interval, limit: POINTS });
      const today = candles.filter(({ start }) => start > market.now() - DAY_MS);
      line.closes.value = today.map(({ close }) => close).reverse();
      if (today.length >= POINTS_MIN) return;
    }
  } catch {
    // Only a decoration is missing. The next time that the row comes into sight asks again.
    line.askedMs = -AGAIN_AFTER_MS;
  }
}
