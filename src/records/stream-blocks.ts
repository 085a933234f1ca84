/**
 * Memory for the accounts' streams: blocks of 1 KiB, of which each account has a list, oldest first.
 *
 * ```
 *  account ──► oldest block ──► … ──► newest block      free blocks ──► …
 *  block, 256 words:  f64 0 FIRST_SEQ, 1 TICK, 2 TIMESTAMP (of the first entry)
 *                     int 6 END (of the entries; the newest block's stands with the account)
 *                     int 8 … entries, one after the other, and steps between them
 *  step, 2 words:     TICKS << 2, MILLISECONDS: how much later the entries behind it are
 * ```
 *
 * The last two bits of an entry's first word are not both 0, which tells it from a step. The entries of an account from
 * one tick share a step. Where a step would be too large, a new block begins.
 *
 * An account that has too many events gives up its oldest block. When no block is free, the account with the most
 * blocks gives up an eighth of them, and so may others with equally many. So an account with few events keeps them,
 * whatever others do.
 */
import { assert } from "../lib/assert.ts";
import { type Store, store } from "../lib/store.ts";

const BLOCK_INTS = 256;
const BLOCK_DOUBLES = BLOCK_INTS / 2;
const FIRST_SEQ_F64 = 0;
const TICK_F64 = 1;
const TIMESTAMP_F64 = 2;
const BLOCK_END = 6;
/** Where the entries of a block begin. */
const ENTRIES = 8;

const STEP_INTS = 2;
const STEP_MASK = 3;
const STEP_SHIFT = 2;
const STEP_TICKS_MAX = 2 ** 30 - 1;

/** Ints of an account: its oldest and newest block (0 = none), how many it has, and where its next entry goes. */
const ACCOUNT_INTS = 4;
const OLDEST = 0;
const NEWEST = 1;
const COUNT = 2;
const END = 3;
/** Doubles of an account: tick and time of its last entry; `seq` and place of the first entry with these. */
const ACCOUNT_DOUBLES = 4;
const LAST_TICK = 0;
const LAST_TIMESTAMP = 1;
const SINCE_SEQ = 2;
const SINCE_AT = 3;

const FREE = 0;
const TOP = 1;

export interface StreamBlocksOptions {
  /** Memory for all accounts together. */
  bytes: number;
  accountsMax: number;
  /** All accounts have numbers below this one. */
  accountsEnd(): number;
  /** With so many entries an account gives up its oldest block when it begins a new one. */
  entriesMax: number;
}

type SizeOf = (ints: Int32Array, at: number) => number;
type OnEntry = (seq: number, at: number) => boolean;

/** When no block is free, the account with most blocks gives up one in so many. */
const GIVEN_UP = 8;
/** Accounts of which one block becomes free when none is, if enough of them have equally many. */
const ACCOUNTS_PER_BLOCK = 64;

export class StreamBlocks {
  readonly ints: Int32Array;
  readonly #doubles: Float64Array;
  /** By block: the next of its account, or the next free one. */
  readonly #next: Int32Array;
  readonly #accounts: Int32Array;
  readonly #last: Float64Array;
  /** By block: a copy of its FIRST_SEQ, because an old block is in no cache. 0 = there is no copy: read the block. */
  readonly #firstSeqs: Float64Array;
  readonly #head = new Int32Array(2);
  readonly #blocksMax: number;
  readonly #entriesMax: number;
  readonly #accountsEnd: () => number;
  /** Tick and time of the entry that `read` is giving. */
  tick = 0;
  timestamp = 0;

