/** A book kept from `depth` messages: levels by side, best first, and the checksum that the exchange sends with each. */
import type { DepthPush } from "./messages.ts";

/** `[price, quantity]`: cents and shares. */
export type Level = readonly [price: number, quantity: number];

/** Levels a side that the checksum covers. */
const CHECKSUM_LEVELS = 10;

export class LocalBook {
  /** Best first. A change makes a new list, so a caller may keep the one that he has. */
  bids: readonly Level[] = [];
  asks: readonly Level[] = [];
  /** Number of the last change in the book. */
  seq = 0;

  /** Applies a message; false when the book does not have the message's checksum after it. */
  apply(message: DepthPush): boolean {
    if (message.snapshot === true) {
      this.bids = message.bids;
      this.asks = message.asks;
    } else {
      if (message.bids.length > 0) this.bids = merged(this.bids, message.bids, -1);
      if (message.asks.length > 0) this.asks = merged(this.asks, message.asks, 1);
    }
    this.seq = message.last_seq;
    return bookChecksum(this.bids, this.asks) === message.checksum;
  }
}

/**
 * `levels` with the changes applied; a quantity of 0 removes its level. `order`: 1 when the lowest price is
 * best, -1 when the highest is.
 */
function merged(levels: readonly Level[], changes: readonly Level[], order: 1 | -1): Level[] {
  const result = levels.slice();
  for (const change of changes) {
    const [price, quantity] = change;
    let low = 0;
    let high = result.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = result[middle]?.[0] ?? price;
      if ((at - price) * order < 0) low = middle + 1;
      else high = middle;
    }
    const isThere = result[low]?.[0] === price;
    if (quantity === 0) result.splice(low, isThere ? 1 : 0);
    else result.splice(low, isThere ? 1 : 0, change);
  }
  return result;
}

/** Table of the CRC-32: remainders of the reversed IEEE polynomial, by byte. */
const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder >>> 1) ^ ((remainder & 1) === 0 ? 0 : 0xedb8_8320);
  }
  return remainder;
});

/** The unsigned CRC-32 (IEEE) of `price:quantity,…|price:quantity,…`: ten best bids, ten best asks. */
export function bookChecksum(bids: readonly Level[], asks: readonly Level[]): number {
  const text = `${sideText(bids)}|${sideText(asks)}`;
  let crc = -1;
  for (let i = 0; i < text.length; i++) {
    crc = (crc >>> 8) ^ (REMAINDERS[(crc ^ text.charCodeAt(i)) & 0xff] as number);
  }
  return ~crc >>> 0;
}

function sideText(levels: readonly Level[]): string {
  return levels
    .slice(0, CHECKSUM_LEVELS)
    .map(([price, quantity]) => `${price}:${quantity}`)
    .join(",");
}
