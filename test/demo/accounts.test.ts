import { expect, test } from "bun:test";
import { demoUsers, sharesOfNewcomers } from "../../src/demo/accounts.ts";

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
    { ...robot, name: "maker-1", role: "maker", cash: 100_000_000_000, positions: all(1_000_000) },
    { ...robot, name: "maker-2", role: "maker", cash: 100_000_000_000, positions: all(1_000_000) },
    { ...robot, name: "taker-1", role: "taker", cash: 1_000_000_000, positions: all(10_000) },
    { ...robot, name: "taker-2", role: "taker", cash: 1_000_000_000, positions: all(10_000) },
    { ...robot, name: "taker-3", role: "taker", cash: 100_000_000_000, positions: all(1_000_000) },
    { ...trader, name: "alice", positions: everyOther(0) },
    { ...trader, name: "bob", positions: everyOther(1) },
  ]);
});

test("an exchange of one symbol has demo accounts too", () => {
  const positions = demoUsers(["SYMBOL_7"]).map((user) => user.positions);
  expect(positions).toEqual([
    { SYMBOL_7: 1_000_000 },
    { SYMBOL_7: 1_000_000 },
    { SYMBOL_7: 10_000 },
    { SYMBOL_7: 10_000 },
    { SYMBOL_7: 1_000_000 },
    { SYMBOL_7: 100 },
    { SYMBOL_7: 100 },
  ]);
});

test("newcomers get a few shares of the best known", () => {
  const listed = ["KC-QB2", "KC-QB1", "KC-K1", "BUF-QB1", "SF-RB1", "SF-TE3", "SF-WR1"].map(
    (playerId, symbol) => ({ symbol, playerId, position: playerId.slice(-3, -1), increment: 1 }),
  );
  const shares = sharesOfNewcomers(listed);
  expect(Object.keys(shares)).toHaveLength(5);
  expect(Object.keys(shares)).toEqual(expect.arrayContaining(["SYMBOL_1", "SYMBOL_3"]));
  expect(Object.keys(shares)).not.toContain("SYMBOL_5");
});
