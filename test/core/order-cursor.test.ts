import { expect, test } from "bun:test";
import fc from "fast-check";
import { orderCursor, rankOfCursor, slotOfCursor } from "../../src/core/order-cursor.ts";

test("a cursor encodes a slot and a rank, up to 2^32 orders later", () => {
  const slots = fc.integer({ min: 1, max: 2 ** 21 - 1 });
  const ranks = fc.integer({ min: 1, max: 2 ** 50 });
  const later = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(slots, ranks, later, (slot, rank, orders) => {
      const cursor = orderCursor(slot, rank);
      expect(Number.isSafeInteger(cursor)).toBe(true);
      expect(slotOfCursor(cursor)).toBe(slot);
      expect(rankOfCursor(cursor, rank + orders)).toBe(rank);
    }),
  );
});
