import { expect, test } from "bun:test";
import fc from "fast-check";
import { orderGeneration, orderNumber, orderSlot } from "../../src/core/command.ts";
import { NumberChain } from "../../src/records/number-chain.ts";
import { Random } from "../core/fuzz/random.ts";

/** A ring of order numbers with a chain over it. */
class Ring {
  readonly #numbers: number[];
  readonly #size: number;
  #chain: NumberChain;
  #written = 0;
  /** How often a look-up looked into a place. */
  looks = 0;

  constructor(size: number) {
    this.#size = size;
    this.#numbers = new Array<number>(size).fill(-1);
    this.#chain = new NumberChain(size);
  }

  get #next(): number {
    return this.#written & (this.#size - 1);
  }

  add(slot: number, generation: number): void {
    const place = this.#next;
    this.#numbers[place] = orderNumber(slot, generation);
    this.#chain.add(slot, generation, place);
    this.#written++;
  }

  /** The place of a number, -1 = it is not there. */
  find(number: number): number {
    return this.#chain.find(number, this.#next, (place) => {
      this.looks++;
      return this.#numbers[place];
    });
  }

  /** Makes the chain again from what the ring holds, oldest first, as after a snapshot. */
  restore(isCleared: boolean): void {
    if (isCleared) this.#chain.clear();
    else this.#chain = new NumberChain(this.#size);
    for (let i = Math.max(0, this.#written - this.#size); i < this.#written; i++) {
      const place = i & (this.#size - 1);
      const number = this.#numbers[place];
      this.#chain.add(orderSlot(number), orderGeneration(number), place);
    }
  }
}

/** Orders that end, in a market that uses a few slots again and again. */
function drawOrder(random: Random, slots: number, generations: Map<number, number>) {
  const slot = random.between(1, slots);
  const generation = generations.get(slot) ?? 0;
  generations.set(slot, generation + 1);
  return { slot, generation };
}

test("a search finds what the ring holds and nothing else, restored or not", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 4, 16, 64),
      fc.constantFrom(1, 2, 7, 500),
      fc.integer(),
      fc.integer({ min: 0, max: 300 }),
      (size, slots, seed, count) => {
        const random = new Random(seed);
        const ring = new Ring(size);
        const generations = new Map<number, number>();
        const numbers: number[] = [];
        for (let i = 0; i < count; i++) {
          const { slot, generation } = drawOrder(random, slots, generations);
          ring.add(slot, generation);
          numbers.push(orderNumber(slot, generation));
          if (random.once(40)) ring.restore(random.once(2));
          const asked = random.pick(numbers);
          const at = numbers.lastIndexOf(asked);
          expect(ring.find(asked)).toBe(at < numbers.length - size ? -1 : at & (size - 1));
        }
        const held = new Map<number, number>();
        numbers.forEach((number, i) => {
          if (i >= numbers.length - size) held.set(number, i & (size - 1));
        });
        for (const number of [0, 2 ** 53 - 1, orderNumber(slots + 1, 0), ...numbers]) {
          expect(ring.find(number)).toBe(held.get(number) ?? -1);
        }
      },
    ),
  );
});

test.each([
  ["one slot", 1],
  ["a few slots", 16],
  ["as many slots as places", 1 << 14],
  ["many slots", 1 << 20],
])("a look-up takes a few steps, with %s used again and again", (_, slots) => {
  const size = 1 << 14;
  const ring = new Ring(size);
  const random = new Random(slots);
  const generations = new Map<number, number>();
  const numbers: number[] = [];
  for (let i = 0; i < size * 5; i++) {
    const { slot, generation } = drawOrder(random, slots, generations);
    ring.add(slot, generation);
    numbers.push(orderNumber(slot, generation));
  }
  /** Looks per look-up: on average, and at most. */
  const looks = (asked: readonly number[]): { average: number; most: number } => {
    let most = 0;
    let sum = 0;
    for (const number of asked) {
      ring.looks = 0;
      ring.find(number);
      sum += ring.looks;
      most = Math.max(most, ring.looks);
    }
    return { average: sum / asked.length, most };
  };
  for (const asked of [numbers.slice(-size), numbers.slice(0, size)]) {
    const { average, most } = looks(asked);
    // Eight orders of a slot in a row share a head, and some share it by chance.
    expect(average).toBeLessThan(16);
    expect(most).toBeLessThan(60);
  }
});
