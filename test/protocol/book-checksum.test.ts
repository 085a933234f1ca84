import { expect, test } from "bun:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { bookChecksum } from "../../src/protocol/book-checksum.ts";

type Level = [price: number, quantity: number];

const flat = (side: Level[]) => Float64Array.from(side.flat());
const sideText = (side: Level[]) =>
  side
    .slice(0, 10)
    .map(([price, quantity]) => `${price}:${quantity}`)
    .join(",");

test("the checksum is the CRC-32 of the text of the ten best levels a side", () => {
  const levels = fc.array(
    fc.tuple(
      fc.integer({ min: 1, max: 0x7fff_ffff }),
      fc.oneof(fc.integer({ min: 1, max: 9 }), fc.maxSafeNat()),
    ),
    { maxLength: 13 },
  );
  fc.assert(
    fc.property(levels, levels, (bids, asks) => {
      expect(bookChecksum(flat(bids), bids.length, flat(asks), asks.length)).toBe(
        crc32(`${sideText(bids)}|${sideText(asks)}`),
      );
    }),
    { numRuns: 1000 },
  );
});

test("the checksum is unsigned", () => {
  const none = new Float64Array(0);
  expect(bookChecksum(none, 0, none, 0)).toBe(crc32("|"));
  expect(bookChecksum(Float64Array.of(150, 10), 1, Float64Array.of(151, 8), 1)).toBe(
    crc32("150:10|151:8"),
  );
});

test("only as many levels count as there are said to be", () => {
  const side = Float64Array.of(150, 10, 149, 5);
  expect(bookChecksum(side, 1, side, 0)).toBe(crc32("150:10|"));
});
