import { expect, test } from "bun:test";
import { RecentTrades, TRADES_PER_SYMBOL } from "../../src/records/recent-trades.ts";
import { buy, sell } from "../core/command-builder.ts";
import { MarketRun, START, setUp } from "./market-run.ts";
import { copyStores } from "./stores.ts";

function open(): { run: MarketRun; trades: RecentTrades } {
  const run = new MarketRun();
  run.tick(START, ...setUp(3));
  return { run, trades: new RecentTrades(run.core.view) };
}

/** A tick with a trade of `quantity`, bought by the taker when the quantity is even. */
function trade(run: MarketRun, trades: RecentTrades, symbol: number, quantity: number): void {
  const order = { symbol, price: 100, quantity };
  const [bid, ask] = [buy({ account: 1, ...order }), sell({ account: 2, ...order })];
  const output = run.tick(START + quantity, ...(quantity % 2 === 0 ? [ask, bid] : [bid, ask]));
  trades.onTick(output);
}

const row = (id: number, quantity: number) => ({
  trade_id: id,
  price: 100,
  quantity,
  taker_side: quantity % 2 === 0 ? 0 : 1,
  timestamp: START + quantity,
  tick: id + 1,
});

test("lists the newest first, as many as asked for and as there are, by symbol", () => {
  const { run, trades } = open();
  for (const [symbol, quantity] of [
    [1, 3],
    [1, 4],
    [2, 5],
    [1, 6],
  ] as const) {
    trade(run, trades, symbol, quantity);
  }
  expect([trades.list(0, 10), trades.list(1, 2), trades.list(1, 10), trades.list(2, 10)]).toEqual([
    [],
    [row(4, 6), row(2, 4)],
    [row(4, 6), row(2, 4), row(1, 3)],
    [row(3, 5)],
  ]);
});

test("keeps the last of each symbol when there are more", () => {
  const { run, trades } = open();
  const count = TRADES_PER_SYMBOL + 100;
  for (let i = 1; i <= count; i++) trade(run, trades, 0, i);
  const expected = Array.from({ length: TRADES_PER_SYMBOL }, (_, i) => row(count - i, count - i));
  expect([trades.list(0, 1e6), trades.list(1, 1e6)]).toEqual([expected, []]);
});

test("goes on after a restart, whatever the order in which symbols got their rings", () => {
  const { run, trades } = open();
  for (const symbol of [2, 0]) {
    for (let i = 1; i <= TRADES_PER_SYMBOL + 9; i++) trade(run, trades, symbol, i);
  }
  const restored = new RecentTrades(run.core.view);
  copyStores(trades.stores, restored.stores);
  const known = (of: RecentTrades) => [0, 1, 2, 3].map((symbol) => of.list(symbol, 1000));
  expect(known(restored)).toEqual(known(trades));
  const output = run.tick(
    START,
    buy({ account: 1, symbol: 1, price: 5, quantity: 1 }),
    sell({ account: 2, symbol: 1, price: 5, quantity: 1 }),
  );
  for (const each of [trades, restored]) each.onTick(output);
  expect(known(restored)).toEqual(known(trades));
  expect(known(trades).map(({ length }) => length)).toEqual([256, 1, 256, 0]);
});
