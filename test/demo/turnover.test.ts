import { expect, test } from "bun:test";
import { Market } from "../../src/demo/market.ts";
import { seededRandom } from "../../src/demo/random.ts";
import { styleOf } from "../../src/demo/styles.ts";
import { takerOf } from "../../src/demo/taker.ts";
import { sharesAMinute } from "../../src/demo/turnover.ts";
import { OFFLINE_PLAYERS } from "../../src/players/offline.ts";

const MINUTES = 30;
const START = 1_795_000_000_000;

/** Shares that the takers buy and sell of each symbol while both makers' best quotes always stand, by fame. */
function takenShares(): number[] {
  const markets = OFFLINE_PLAYERS.map(
    (player, i) =>
      new Market({
        ...player,
        symbol: `SYMBOL_${i}`,
        state: "TRADING",
        price_increment: 1,
      } as never),
  ).toSorted((left, right) => right.anchor - left.anchor);
  const ranks = new Map(markets.map((market, rank) => [market, rank]));
  for (const [market, rank] of ranks) {
    // One best price in two is the small maker's, the next is the large one's.
    const quantity = (styleOf(rank, 0).lot + styleOf(rank, 1).lot) / 2;
    market.hear({ bid: [market.fairValue - 1, quantity], ask: [market.fairValue + 1, quantity] });
  }
  const taken = markets.map(() => 0);
  const random = seededRandom(1);
  for (const taker of [takerOf(0), takerOf(1), takerOf(2)]) {
    for (let ms = 0; ms < MINUTES * 60_000; ms += taker.pauseMeanMs) {
      const choice = taker.next(markets, random, START + ms);
      if (choice === null) continue;
      const [market, { quantity }] = choice;
      market.stir(START + ms);
      const rank = ranks.get(market) ?? 0;
      taken[rank] = (taken[rank] ?? 0) + quantity;
    }
  }
  return taken.map((shares) => shares / MINUTES);
}

test("as much trades in the past as the takers trade, of the best known and of others", () => {
  const live = takenShares();
  const [first, last] = [0, live.length];
  for (const [from, to] of [
    [first, 3],
    [3, 10],
    [10, 100],
    [100, last],
  ] as const) {
    const sum = live.slice(from, to).reduce((total, shares) => total + shares, 0);
    const past = live.slice(from, to).reduce((total, _, i) => total + sharesAMinute(from + i), 0);
    expect(past / sum, `of ranks ${from} to ${to}`).toBeWithin(0.5, 2);
  }
});
