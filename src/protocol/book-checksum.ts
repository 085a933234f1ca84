/** The checksum of the `depth` channel. With it a client checks that its book is the same as the exchange's. */
import { ByteWriter } from "./byte-writer.ts";

/** How many levels of each side are in the checksum. */
export const CHECKSUM_LEVELS = 10;

const COLON = 0x3a;
const COMMA = 0x2c;
const BAR = 0x7c;

/** The CRC's remainder for each byte, with the reversed IEEE polynomial. */
const REMAINDERS = new Int32Array(256);
for (let byte = 0; byte < REMAINDERS.length; byte++) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder >>> 1) ^ ((remainder & 1) === 0 ? 0 : 0xedb8_8320);
  }
  REMAINDERS[byte] = remainder;
}

const writer = new ByteWriter();

/**
 * The unsigned CRC-32 (IEEE) of the text `price:quantity,…|price:quantity,…`: up to ten best bids, then
 * up to ten best asks. Both are flat, `[price, quantity, price, …]`, best first, with the number of
 * their levels, which may be more than ten.
 */
export function bookChecksum(
  bids: Float64Array,
  bidCount: number,
  asks: Float64Array,
  askCount: number,
): number {
  writer.reset();
  writeSide(bids, bidCount);
  writer.byte(BAR);
  writeSide(asks, askCount);
  return crc32(writer.view());
}

function writeSide(levels: Float64Array, count: number): void {
  const end = 2 * Math.min(count, CHECKSUM_LEVELS);
  for (let i = 0; i < end; i += 2) {
    if (i > 0) writer.byte(COMMA);
    writer.digits(levels[i]);
    writer.byte(COLON);
    writer.digits(levels[i + 1]);
  }
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) {
    crc = (crc >>> 8) ^ REMAINDERS[(crc ^ bytes[i]) & 0xff];
  }
  return ~crc >>> 0;
}
