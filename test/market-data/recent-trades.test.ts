import { expect, test } from "bun:test";
import { RecentTrades, TRADES_PER_SYMBOL } from "../../src/market-data/recent-trades.ts";

/** Adds trades `from` to `to`, whose every field says which one it is. */
function add(trades: RecentTrades, symbol: number, from: number, to: number): void {
  for (let id = from; id <= to; id++) {
    trades.add(symbol, id, id + 1000, id + 2000, id % 2, id + 3000, id + 4000);
  }
}

const trade = (id: number) => ({
  trade_id: id,
  price: id + 1000,
  quantity: id + 2000,
  taker_side: id % 2,
  timestamp: id + 3000,
  tick: id + 4000,
});

test("lists the newest first, as many as asked for and as there are, by symbol", () => {
  const trades = new RecentTrades(3);
  add(trades, 1, 1, 3);
  add(trades, 2, 4, 4);
  expect(trades.list(0, 10)).toEqual([]);
  expect(trades.list(1, 2)).toEqual([trade(3), trade(2)]);
  expect(trades.list(1, 10)).toEqual([trade(3), trade(2), trade(1)]);
  expect(trades.list(2, 10)).toEqual([trade(4)]);
});

test("keeps the last of each symbol when there are more", () => {
  for (const extra of [0, 1, 100, TRADES_PER_SYMBOL, 1000]) {
    const symbols = new RecentTrades(2);
    const last = TRADES_PER_SYMBOL + extra;
    add(symbols, 0, 1, last);
    const expected = Array.from({ length: TRADES_PER_SYMBOL }, (_, i) => trade(last - i));
    expect(symbols.list(0, 1e6)).toEqual(expected);
    expect(symbols.list(1, 1e6)).toEqual([]);
  }
});
