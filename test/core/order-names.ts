/** Names of orders in tests: numbers in the sequence in which events first mention them. */
import { orderNumber } from "../../src/core/command.ts";

/** Orders in the sequence in which events first mention them: 1, 2, 3 …; 0 = never mentioned. */
export interface OrderNames {
  /** The name of an order in an event. It gets one now if it has none yet. */
  give(slot: number, generation: number): number;
  /** The name of an order; 0 if it has none. */
  find(slot: number, generation: number): number;
}

/** Names by order number, as `orderNumber` packs it. */
export function createOrderNames(): OrderNames & { numberOf(name: number): number; clear(): void } {
  const names = new Map<number, number>();
  const numbers: number[] = [0];
  return {
    give(slot, generation) {
      const number = orderNumber(slot, generation);
      const known = names.get(number);
      if (known !== undefined) return known;
      names.set(number, numbers.length);
      return numbers.push(number) - 1;
    },
    find: (slot, generation) => names.get(orderNumber(slot, generation)) ?? 0,
    /** The order number that belongs to a name. */
    numberOf: (name) => numbers[name] ?? 0,
    clear() {
      names.clear();
      numbers.length = 1;
    },
  };
}
