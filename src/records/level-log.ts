/**
 * A ring of the latest depth messages of all symbols. The newest overwrite the oldest.
 *
 * ```
 *      ┌─────────────┬──────────────────┬─────── … ──┬───────────────┐
 *      │ newer entry │ end │ old entries │           │ newer entries │
 *      └─────────────┴──────────────────┴─────── … ──┴───────────────┘
 *  entry, doubles: 0 PREVIOUS, 1 FIRST_SEQ, 2 LAST_SEQ, 3 TICK, 4 TIMESTAMP, 5 CHECKSUM, 6 BIDS, 7 ASKS,
 *                  then price and total of each bid, then of each ask
 * ```
 *
 * A position is the number of doubles that were ever written before it. So an entry is gone when its position lies more
 * than the ring's size behind the end. PREVIOUS is 1 + the position of the same symbol's entry before, 0 = none.
 */

const PREVIOUS = 0;
const FIRST_SEQ = 1;
const LAST_SEQ = 2;
const TICK = 3;
const TIMESTAMP = 4;
const CHECKSUM = 5;
const BIDS = 6;
const ASKS = 7;
const HEAD_DOUBLES = 8;

/** No entry. */
export const NONE = -1;

/** What a tick changed in a book. The object is made once and filled again and again. */
export interface DepthMessage {
  firstSeq: number;
  lastSeq: number;
  tick: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  /** Checksum of the ten best levels of each side after the change (`protocol/book-checksum.ts`). */
  checksum: number;
  /** Price and new total of each level, best first, 0 = nothing waits there. */
  bids: Float64Array;
  asks: Float64Array;
  /** Levels of each side. */
  bidCount: number;
  askCount: number;
}

const FIRST_LEVELS = 64;

export function createDepthMessage(): DepthMessage {
  return {
    firstSeq: 0,
    lastSeq: 0,
    tick: 0,
    timestamp: 0,
    checksum: 0,
    bids: new Float64Array(FIRST_LEVELS * 2),
    asks: new Float64Array(FIRST_LEVELS * 2),
    bidCount: 0,
    askCount: 0,
  };
}

/** Gives the message room for so many levels a side. When it has to grow, its levels are lost. */
export function fitLevels(message: DepthMessage, bidCount: number, askCount: number): void {
  if (message.bids.length < bidCount * 2) message.bids = new Float64Array(bidCount * 4);
  if (message.asks.length < askCount * 2) message.asks = new Float64Array(askCount * 4);
}

export class LevelLog {
  readonly #ring: Float64Array;
  /** By symbol: 1 + the position of its newest entry, 0 = none. */
  readonly #newest: Float64Array;
  #end = 0;

  constructor(symbolsMax: number, bytesMax: number) {
    this.#ring = new Float64Array(bytesMax >> 3);
    this.#newest = new Float64Array(symbolsMax);
  }

  /**
   * Adds the symbol's next message. If it does not follow the last one without a gap, the earlier ones are forgotten.
   * If it is longer than the ring, the symbol has no message afterwards.
   */
  append(symbol: number, message: DepthMessage): void {
    const { bids, bidCount, asks, askCount } = message;
    const length = HEAD_DOUBLES + (bidCount + askCount) * 2;
    const ring = this.#ring;
    const newest = this.newest(symbol);
    this.#newest[symbol] = 0;
    if (length > ring.length) return;
    const follows = newest !== NONE && this.lastSeq(newest) + 1 === message.firstSeq;
    const left = ring.length - (this.#end % ring.length);
    // An entry is not split. If it does not fit at the end of the ring, that end stays empty.
    const position = length > left ? this.#end + left : this.#end;
    let r = position % ring.length;
    ring[r + PREVIOUS] = follows ? newest + 1 : 0;
    ring[r + FIRST_SEQ] = message.firstSeq;
    ring[r + LAST_SEQ] = message.lastSeq;
    ring[r + TICK] = message.tick;
    ring[r + TIMESTAMP] = message.timestamp;
    ring[r + CHECKSUM] = message.checksum;
    ring[r + BIDS] = bidCount;
    ring[r + ASKS] = askCount;
    r += HEAD_DOUBLES;
    for (let i = 0; i < bidCount * 2; i++) ring[r++] = bids[i];
    for (let i = 0; i < askCount * 2; i++) ring[r++] = asks[i];
    this.#newest[symbol] = position + 1;
    this.#end = position + length;
  }

  /** The position of the symbol's newest entry, NONE when it has none or the ring has overwritten it. */
  newest(symbol: number): number {
    return this.#kept(this.#newest[symbol] - 1);
  }

  /** The position of the same symbol's entry before, NONE when there is none or the ring has overwritten it. */
  previous(position: number): number {
    return this.#kept(this.#word(position, PREVIOUS) - 1);
  }

  firstSeq(position: number): number {
    return this.#word(position, FIRST_SEQ);
  }

  lastSeq(position: number): number {
    return this.#word(position, LAST_SEQ);
  }

  levels(position: number): number {
    return this.#word(position, BIDS) + this.#word(position, ASKS);
  }

  /** Fills `target` with the entry at `position`. */
  read(target: DepthMessage, position: number): void {
    const ring = this.#ring;
    const bidCount = this.#word(position, BIDS);
    const askCount = this.#word(position, ASKS);
    fitLevels(target, bidCount, askCount);
    target.firstSeq = this.#word(position, FIRST_SEQ);
    target.lastSeq = this.#word(position, LAST_SEQ);
    target.tick = this.#word(position, TICK);
    target.timestamp = this.#word(position, TIMESTAMP);
    target.checksum = this.#word(position, CHECKSUM);
    target.bidCount = bidCount;
    target.askCount = askCount;
    let r = (position % ring.length) + HEAD_DOUBLES;
    for (let i = 0; i < bidCount * 2; i++) target.bids[i] = ring[r++];
    for (let i = 0; i < askCount * 2; i++) target.asks[i] = ring[r++];
  }

  #word(position: number, offset: number): number {
    return this.#ring[(position % this.#ring.length) + offset];
  }

  #kept(position: number): number {
    return position < 0 || position < this.#end - this.#ring.length ? NONE : position;
  }
}
