import { expect, test } from "bun:test";
import { demoUsers } from "../../src/demo/accounts.ts";

test("makers and the taker hold every symbol, traders some", () => {
  const symbols = Array.from({ length: 80 }, (_, index) => `SYMBOL_${index}`);
  const all = (shares: number) => Object.fromEntries(symbols.map((symbol) => [symbol, shares]));
  const everyOther = (first: number) =>
    Object.fromEntries(
      Array.from({ length: 36 }, (_, index) => [`SYMBOL_${first + 2 * index}`, 100]),
    );
  const permissions = ["trade", "market_data"] as const;
  const robot = {
    permissions: [...permissions],
    rate_limits: { orders_per_second: 500, market_data_per_second: 1_000, burst_limit: 500 },
  };
  const trader = {
    role: "trader" as const,
    permissions: [...permissions],
    cash: 10_000_000,
    rate_limits: { orders_per_second: 100, market_data_per_second: 1_000, burst_limit: 50 },
  };

  expect(demoUsers(symbols)).toEqual([
    { ...robot, name: "maker-1", role: "maker", cash: 10_000_000_000, positions: all(100_000) },
    { ...robot, name: "maker-2", role: "maker", cash: 10_000_000_000, positions: all(100_000) },
    { ...robot, name: "taker-1", role: "taker", cash: 1_000_000_000, positions: all(10_000) },
    { ...trader, name: "alice", positions: everyOther(0) },
    { ...trader, name: "bob", positions: everyOther(1) },
  ]);
});

test("an exchange of one symbol has demo accounts too", () => {
  const positions = demoUsers(["SYMBOL_7"]).map((user) => user.positions);
  expect(positions).toEqual([
    { SYMBOL_7: 100_000 },
    { SYMBOL_7: 100_000 },
    { SYMBOL_7: 10_000 },
    { SYMBOL_7: 100 },
    { SYMBOL_7: 100 },
  ]);
});
