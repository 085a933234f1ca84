import { expect, test } from "bun:test";
import { pickEarly } from "../../src/demo/desk.ts";
import { anchorValue, clampedValue, nextFairValue } from "../../src/demo/fair-value.ts";
import { isPlaying } from "../../src/demo/game-days.ts";
import { Market } from "../../src/demo/market.ts";
import { seededRandom } from "../../src/demo/random.ts";
import { styleOf } from "../../src/demo/styles.ts";
import { Collector, takerOrder } from "../../src/demo/taker.ts";
import { OFFLINE_PLAYERS } from "../../src/players/offline.ts";

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

test("every starter is worth more than any substitute, for ever the same", () => {
  const values = (slot: string, position: string) =>
    OFFLINE_PLAYERS.filter(({ player_id }) => player_id.endsWith(`-${slot}`)).map(({ player_id }) =>
      anchorValue(player_id, position),
    );
  for (const [first, second, position] of [
    ["QB1", "QB2", "QB"],
    ["RB1", "RB2", "RB"],
    ["RB2", "RB3", "RB"],
    ["WR1", "WR2", "WR"],
    ["TE1", "TE2", "TE"],
  ] as const) {
    expect(values(first, position)).toHaveLength(32);
    expect(Math.min(...values(first, position))).toBeGreaterThan(
      Math.max(...values(second, position)),
    );
  }
  expect(new Set(values("QB1", "QB")).size).toBeGreaterThan(25);
  expect(values("DEF", "DEF").every((value) => value >= 700 && value <= 2500)).toBe(true);
  const others = Array.from({ length: 1_000 }, (_, id) => anchorValue(String(id), "QB"));
  expect([Math.min(...others) >= 1_500, Math.max(...others) <= 9_500]).toEqual([true, true]);
  expect(others.filter((value) => value > 5_000).length).toBeLessThan(500);
});

test("a minute moves a value 0.5 % at most, four minutes twice as far, and a game farther", () => {
  const steps = [0, 0.5, 0.999_999].map((value) =>
    nextFairValue(5_000, 5_000, () => value, 60_000),
  );
  expect(steps).toEqual([4_975, 5_000, expect.closeTo(5_025, 1)]);
  expect(nextFairValue(5_000, 5_000, () => 0, 240_000)).toBe(4_950);
  expect(nextFairValue(5_000, 5_000, () => 0, 60_000, 4)).toBe(4_900);
  expect(nextFairValue(5_000, 5_000, () => 0, 0)).toBe(5_000);
});

test("a value moves towards its anchor by the same amount in many short steps as in one long step", () => {
  const still = () => 0.5;
  const day = nextFairValue(6_000, 5_000, still, 86_400_000);
  expect(day).toBeLessThan(5_500);
  expect(day).toBeGreaterThan(5_000);
  const minutes = Array.from({ length: 1440 }).reduce<number>(
    (value) => nextFairValue(value, 5_000, still, 60_000),
    6_000,
  );
  expect(minutes).toBeCloseTo(day, 5);
});

test("a cheap share's value moves as far in many steps as in few", () => {
  const cheap = { ...info, position: "K", player_id: "1" };
  const reach = (everyMs: number) => {
    const market = new Market(cheap);
    const start = market.fairValue;
    let farthest = 0;
    for (let at = 0; at < 14_400_000; at += everyMs) {
      market.walk(at);
      farthest = Math.max(farthest, Math.abs(market.fairValue - start));
    }
    return farthest;
  };
  expect(reach(200)).toBeGreaterThan(3);
  expect(reach(60_000)).toBeGreaterThan(3);
});

test("a value stays between half and twice its anchor", () => {
  expect([100, 2_600, 99_999].map((value) => clampedValue(value, 5_000))).toEqual([
    2_500, 2_600, 10_000,
  ]);
});

test("a market walks the same way every time, goes on where it was, and learns from fills", () => {
  const walks = [new Market(info), new Market(info)].map((market) =>
    Array.from({ length: 5 }, (_, i) => {
      market.walk(i * 60_000);
      return market.fairValue;
    }),
  );
  expect(walks[0]).toEqual(walks[1] as number[]);
  expect(new Set(walks[0]).size).toBeGreaterThan(1);

  const market = new Market(info);
  const start = market.anchor;
  market.learnFrom("SELL", start + 500, 1);
  expect(market.fairValue).toBe(start + Math.max(5, Math.round(start * 0.0006)));
  market.resumeAt(start);
  market.learnFrom("SELL", start + 2, 4);
  expect(market.fairValue).toBe(start + 2);
  market.learnFrom("BUY", start + 3, 4);
  expect(market.fairValue).toBe(start + 2);
  market.learnFrom("BUY", start + 1, 4);
  expect(market.fairValue).toBe(start + 1);
  market.resumeAt(start);
  market.concede(start + 200);
  expect(market.fairValue).toBe(start + 40);
  market.concede(start + 41);
  expect(market.fairValue).toBe(start + 41);
  market.resumeAt(start);
  market.shock(-0.1, 1_000);
  expect([market.fairValue, market.direction(2_000), market.direction(100_000)]).toEqual([
    ...[Math.round(start * 0.9), -1, 0],
  ]);
});

