/** The queue of expiries: every open order that expires, once, in the order of a heap. */
import {
  O_EXPIRE_AT_F64,
  O_EXPIRY,
  O_RANK_F64,
  ORDER_SHIFT,
} from "../../../src/core/whistle/order-arena.ts";
import type { TestCore } from "../test-core.ts";
import type { Faults } from "./faults.ts";

export function validateExpiries(core: TestCore, resting: Set<number>, report: Faults): void {
  const { ints: O, doubles: OD } = core.arena;
  const { heap, head } = core.expiries;
  const expireAt = (slot: number): number => OD[(slot << (ORDER_SHIFT - 1)) + O_EXPIRE_AT_F64];
  const rank = (slot: number): number => OD[(slot << (ORDER_SHIFT - 1)) + O_RANK_F64];
  const count = head[0];
  for (let place = 1; place <= count; place++) {
    const slot = heap[place];
    const at = `expiry ${place}, slot ${slot}`;
    report(resting.has(slot) && expireAt(slot) !== 0, () => `${at}: expires at ${expireAt(slot)}`);
    const noted = O[(slot << ORDER_SHIFT) + O_EXPIRY];
    report(noted === place, () => `${at}: says ${noted}`);
    if (place === 1) continue;
    const above = heap[place >> 1];
    const isInOrder =
      expireAt(above) < expireAt(slot) ||
      (expireAt(above) === expireAt(slot) &&
        (rank(above) < rank(slot) || expireAt(slot) === Number.POSITIVE_INFINITY));
    report(isInOrder, () => `${at}: below ${above}, which expires later`);
  }
  const expiring = [...resting].filter((slot) => expireAt(slot) !== 0).length;
  report(count === expiring, () => `${count} expiries, ${expiring} orders expire`);
  report(heap[count + 1] === 0, () => `expiry ${count + 1} of ${count}: ${heap[count + 1]}`);
}
