/** A client's book, built from depth messages, and the core's own book. */
import type { CoreView } from "../../src/core/view.ts";
import { bookChecksum } from "../../src/protocol/book-checksum.ts";

type Levels = [price: number, total: number][];

/** All levels of a side, best first. */
export function levelsOf(view: CoreView, symbol: number, side: number): Levels {
  const flat = new Float64Array(20_000);
  return pairs(flat, view.depth(symbol, side, flat, 10_000));
}

/** The first `count` levels of a flat list. */
export function pairs(flat: Float64Array, count: number): Levels {
  return Array.from({ length: count }, (_, i) => [flat[i * 2], flat[i * 2 + 1]]);
}

export interface DepthData {
  first_seq: number;
  last_seq: number;
  bids: Levels;
  asks: Levels;
  checksum: number;
  snapshot?: boolean;
}

export class DepthBook {
  seq = 0;
  #sides = [new Map<number, number>(), new Map<number, number>()];

  /** Starts from a whole book. */
  constructor(seq = 0, bids: Levels = [], asks: Levels = []) {
    this.seq = seq;
    this.#sides = [new Map(bids), new Map(asks)];
  }

  /**
   * Applies a message. Throws if it does not follow the last one, or if the book does not match the message's
   * checksum.
   */
  apply(message: DepthData): void {
    const { first_seq, last_seq, bids, asks, checksum, snapshot } = message;
    if (snapshot === true) this.#sides = [new Map(), new Map()];
    else if (first_seq > this.seq + 1)
      throw new Error(`missed ${this.seq + 1} to ${first_seq - 1}`);
    for (const [side, levels] of [bids, asks].entries()) {
      for (const [price, total] of levels) {
        if (total === 0) this.#sides[side]?.delete(price);
        else this.#sides[side]?.set(price, total);
      }
    }
    this.seq = last_seq;
    const [ours, theirs] = [this.#checksum(), checksum];
    if (ours !== theirs) throw new Error(`checksum ${ours} instead of ${theirs} at ${last_seq}`);
  }

  /** Levels of a side, best first. */
  levels(side: number): Levels {
    const sign = side === 0 ? -1 : 1;
    return [...(this.#sides[side] ?? [])].sort(([a], [b]) => sign * (a - b));
  }

  #checksum(): number {
    const [bids, asks] = [this.levels(0), this.levels(1)];
    const flat = (levels: Levels) => new Float64Array(levels.flat());
    return bookChecksum(flat(bids), bids.length, flat(asks), asks.length);
  }
}
