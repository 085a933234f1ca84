import { expect, test } from "bun:test";
import { orderFlow } from "../../../bench/load/order-flow.ts";

const SYMBOLS = ["SYMBOL_0", "SYMBOL_1"];

test("two rounds of passive orders are followed by one that crosses", () => {
  const buy = { symbol: "SYMBOL_0", side: "BUY" } as const;
  const sell = { symbol: "SYMBOL_1", side: "SELL" } as const;

  expect(orderFlow(0, SYMBOLS, 6)).toEqual([
    { ...buy, quantity: 10, price: 4_999 },
    { ...sell, quantity: 10, price: 5_003 },
    { ...buy, quantity: 10, price: 4_995 },
    { ...sell, quantity: 10, price: 5_002 },
    { ...buy, quantity: 20, price: 5_005 },
    { ...sell, quantity: 20, price: 4_995 },
  ]);
});

test("neighbours take opposite sides, and both trade as much as they offer", () => {
  const connections = [0, 1, 2, 3];
  const shares = new Map<string, number>();
  const sides = new Map<string, Set<string>>();
  for (const connection of connections) {
    for (const order of orderFlow(connection, SYMBOLS, 60)) {
      const book = `${order.symbol} ${order.side} ${order.quantity}`;
      shares.set(book, (shares.get(book) ?? 0) + order.quantity);
      const owner = `${connection} ${order.symbol}`;
      sides.set(owner, (sides.get(owner) ?? new Set()).add(order.side));
    }
  }

  expect(new Set(shares.values())).toEqual(new Set([400]));
  expect(Object.fromEntries(Array.from(sides, ([owner, set]) => [owner, [...set].join()]))).toEqual(
    {
      "0 SYMBOL_0": "BUY",
      "0 SYMBOL_1": "SELL",
      "1 SYMBOL_0": "SELL",
      "1 SYMBOL_1": "BUY",
      "2 SYMBOL_0": "BUY",
      "2 SYMBOL_1": "SELL",
      "3 SYMBOL_0": "SELL",
      "3 SYMBOL_1": "BUY",
    },
  );
});
