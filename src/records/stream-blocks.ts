/**
 * Memory for the accounts' streams: blocks of 2 KiB, of which each account has a list, oldest first.
 *
 * ```
 *  account ──► oldest block ──► … ──► newest block      free blocks ──► …
 *  block, 256 doubles:  0 FIRST_SEQ, 1 END (of the entries; the newest block's stands with the account)
 *                       2 … entries, one after the other
 * ```
 *
 * An account that has more than its share of events gives up its oldest block. When no block is free, the account with
 * the most blocks gives up an eighth of them. So an account with few events keeps them, whatever others do.
 */
import { assert } from "../lib/assert.ts";
import { type Store, store } from "../lib/store.ts";

const BLOCK_DOUBLES = 256;
const FIRST_SEQ = 0;
const BLOCK_END = 1;
/** Where the entries of a block begin. */
const ENTRIES = 2;

/** By account: oldest and newest block (0 = none), how many, and where its next entry goes. */
const ACCOUNT_INTS = 4;
const OLDEST = 0;
const NEWEST = 1;
const COUNT = 2;
const END = 3;

const FREE = 0;
const TOP = 1;

export interface StreamBlocksOptions {
  /** For all accounts together. */
  bytes: number;
  accountsMax: number;
  /** Accounts have numbers below it. */
  accountsEnd(): number;
  /** Entries of an account from which on it gives up its oldest block when it begins another. */
  entriesMax: number;
}

/** Part of the largest account's blocks that it gives up when none is free. */
const GIVEN_UP = 8;

export class StreamBlocks {
  readonly doubles: Float64Array;
  readonly ints: Int32Array;
  /** By block: the next of its account, or the next free one. */
  readonly #next: Int32Array;
  readonly #accounts: Int32Array;
  /** FIRST_SEQ by block, because an old block is in no cache; 0 = read it in the block. */
  readonly #firstSeqs: Float64Array;
  readonly #head = new Int32Array(2);
  readonly #blocksMax: number;
  readonly #entriesMax: number;
  readonly #accountsEnd: () => number;
  /** How many blocks accounts have given up since the start. */
  givenUp = 0;

  constructor({ bytes, accountsMax, accountsEnd, entriesMax }: StreamBlocksOptions) {
    this.#blocksMax = Math.max(2, Math.floor(bytes / (BLOCK_DOUBLES * 8)));
    const buffer = new ArrayBuffer((this.#blocksMax + 1) * BLOCK_DOUBLES * 8);
    this.doubles = new Float64Array(buffer);
    this.ints = new Int32Array(buffer);
    this.#next = new Int32Array(this.#blocksMax + 1);
    this.#accounts = new Int32Array(accountsMax * ACCOUNT_INTS);
    this.#firstSeqs = new Float64Array(this.#blocksMax + 1);
    this.#entriesMax = entriesMax;
    this.#accountsEnd = accountsEnd;
    this.#head[TOP] = 1;
  }

  stores(name: string): Store[] {
    return [
      store(`${name}-blocks`, this.doubles, () => this.#head[TOP] * BLOCK_DOUBLES * 2),
      store(`${name}-next`, this.#next, () => this.#head[TOP]),
      store(`${name}-accounts`, this.#accounts, () => this.#accountsEnd() * ACCOUNT_INTS),
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

  /** 0 at the end. */
  next(block: number): number {
    return this.#next[block];
  }

  firstSeq(block: number): number {
    const known = this.#firstSeqs[block];
    return known === 0 ? this.doubles[block * BLOCK_DOUBLES + FIRST_SEQ] : known;
  }

  /** Where the entries of a block begin, as an index into `doubles`. */
  begin(block: number): number {
    return block * BLOCK_DOUBLES + ENTRIES;
  }

  /** Where the entries of a block of the account end, as an index into `doubles`. */
  end(account: number, block: number): number {
    const a = account * ACCOUNT_INTS;
    return block === this.#accounts[a + NEWEST]
      ? this.#accounts[a + END]
      : this.doubles[block * BLOCK_DOUBLES + BLOCK_END];
  }

  /** The newest block of an account, 0 = none. */
  newest(account: number): number {
    return this.#accounts[account * ACCOUNT_INTS + NEWEST];
  }

  /**
   * Room for the account's entry number `seq` of so many doubles, at most 254 of them: an index into
   * `doubles`.
   */
  claim(account: number, seq: number, size: number): number {
    const accounts = this.#accounts;
    const a = account * ACCOUNT_INTS;
    let at = accounts[a + END];
    // 0 is no place of an entry, and the end of no block.
    const left = BLOCK_DOUBLES - (at & (BLOCK_DOUBLES - 1));
    if (at === 0 || size > left || left === BLOCK_DOUBLES) at = this.#begin(account, seq);
    accounts[a + END] = at + size;
    return at;
  }

  #begin(account: number, seq: number): number {
    const a = account * ACCOUNT_INTS;
    const oldest = this.#accounts[a + OLDEST];
    if (oldest !== 0 && seq - this.firstSeq(oldest) >= this.#entriesMax) this.#dropOldest(account);
    const block = this.#take();
    const newest = this.#accounts[a + NEWEST];
    if (newest === 0) {
      this.#accounts[a + OLDEST] = block;
    } else {
      this.#next[newest] = block;
      this.doubles[newest * BLOCK_DOUBLES + BLOCK_END] = this.#accounts[a + END];
    }
    this.#next[block] = 0;
    this.#accounts[a + NEWEST] = block;
    this.#accounts[a + COUNT]++;
    this.doubles[block * BLOCK_DOUBLES + FIRST_SEQ] = seq;
    this.#firstSeqs[block] = seq;
    return this.begin(block);
  }

  #take(): number {
    if (this.#head[FREE] === 0 && this.#head[TOP] <= this.#blocksMax) return this.#head[TOP]++;
    if (this.#head[FREE] === 0) this.#takeFromLargest();
    const block = this.#head[FREE];
    this.#head[FREE] = this.#next[block];
    return block;
  }

  #takeFromLargest(): void {
    let largest = 0;
    let most = 0;
    for (let account = 0; account < this.#accountsEnd(); account++) {
      const count = this.#accounts[account * ACCOUNT_INTS + COUNT];
      if (count > most) [largest, most] = [account, count];
    }
    if (most === 1) return this.#empty(largest);
    for (let i = 0; i < Math.ceil(most / GIVEN_UP); i++) this.#dropOldest(largest);
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

  /** Takes the only block of an account, which happens when there are as many accounts as blocks. */
  #empty(account: number): void {
    const a = account * ACCOUNT_INTS;
    const block = this.#accounts[a + OLDEST];
    this.#accounts.fill(0, a, a + ACCOUNT_INTS);
    this.#free(block);
  }

  #free(block: number): void {
    this.#next[block] = this.#head[FREE];
    this.#head[FREE] = block;
    this.givenUp++;
  }
}