test("a taker's order reaches beyond the makers' quotes", () => {
  const market = { fairValue: 5_000, increment: 25 };
  expect([takerOrder(market, "BUY", 1), takerOrder(market, "SELL", 15)]).toEqual([
    { side: "BUY", price: 5_150, quantity: 1 },
    { side: "SELL", price: 4_850, quantity: 15 },
  ]);
});

test("a collector takes both best prices of the best known, the most active and the busiest so far in turn, and leaves what is far off", () => {
  const markets = Array.from(
    { length: 60 },
    (_, i) => new Market({ ...info, symbol: `SYMBOL_${i}` }),
  );
  for (const market of markets) {
    const value = market.fairValue;
    market.hear({ bid: [value - 5, 900], ask: [value + 5, 30] });
  }
  (markets[3] as Market).hear({ bid: [1, 5], ask: null });
  const hour = 3_600_000;
  for (const market of markets.slice(40, 50)) for (let i = 0; i < 5; i++) market.stir(0);
  for (const market of markets.slice(20, 35)) market.stir(hour);
  const collector = new Collector();
  const taken = Array.from({ length: 140 }, () => collector.next(markets, () => 0, hour));
  const orders = taken.flatMap((each) => (each === null ? [] : [each]));
  expect(orders).toHaveLength(136);
  const counts = Map.groupBy(orders, ([{ symbol }, { side }]) => `${side} ${symbol}`);
  expect(counts.size).toBe(68);
  expect([...counts.values()].every(({ length }) => length === 2)).toBe(true);
  expect(orders[0]?.[1]).toEqual({
    side: "SELL",
    price: (markets[0] as Market).fairValue - 5,
    quantity: 400,
  });
  expect([...counts.keys()]).not.toContain("SELL SYMBOL_10");
  for (let i = 0; i < 2; i++) (markets[11] as Market).stir(hour);
  const later = Array.from({ length: 70 }, () => collector.next(markets, () => 0, hour + 1000));
  expect(later.filter((each) => each?.[0] === markets[11])).toHaveLength(2);
});

test("the better known, the closer, deeper and larger, and the first is picked most", () => {
  const [star, middling, unknown] = [0, 60, 500].map((rank) => styleOf(rank, 0));
  expect(star.halfSpread).toBeLessThan(middling.halfSpread);
  expect(middling.halfSpread).toBeLessThan(unknown.halfSpread);
  expect([star.levels, unknown.levels]).toEqual([5, 2]);
  expect(star.lot).toBeGreaterThan(unknown.lot);
  const random = seededRandom(1);
  const items = Array.from({ length: 512 }, (_, i) => i);
  const picks = Array.from({ length: 10_000 }, () => pickEarly(items, random));
  const share = (below: number) => picks.filter((each) => each < below).length / picks.length;
  expect([share(1), share(10), share(512)]).toEqual([
    expect.closeTo(0.11, 1),
    expect.closeTo(0.38, 1),
    1,
  ]);
});

test("some teams play, each for a while", () => {
  const teams = [...new Set(OFFLINE_PLAYERS.map(({ team }) => team))];
  const playing = (nowMs: number) => teams.filter((team) => isPlaying(team, nowMs));
  const counts = Array.from({ length: 96 }, (_, i) => playing(i * 900_000).length);
  expect(Math.max(...counts)).toBeLessThan(16);
  expect(counts.reduce((sum, each) => sum + each, 0) / counts.length).toBeGreaterThan(2);
  expect(playing(0)).toEqual(playing(899_999));
  expect(isPlaying(null, 0)).toBe(false);
});

test("seeded randomness repeats, and differs by seed", () => {
  const draws = (seed: number) => {
    const random = seededRandom(seed);
    return [random(), random(), random()];
  };
  expect(draws(7)).toEqual(draws(7));
  expect(draws(7)).not.toEqual(draws(8));
});
