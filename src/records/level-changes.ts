/**
 * Changes of books. Each symbol's changes are numbered over the life of the exchange. The latest changes of symbols
 * that somebody watches are kept, so that a client can get what it missed. Snapshots have the numbers but not the
 * changes: after a restart clients begin with the whole book.
 */
import type { TickOutput, TickStage } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import { assert } from "../lib/assert.ts";
import { type Store, store } from "../lib/store.ts";
import { bookChecksum, CHECKSUM_LEVELS } from "../protocol/book-checksum.ts";
import { createDepthMessage, type DepthMessage, fitLevels, LevelLog, NONE } from "./level-log.ts";
import { TickLevels } from "./tick-levels.ts";
import { Watches } from "./watches.ts";

const LOG_BYTES = 32 * 1024 * 1024;
/** The most messages that one replay sends again. */
export const REPLAY_MESSAGES_MAX = 4096;
const REPLAY_LEVELS_MAX = 65_536;

export class LevelChanges implements TickStage {
  readonly stores: readonly Store[];
  readonly watches: Watches;
  readonly #view: CoreView;
  /** By symbol: changes of its book so far. */
  readonly #seqs: Float64Array;
  readonly #log: LevelLog;
  readonly #levels: TickLevels;
  /** The watched symbols that the tick changed; and by symbol the number of its first change in the tick, 0 = none. */
  readonly #touched: Int32Array;
  readonly #firstSeqs: Float64Array;
  readonly #message = createDepthMessage();
  readonly #bids = new Float64Array(CHECKSUM_LEVELS * 2);
  readonly #asks = new Float64Array(CHECKSUM_LEVELS * 2);
  /** Positions of the messages that `replay` gives. */
  readonly #replayed = new Float64Array(REPLAY_MESSAGES_MAX);

