import { expect, test } from "bun:test";
import { createFairShares } from "../../src/lib/fair-shares.ts";
import { Random } from "../core/fuzz/random.ts";

/** Holders of so much each, in this order. */
function createHeld(...amounts: number[]) {
  const held = [...amounts];
  const shares = createFairShares(amounts.length);
  held.forEach((amount, holder) => {
    shares.changed(holder, 0, amount);
  });
  const change = (holder: number, by: number): void => {
    const before = held[holder] ?? 0;
    held[holder] = before + by;
    shares.changed(holder, before, before + by);
  };
  return { held, shares, change };
}

test("nobody holds anything", () => {
  expect(createFairShares(3).largest()).toBe(-1);
});

test("the one longest in the highest class gives up first, until he is in a lower one", () => {
  const { held, shares, change } = createHeld(5, 7, 6, 3);
  const order: number[] = [];
  for (let i = 0; i < 9; i++) {
    order.push(shares.largest());
    change(shares.largest(), -1);
  }
  expect(order).toEqual([0, 0, 1, 1, 1, 1, 2, 2, 2]);
  expect(held).toEqual([3, 3, 3, 3]);
});

test("who holds no more than half of an equal share never gives up anything", () => {
  const random = new Random(1);
  for (let round = 0; round < 50; round++) {
    const holders = random.between(2, 40);
    const total = random.between(2 * holders, 4_000);
    const { held, shares, change } = createHeld(...Array.from({ length: holders }, () => 0));
    let sum = 0;
    for (let i = 0; i < 6_000; i++) {
      change(random.once(3) ? random.between(0, holders - 1) : 0, 1);
      if (++sum <= total) continue;
      const largest = shares.largest();
      expect(held[largest]).toBeGreaterThan(Math.max(...held) / 2);
      expect(held[largest]).toBeGreaterThan(total / holders / 2);
      change(largest, -1);
      sum--;
    }
  }
});
