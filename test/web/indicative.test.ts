import { expect, test } from "bun:test";
import fc from "fast-check";
import { indication } from "../../src/web/player/indicative.ts";

type Levels = readonly (readonly [number, number])[];

test("the example of the protocol's page", () => {
  const bids: Levels = [
    [102, 10],
    [101, 20],
  ];
  const asks: Levels = [
    [100, 10],
    [101, 15],
  ];
  expect(indication(bids, asks, 1, 0)).toEqual({ price: 101, quantity: 25 });
});

test("nothing would trade in a book that is not crossed", () => {
  expect(indication([[99, 1]], [[100, 1]], 1, 0)).toBeNull();
  expect(indication([], [[100, 1]], 1, 0)).toBeNull();
});

test("it is what trying every price finds", () => {
  const side = fc.dictionary(
    fc.integer({ min: 1, max: 12 }).map(String),
    fc.integer({ min: 1, max: 4 }),
  );
  const increment = fc.constantFrom(1, 5);
  fc.assert(
    fc.property(side, side, increment, fc.integer({ min: 0, max: 70 }), (bid, ask, step, last) => {
      const levels = (of: Record<string, number>): [number, number][] =>
        Object.entries(of).map(([price, shares]) => [Number(price) * step, shares]);
      const bids = levels(bid).sort((a, b) => b[0] - a[0]);
      const asks = levels(ask).sort((a, b) => a[0] - b[0]);
      expect(indication(bids, asks, step, last)).toEqual(tryAll(bids, asks, step, last));
    }),
    { numRuns: 500 },
  );
});

function tryAll(bids: Levels, asks: Levels, step: number, last: number) {
  const sum = (levels: Levels, counts: (price: number) => boolean): number =>
    levels.filter(([price]) => counts(price)).reduce((all, [, shares]) => all + shares, 0);
  const all = Array.from({ length: 14 }, (_, i) => i * step).map((price) => {
    const demand = sum(bids, (level) => level >= price);
    const supply = sum(asks, (level) => level <= price);
    return { price, quantity: Math.min(demand, supply), surplus: Math.abs(demand - supply) };
  });
  const [best] = all
    .filter(({ quantity }) => quantity > 0)
    .sort(
      (a, b) =>
        b.quantity - a.quantity ||
        a.surplus - b.surplus ||
        Math.abs(a.price - last) - Math.abs(b.price - last) ||
        a.price - b.price,
    );
  return best === undefined ? null : { price: best.price, quantity: best.quantity };
}