  /** `logBytes`: memory for the changes of all symbols together. */
  constructor(view: CoreView, logBytes = LOG_BYTES) {
    const { symbolsMax, symbolsEnd } = view;
    this.#view = view;
    this.watches = new Watches(symbolsMax);
    this.#seqs = new Float64Array(symbolsMax);
    this.#log = new LevelLog(symbolsMax, logBytes);
    this.#levels = new TickLevels(symbolsMax);
    this.#touched = new Int32Array(symbolsMax);
    this.#firstSeqs = new Float64Array(symbolsMax);
    this.stores = [store("book-seqs", this.#seqs, () => symbolsEnd() * 2)];
  }

  /** Changes of a symbol's book so far. */
  seq(symbol: number): number {
    return this.#seqs[symbol];
  }

  onTick(output: TickOutput): void {
    const { events, timestamp, levels } = output;
    let touched = 0;
    for (let i = 0; i < levels.count; i++) {
      const e = levels.at(i);
      const symbol = events.levelSymbol(e);
      const seq = ++this.#seqs[symbol];
      if (!this.watches.isWatched(symbol, timestamp)) continue;
      if (this.#firstSeqs[symbol] === 0) {
        this.#firstSeqs[symbol] = seq;
        this.#touched[touched++] = symbol;
      }
      const side = events.levelSide(e);
      this.#levels.add(symbol, side, events.levelPrice(e), events.levelTotal(e));
    }
    for (let i = 0; i < touched; i++) this.#keep(this.#touched[i], output);
    this.#levels.clear();
  }

  /** Keeps what the tick changed in a symbol's book as one message. */
  #keep(symbol: number, { tick, timestamp }: TickOutput): void {
    const message = this.#message;
    this.#takeLevels(message, symbol);
    message.firstSeq = this.#firstSeqs[symbol];
    message.lastSeq = this.#seqs[symbol];
    message.tick = tick;
    message.timestamp = timestamp;
    message.checksum = this.checksum(symbol);
    this.#log.append(symbol, message);
    this.#firstSeqs[symbol] = 0;
  }

  /** The checksum of the symbol's book as it is. */
  checksum(symbol: number): number {
    const bidCount = this.#view.depth(symbol, 0, this.#bids, CHECKSUM_LEVELS);
    const askCount = this.#view.depth(symbol, 1, this.#asks, CHECKSUM_LEVELS);
    return bookChecksum(this.#bids, bidCount, this.#asks, askCount);
  }

  /** Fills `target` with the message that has the symbol's last change. False when it is not kept. */
  readLast(target: DepthMessage, symbol: number): boolean {
    const position = this.#newest(symbol);
    if (position === NONE) return false;
    this.#log.read(target, position);
    return true;
  }

  /**
   * Fills `target` with all of the symbol's changes from `fromSeq` on, as one message. False when they are not kept, or
   * there are none. Call it only between two ticks.
   */
  readSince(target: DepthMessage, symbol: number, fromSeq: number): boolean {
    if (fromSeq < this.oldestSeq(symbol) || fromSeq > this.seq(symbol)) return false;
    const levels = this.#levels;
    this.replay(symbol, fromSeq, target, ({ bids, bidCount, asks, askCount }) => {
      for (let i = 0; i < bidCount; i++) levels.add(symbol, 0, bids[i * 2], bids[i * 2 + 1]);
      for (let i = 0; i < askCount; i++) levels.add(symbol, 1, asks[i * 2], asks[i * 2 + 1]);
    });
    // `replay` has left the last seq, tick, timestamp and checksum of the last message in `target`.
    target.firstSeq = fromSeq;
    this.#takeLevels(target, symbol);
    levels.clear();
    return true;
  }

  #takeLevels(target: DepthMessage, symbol: number): void {
    const levels = this.#levels;
    fitLevels(target, levels.countMax(symbol, 0), levels.countMax(symbol, 1));
    target.bidCount = levels.take(symbol, 0, target.bids);
    target.askCount = levels.take(symbol, 1, target.asks);
  }

  /** The oldest change of the symbol that can be sent again; the number of the next change when none can. */
  oldestSeq(symbol: number): number {
    let oldest = this.#seqs[symbol] + 1;
    let messages = 0;
    let levels = 0;
    for (let p = this.#newest(symbol); p !== NONE; p = this.#log.previous(p)) {
      messages++;
      levels += this.#log.levels(p);
      if (messages > REPLAY_MESSAGES_MAX || levels > REPLAY_LEVELS_MAX) break;
      oldest = this.#log.firstSeq(p);
    }
    return oldest;
  }

  /** The most levels that `replay` would give from `fromSeq` on. */
  levelsSince(symbol: number, fromSeq: number): number {
    return Math.min(REPLAY_LEVELS_MAX, Math.max(0, this.#seqs[symbol] + 1 - fromSeq));
  }

  /**
   * Gives the symbol's messages, from the one that has change `fromSeq` on: fills `target` and calls `onMessage` for
   * each. `fromSeq` must be from `oldestSeq` to the number of the next change. Returns the number of the first change
   * that was given, `fromSeq` when there was none.
   */
  replay(
    symbol: number,
    fromSeq: number,
    target: DepthMessage,
    onMessage: (message: DepthMessage) => void,
  ): number {
    const positions = this.#replayed;
    let count = 0;
    let p = this.#newest(symbol);
    for (; p !== NONE && this.#log.lastSeq(p) >= fromSeq; p = this.#log.previous(p)) {
      assert(
        count < REPLAY_MESSAGES_MAX,
        "a replay begins at the oldest change that can be told or later",
      );
      positions[count++] = p;
    }
    const firstSeq = count === 0 ? fromSeq : this.#log.firstSeq(positions[count - 1]);
    while (count > 0) {
      this.#log.read(target, positions[--count]);
      onMessage(target);
    }
    return firstSeq;
  }

  /** The position of the symbol's newest entry in the log; NONE if it does not have the symbol's last change. */
  #newest(symbol: number): number {
    const position = this.#log.newest(symbol);
    const isLast = position !== NONE && this.#log.lastSeq(position) === this.#seqs[symbol];
    return isLast ? position : NONE;
  }
}