  constructor({ bytes, accountsMax, accountsEnd, entriesMax }: StreamBlocksOptions) {
    this.#blocksMax = Math.max(2, Math.floor(bytes / (BLOCK_INTS * 4)));
    const buffer = new ArrayBuffer((this.#blocksMax + 1) * BLOCK_INTS * 4);
    this.ints = new Int32Array(buffer);
    this.#doubles = new Float64Array(buffer);
    this.#next = new Int32Array(this.#blocksMax + 1);
    this.#accounts = new Int32Array(accountsMax * ACCOUNT_INTS);
    this.#last = new Float64Array(accountsMax * ACCOUNT_DOUBLES);
    this.#firstSeqs = new Float64Array(this.#blocksMax + 1);
    this.#entriesMax = entriesMax;
    this.#accountsEnd = accountsEnd;
    this.#head[TOP] = 1;
  }

  stores(name: string): Store[] {
    return [
      store(`${name}-blocks`, this.ints, () => this.#head[TOP] * BLOCK_INTS),
      store(`${name}-next`, this.#next, () => this.#head[TOP]),
      store(`${name}-accounts`, this.#accounts, () => this.#accountsEnd() * ACCOUNT_INTS),
      store(`${name}-last`, this.#last, () => this.#accountsEnd() * ACCOUNT_DOUBLES * 2),
      store(`${name}-head`, this.#head),
    ];
  }

  /** The stores have been emptied. */
  reset(): void {
    this.#head[TOP] = 1;
    this.#firstSeqs.fill(0);
  }

  oldest(account: number): number {
    return this.#accounts[account * ACCOUNT_INTS + OLDEST];
  }

  /** The account's next block, 0 after its newest. */
  next(block: number): number {
    return this.#next[block];
  }

  firstSeq(block: number): number {
    const known = this.#firstSeqs[block];
    return known === 0 ? this.#doubles[block * BLOCK_DOUBLES + FIRST_SEQ_F64] : known;
  }

  /**
   * Makes room for the account's entry number `seq`, of `size` words (248 at most), of `tick` and `timestamp`. Returns
   * an index into `ints`.
   */
  claim(account: number, seq: number, size: number, tick: number, timestamp: number): number {
    const accounts = this.#accounts;
    const a = account * ACCOUNT_INTS;
    let at = accounts[a + END];
    // No entry is at 0, and no block ends there: so 0 stands for no place, with no words left.
    const left = -at & (BLOCK_INTS - 1);
    if (this.#last[account * ACCOUNT_DOUBLES + LAST_TICK] !== tick) {
      at = size + STEP_INTS > left ? 0 : this.#step(account, seq, tick, timestamp);
    } else if (size > left) {
      at = 0;
    }
    if (at === 0) at = this.#begin(account, seq, tick, timestamp);
    accounts[a + END] = at + size;
    return at;
  }

  /** Writes a step to `tick` after the account's last entry. Returns the place after it, 0 for too large a step. */
  #step(account: number, seq: number, tick: number, timestamp: number): number {
    const at = this.#accounts[account * ACCOUNT_INTS + END];
    const ticks = tick - this.#last[account * ACCOUNT_DOUBLES + LAST_TICK];
    const milliseconds = timestamp - this.#last[account * ACCOUNT_DOUBLES + LAST_TIMESTAMP];
    if (ticks > STEP_TICKS_MAX || milliseconds >>> 0 !== milliseconds) return 0;
    this.ints[at] = ticks << STEP_SHIFT;
    this.ints[at + 1] = milliseconds;
    this.#note(account, seq, at + STEP_INTS, tick, timestamp);
    return at + STEP_INTS;
  }

  /** Notes the account's first entry of a tick, or of a block. */
  #note(account: number, seq: number, at: number, tick: number, timestamp: number): void {
    const d = account * ACCOUNT_DOUBLES;
    this.#last[d + LAST_TICK] = tick;
    this.#last[d + LAST_TIMESTAMP] = timestamp;
    this.#last[d + SINCE_SEQ] = seq;
    this.#last[d + SINCE_AT] = at;
  }

  /**
   * Calls `onEntry` for the account's entries from `fromSeq` on, which must not be below the oldest, until it returns
   * false. Returns the number after the entry at which it did, 0 if it never did. `sizeOf` gives the words of an entry.
   */
  read(account: number, fromSeq: number, sizeOf: SizeOf, onEntry: OnEntry): number {
    let block = this.#accounts[account * ACCOUNT_INTS + NEWEST];
    if (block === 0) return 0;
    const last = account * ACCOUNT_DOUBLES;
    // The quick way for live user data, which reads the events of the last tick.
    if (fromSeq >= this.#last[last + SINCE_SEQ]) {
      this.tick = this.#last[last + LAST_TICK];
      this.timestamp = this.#last[last + LAST_TIMESTAMP];
      const [at, seq] = [this.#last[last + SINCE_AT], this.#last[last + SINCE_SEQ]];
      return this.#walk(at, this.#end(account, block), seq, fromSeq, sizeOf, onEntry);
    }
    if (fromSeq < this.firstSeq(block)) block = this.#blockOf(account, fromSeq);
    let next = 0;
    for (; block !== 0 && next === 0; block = this.#next[block]) {
      const d = block * BLOCK_DOUBLES;
      this.tick = this.#doubles[d + TICK_F64];
      this.timestamp = this.#doubles[d + TIMESTAMP_F64];
      const [at, end] = [block * BLOCK_INTS + ENTRIES, this.#end(account, block)];
      next = this.#walk(at, end, this.#doubles[d + FIRST_SEQ_F64], fromSeq, sizeOf, onEntry);
    }
    return next;
  }

  /** As `read`, for the entries from `from` to `end`, of which the first has number `first` and the present tick. */
  #walk(
    from: number,
    end: number,
    first: number,
    fromSeq: number,
    sizeOf: SizeOf,
    onEntry: OnEntry,
  ): number {
    const { ints } = this;
    let seq = first;
    for (let at = from; at < end; ) {
      if ((ints[at] & STEP_MASK) === 0) {
        this.tick += ints[at] >>> STEP_SHIFT;
        this.timestamp += ints[at + 1] >>> 0;
        at += STEP_INTS;
        continue;
      }
      if (seq >= fromSeq && !onEntry(seq, at)) return seq + 1;
      seq++;
      at += sizeOf(ints, at);
    }
    return 0;
  }

  /** The block of the account that has entry `seq`. */
  #blockOf(account: number, seq: number): number {
    let block = this.oldest(account);
    for (let next = this.#next[block]; next !== 0; next = this.#next[block]) {
      if (this.firstSeq(next) > seq) break;
      block = next;
    }
    return block;
  }

  #end(account: number, block: number): number {
    const a = account * ACCOUNT_INTS;
    return block === this.#accounts[a + NEWEST]
      ? this.#accounts[a + END]
      : this.ints[block * BLOCK_INTS + BLOCK_END];
  }

  #begin(account: number, seq: number, tick: number, timestamp: number): number {
    const a = account * ACCOUNT_INTS;
    const oldest = this.#accounts[a + OLDEST];
    if (oldest !== 0 && seq - this.firstSeq(oldest) >= this.#entriesMax) this.#dropOldest(account);
    const block = this.#take();
    const newest = this.#accounts[a + NEWEST];
    if (newest === 0) {
      this.#accounts[a + OLDEST] = block;
    } else {
      this.#next[newest] = block;
      this.ints[newest * BLOCK_INTS + BLOCK_END] = this.#accounts[a + END];
    }
    this.#next[block] = 0;
    this.#accounts[a + NEWEST] = block;
    this.#accounts[a + COUNT]++;
    const d = block * BLOCK_DOUBLES;
    this.#doubles[d + FIRST_SEQ_F64] = seq;
    this.#doubles[d + TICK_F64] = tick;
    this.#doubles[d + TIMESTAMP_F64] = timestamp;
    this.#firstSeqs[block] = seq;
    const at = block * BLOCK_INTS + ENTRIES;
    this.#note(account, seq, at, tick, timestamp);
    return at;
  }

  #take(): number {
    if (this.#head[FREE] === 0 && this.#head[TOP] <= this.#blocksMax) return this.#head[TOP]++;
    if (this.#head[FREE] === 0) this.#takeFromLargest();
    const block = this.#head[FREE];
    this.#head[FREE] = this.#next[block];
    return block;
  }

  /**
   * The account with the most blocks gives up one in GIVEN_UP. To look through all accounts takes long, so other accounts
   * with equally many blocks do the same, until one block for each ACCOUNTS_PER_BLOCK accounts is free.
   */
  #takeFromLargest(): void {
    const end = this.#accountsEnd();
    let largest = 0;
    let most = 0;
    for (let account = 0; account < end; account++) {
      const count = this.#accounts[account * ACCOUNT_INTS + COUNT];
      if (count > most) [largest, most] = [account, count];
    }
    if (most === 1) return this.#empty(largest);
    const each = Math.ceil(most / GIVEN_UP);
    let left = Math.max(1, Math.floor(end / ACCOUNTS_PER_BLOCK));
    for (let account = largest; account < end && left > 0; account++) {
      if (this.#accounts[account * ACCOUNT_INTS + COUNT] !== most) continue;
      for (let i = 0; i < each; i++) this.#dropOldest(account);
      left -= each;
    }
    assert(this.#head[FREE] !== 0, "the largest account has a block to give up");
  }

  /** Gives up the account's oldest block unless it is the only one. */
  #dropOldest(account: number): void {
    const a = account * ACCOUNT_INTS;
    const block = this.#accounts[a + OLDEST];
    if (block === this.#accounts[a + NEWEST]) return;
    this.#accounts[a + OLDEST] = this.#next[block];
    this.#accounts[a + COUNT]--;
    this.#free(block);
  }

  /** Takes the only block of an account. This happens when every account has one block at most and none is free. */
  #empty(account: number): void {
    const a = account * ACCOUNT_INTS;
    const block = this.#accounts[a + OLDEST];
    this.#accounts.fill(0, a, a + ACCOUNT_INTS);
    this.#free(block);
  }

  #free(block: number): void {
    this.#next[block] = this.#head[FREE];
    this.#head[FREE] = block;
  }
}
