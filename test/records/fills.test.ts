import { expect, test } from "bun:test";
import { createCore } from "../../src/core/create.ts";
import { type AccountFill, Fills } from "../../src/records/fills.ts";
import {
  buy,
  type Command,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setAccount,
  setFees,
  setSymbolState,
} from "../core/command-builder.ts";
import { TickRun } from "../execution/tick-run.ts";

const core = createCore(8);

/** An exchange with two symbols and two accounts, whose fills are kept. */
function open(fillsMax = 64) {
  core.reset();
  const trades = new Fills(core.view, fillsMax);
  const run = new TickRun(core, [trades]);
  const tick = (...commands: Command[]): void => void run.tick(commands);
  tick(
    listSymbol({ symbol: 0 }),
    listSymbol({ symbol: 3 }),
    openAccount({ account: 1 }),
    openAccount({ account: 2 }),
    depositCash({ account: 1, amount: 1e9 }),
    depositCash({ account: 2, amount: 1e9 }),
    depositShares({ account: 2, symbol: 0, amount: 1e6 }),
    depositShares({ account: 2, symbol: 3, amount: 1e6 }),
  );
  return { trades, tick };
}

const EVERY = -1;
const mine = { account: 1, symbol: 3 };
const theirs = { account: 2, symbol: 3 };

test("a fill is reported to both sides, each with its own order, side, liquidity and fee", () => {
  const { trades, tick } = open();
  tick(
    setFees({ maker: -10, taker: 30 }),
    setAccount({ account: 2, fees: { maker: 0, taker: 50 } }),
  );
  tick(buy({ ...mine, price: 1000, quantity: 5 }), sell({ ...theirs, price: 990, quantity: 4 }));
  tick(buy({ ...mine, symbol: 0, price: 20, quantity: 1 }));
  const fill = { symbol: 3, price: 1000, quantity: 4, tradeId: 1, timestamp: 1003, tick: 3 };
  expect(trades.page(1, EVERY, 0, 10)).toEqual({
    rows: [{ ...fill, order: 1, side: 0, liquidity: 0, fee: -4 }],
    next: null,
    passed: 0,
  });
  expect(trades.page(2, EVERY, 0, 10)).toEqual({
    rows: [{ ...fill, order: 2, side: 1, liquidity: 1, fee: 20 }],
    next: null,
    passed: 0,
  });
});

test("a trade with oneself is reported as both sides of one trade", () => {
  const { trades, tick } = open();
  tick(
    buy({ ...theirs, price: 10, quantity: 3, selfTrade: "NONE" }),
    sell({ ...theirs, price: 10, quantity: 3, selfTrade: "NONE" }),
  );
  const fills = trades.page(2, EVERY, 0, 10).rows;
  expect(fills.map(({ tradeId, side, liquidity }) => [tradeId, side, liquidity])).toEqual([
    [1, 1, 1],
    [1, 0, 0],
  ]);
});

test("fills of an auction have its price, and the later order is the taker", () => {
  const { trades, tick } = open();
  tick(
    setSymbolState({ symbol: 3, state: "PRE_OPEN" }),
    sell({ ...theirs, price: 90, quantity: 5 }),
    buy({ ...mine, price: 110, quantity: 5 }),
  );
  expect(trades.page(1, EVERY, 0, 10).rows).toEqual([]);
  tick(setSymbolState({ symbol: 3, state: "TRADING" }));
  const seen = (fills: AccountFill[]) =>
    fills.map(({ price, quantity, liquidity, tick: at }) => [price, quantity, liquidity, at]);
  const [[price]] = seen(trades.page(1, EVERY, 0, 10).rows);
  expect(price).toBeWithin(90, 111);
  expect(seen(trades.page(1, EVERY, 0, 10).rows)).toEqual([[price, 5, 1, 3]]);
  expect(seen(trades.page(2, EVERY, 0, 10).rows)).toEqual([[price, 5, 0, 3]]);
});

test("pages, of all symbols and of one, until the ring has gone round", () => {
  const { trades, tick } = open(16);
  const price = 10;
  for (let i = 0; i < 12; i++) {
    const symbol = i % 3 === 0 ? 0 : 3;
    tick(
      buy({ account: 1, symbol, price, quantity: i + 1 }),
      sell({ account: 2, symbol, price, quantity: i + 1 }),
    );
  }
  const all = (symbol: number, limit: number): number[] => {
    const quantities: number[] = [];
    let before: number | null = 0;
    while (before !== null) {
      const { rows, next }: { rows: AccountFill[]; next: number | null } = trades.page(
        1,
        symbol,
        before,
        limit,
      );
      quantities.push(...rows.map(({ quantity }) => quantity));
      before = next;
    }
    return quantities;
  };
  // Eight trades of two fills each are in the ring, and of each account the last 128.
  for (const limit of [1, 2, 3, 8, 100]) {
    expect(all(EVERY, limit)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(all(3, limit)).toEqual([12, 11, 9, 8, 6, 5, 3, 2]);
    expect(all(0, limit)).toEqual([10, 7, 4, 1]);
    expect(all(5, limit)).toEqual([]);
  }
});

test("an account's last 128 fills stay, however many others come after them", () => {
  const { trades, tick } = open(8);
  tick(openAccount({ account: 3 }), depositCash({ account: 3, amount: 1e9 }));
  for (let i = 1; i <= 140; i++) {
    tick(buy({ ...mine, price: 10, quantity: i }), sell({ ...theirs, price: 10, quantity: i }));
  }
  for (let i = 0; i < 150; i++) {
    tick(
      buy({ account: 3, symbol: 0, price: 9, quantity: 1 }),
      sell({ account: 2, symbol: 0, price: 9, quantity: 1 }),
    );
  }
  const quantities = Array.from({ length: 128 }, (_, i) => 140 - i);
  expect(trades.page(1, EVERY, 0, 200).rows.map(({ quantity }) => quantity)).toEqual(quantities);
  expect(trades.page(1, 0, 0, 50).rows).toEqual([]);
  const { rows, next } = trades.page(1, EVERY, 0, 10);
  const rest = trades.page(1, EVERY, next ?? 0, 200).rows;
  expect([...rows, ...rest].map(({ quantity }) => quantity)).toEqual(quantities);
});
