/** Names of orders in tests: numbers in the sequence in which events first told of them. */
import { orderNumber } from "../../src/core/command.ts";

/** Orders by the sequence in which events first told of them: 1, 2, 3 …; 0 = never told of. */
export interface OrderNames {
  /** The name of an order that an event tells of, given now if it has none yet. */
  give(slot: number, generation: number): number;
  /** The name of an order, 0 when it has none. */
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
    /** The order number behind a name. */
    numberOf: (name) => numbers[name] ?? 0,
    clear() {
      names.clear();
      numbers.length = 1;
    },
  };
}
