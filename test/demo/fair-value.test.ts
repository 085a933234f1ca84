import { expect, test } from "bun:test";
import { anchorValue, clampedValue, nextFairValue } from "../../src/demo/fair-value.ts";
import { Market } from "../../src/demo/market.ts";
import { seededRandom } from "../../src/demo/random.ts";
import { takerOrder } from "../../src/demo/taker.ts";

test("anchors are the same in every demo, and within their position's range", () => {
  const positions = ["QB", "RB", "WR", "TE", "DEF", "K", "LS", null];
  expect(positions.map((position) => anchorValue("4046", position))).toEqual([
    2_043, 1_238, 1_238, 826, 713, 507, 511, 511,
  ]);
  const quarterbacks = Array.from({ length: 1_000 }, (_, id) => anchorValue(String(id), "QB"));
  expect([Math.min(...quarterbacks) >= 2_000, Math.max(...quarterbacks) <= 8_000]).toEqual([
    true,
    true,
  ]);
});

test("one step goes at most 1.2 % and is pulled towards the anchor", () => {
  const steps = [0, 0.5, 0.999_999].map((value) => nextFairValue(5_000, 5_000, () => value));
  expect(steps).toEqual([4_940, 5_000, 5_060]);
  expect(nextFairValue(6_000, 5_000, () => 0.5)).toBe(5_980);
});

test("a value stays between half and twice its anchor", () => {
  expect([100, 2_600, 99_999].map((value) => clampedValue(value, 5_000))).toEqual([
    2_500, 2_600, 10_000,
  ]);
});

test("a market walks the same way every time, goes on where it was, and learns from fills", () => {
  const info = {
    symbol: "SYMBOL_3",
    ticker: "APLAYER",
    player_id: "4046",
    player_name: "A Player",
    team: "KC",
    position: "QB",
    number: 15,
    player_status: "Active",
    state: "TRADING",
    price_increment: 5,
  } as const;
  const walks = [new Market(info), new Market(info)].map((market) =>
    Array.from({ length: 5 }, () => {
      market.walk();
      return market.fairValue;
    }),
  );
  expect(walks[0]).toEqual(walks[1] as number[]);
  expect(new Set(walks[0]).size).toBeGreaterThan(1);

  const market = new Market(info);
  market.resumeAt(3_000);
  market.learnFrom("SELL");
  const risen = market.fairValue;
  market.learnFrom("BUY");
  market.learnFrom("BUY");
  expect([risen, market.fairValue]).toEqual([3_005, 2_995]);
});

test("a taker's order reaches beyond the makers' quotes", () => {
  const draws = [0.4, 0, 0.6, 0.999];
  const random = () => draws.shift() ?? 0;
  expect([takerOrder(5_000, 25, random), takerOrder(5_000, 25, random)]).toEqual([
    { side: "BUY", price: 5_150, quantity: 1 },
    { side: "SELL", price: 4_850, quantity: 15 },
  ]);
});

test("seeded randomness repeats, and differs by seed", () => {
  const draws = (seed: number) => {
    const random = seededRandom(seed);
    return [random(), random(), random()];
  };
  expect(draws(7)).toEqual(draws(7));
  expect(draws(7)).not.toEqual(draws(8));
});
