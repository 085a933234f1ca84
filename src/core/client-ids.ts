/**
 * Client order ids: which order of an account has which id. They are kept for open orders and for recently done ones.
 *
 * ```
 *  heads[hash] ──► entry ──► entry …          chain of one hash
 *  beside each head: 8 counts of 4 bits        of the chain's entries, by three further bits of the hash
 *  recent, of each account: oldest ──► … ──► newest    entries of done orders
 *     under rules before version 1 also of all accounts together: oldest ◄──► … ◄──► newest
 *  free:   freed first ──► … ──► freed last
 *
 *  int  0 TEXT  16 words, zero-padded      int 23  CHAIN_PREV
 *      16 ACCOUNT  17 SLOT  18 GENERATION      24  RECENT_NEXT (newer; free list: next)
 *      19 HEAD  20 OPTIONS  of the command     25  RECENT_PREV (older)
 *      21 ACCOUNT_NEXT (newer)  22 CHAIN_NEXT  26 SYMBOL  27 PRICE  28 QUANTITY  29 STOP_PRICE  30 AMOUNT
 * ```
 *
 * An entry keeps what the order asked for, so that a repeated order can be told from another order with the same id.
 * When an account has too many ids of done orders, its oldest is forgotten. When all accounts together have too many,
 * the oldest of the account with the most is forgotten (`fair-shares.ts`), so that no account pushes out the ids of
 * another. Under rules before version 1 the oldest of all is forgotten.
 *
 * Events have the number of an entry, and readers use it until the tick is over. So a freed entry is used again only
 * after more other entries have been freed than one tick can free.
 */

import { createFairShares } from "../lib/fair-shares.ts";
import {
  C_AMOUNT_F64,
  C_HEAD,
  C_OPTIONS,
  C_PRICE,
  C_QUANTITY,
  C_STOP_PRICE,
  C_SYMBOL,
  C_TEXT,
  C_TEXT_INTS,
  ORDER_SLOT_COUNT,
  orderNumber,
  readText,
} from "./command.ts";
import { keyedHash } from "./keyed-hash.ts";
import {
  A_NEWEST_ID,
  A_OLDEST_ID,
  A_RECENT_IDS,
  ACCOUNT_INTS,
  ACCOUNTS_MAX,
  type Accounts,
} from "./ledger/accounts.ts";
import type { Shares } from "./ledger/shares.ts";
import type { Rules } from "./rules-state.ts";

/** The most ids of done orders that are kept: of all accounts, and under rules before version 1 of one account. */
export const RECENT_CLIENT_IDS_MAX = 1 << 22;
export const CLIENT_IDS_PER_ACCOUNT = 1 << 17;
/** How many ids of done orders an account with too many forgets for each new one. */
const FORGOTTEN_AT_ONCE = 2;
/** Freed entries that are not used again yet: as many as a tick can free, of all open orders and its commands. */
const FREE_MIN = ORDER_SLOT_COUNT + (1 << 19);
/** Enough for the ids of done orders, for freed entries, and for every open order. */
export const CLIENT_ID_ENTRIES = RECENT_CLIENT_IDS_MAX + FREE_MIN + ORDER_SLOT_COUNT + 2;
const HASH_BITS = 20;
const HASHES = 1 << HASH_BITS;
const HASH_MASK = HASHES - 1;
/** Words of a head with its counts. */
const HEAD_INTS = 2;
const COUNT_BITS = 4;
const COUNTS = 8;
/** A count that has reached this value is not changed any more. */
const COUNT_MAX = 15;

export interface ClientIdLimits {
  recentMax?: number;
  perAccountMax?: number;
}

export const CLIENT_ID_INTS = 32;
const ACCOUNT = 16;
export const K_SLOT = 17;
export const K_GENERATION = 18;
const HEAD = 19;
const OPTIONS = 20;
const ACCOUNT_NEXT = 21;
const CHAIN_NEXT = 22;
const CHAIN_PREV = 23;
const RECENT_NEXT = 24;
const RECENT_PREV = 25;
const SYMBOL = 26;
const PRICE = 27;
const QUANTITY = 28;
const STOP_PRICE = 29;
const AMOUNT = 30;
/** AMOUNT as two words of 32 bits, because it is only compared. */
const C_AMOUNT = C_AMOUNT_F64 * 2;

const FREE_FIRST = 0;
const TOP = 1;
const NEWEST = 2;
const OLDEST = 3;
const RECENT = 4;
const FREE_LAST = 5;
const FREE_COUNT = 6;

/** `limits`: smaller limits, for tests. */
export function createClientIds(
  accounts: Accounts,
  rules: Rules,
  shares: Shares,
  limits: ClientIdLimits = {},
) {
  const { recentMax = RECENT_CLIENT_IDS_MAX, perAccountMax = CLIENT_IDS_PER_ACCOUNT } = limits;
  const A = accounts.ints;
  const ints = new Int32Array(CLIENT_ID_ENTRIES * CLIENT_ID_INTS);
  const heads = new Int32Array(HASHES * HEAD_INTS);
  /** The hash of the id that was last looked for. */
  const sought = new Int32Array(1);
  /** From version 1 of the rules on: finds the account with the most ids of done orders. */
  const holders = createFairShares(ACCOUNTS_MAX);
  const head = new Int32Array(7);
  head[TOP] = 1;

  function hash(account: number, words: Int32Array, from: number): number {
    if (!rules.isAtLeast1()) return hashWithoutKey(account, words, from);
    const { keyLow, keyHigh } = rules;
    return keyedHash(keyLow(), keyHigh(), account, words, from, C_TEXT_INTS);
  }

  /** The hash under rules before version 1. The chains are part of the state, so this hash must never change. */
  function hashWithoutKey(account: number, words: Int32Array, from: number): number {
    let h = Math.imul(account, 0x9e3779b1);
    for (let i = 0; i < C_TEXT_INTS; i++) {
      const word = words[from + i];
      if (word === 0) break;
      h = Math.imul(h ^ word, 0x85ebca6b);
      h ^= h >>> 13;
    }
    return h ^ (h >>> 16);
  }

  /** The place of the head of a hash. */
  function headOf(h: number): number {
    return (h & HASH_MASK) * HEAD_INTS;
  }

  /** How many entries may have this hash; 0 = no entry has it. */
  function countOf(h: number): number {
    return (heads[headOf(h) + 1] >>> countShift(h)) & COUNT_MAX;
  }

  function countShift(h: number): number {
    return ((h >>> HASH_BITS) & (COUNTS - 1)) * COUNT_BITS;
  }

  /** Counts an entry of the hash: `by` is 1 when it comes, -1 when it goes. */
  function count(h: number, by: number): void {
    if (countOf(h) !== COUNT_MAX) heads[headOf(h) + 1] += by << countShift(h);
  }

  /** The first entry of the chain of a hash, 0 = none. */
  function first(h: number): number {
    return heads[headOf(h)];
  }

  /** The entry for this account and the text at `from`, 0 when the id is new. */
  function find(account: number, words: Int32Array, from: number): number {
    const h = hash(account, words, from);
    sought[0] = h;
    // Most ids are new. The count shows that without a look at the chain, whose entries are in no cache.
    if (countOf(h) === 0) return 0;
    let entry = first(h);
    while (entry !== 0) {
      const e = entry * CLIENT_ID_INTS;
      if (ints[e + ACCOUNT] === account && sameText(e, words, from)) return entry;
      entry = ints[e + CHAIN_NEXT];
    }
    return 0;
  }

  function sameText(e: number, words: Int32Array, from: number): boolean {
    for (let i = 0; i < C_TEXT_INTS; i++) if (ints[e + i] !== words[from + i]) return false;
    return true;
  }

  /** Whether the entry's order asked for the same as the PLACE command at `c`. */
  function sameOrder(entry: number, words: Int32Array, c: number): boolean {
    const e = entry * CLIENT_ID_INTS;
    return (
      ints[e + HEAD] === words[c + C_HEAD] &&
      ints[e + OPTIONS] === words[c + C_OPTIONS] &&
      ints[e + SYMBOL] === words[c + C_SYMBOL] &&
      ints[e + PRICE] === words[c + C_PRICE] &&
      ints[e + QUANTITY] === words[c + C_QUANTITY] &&
      ints[e + STOP_PRICE] === words[c + C_STOP_PRICE] &&
      ints[e + AMOUNT] === words[c + C_AMOUNT] &&
      ints[e + AMOUNT + 1] === words[c + C_AMOUNT + 1]
    );
  }

  /**
   * Adds an entry for the PLACE command at `c`. The last call of `find` must have been for its text, and must have
   * found nothing. There is room as long as the arena has a free slot. Returns the entry.
   */
  function add(
    account: number,
    words: Int32Array,
    c: number,
    slot: number,
    generation: number,
  ): number {
    const entry = takeEntry();
    const e = entry * CLIENT_ID_INTS;
    for (let i = 0; i < C_TEXT_INTS; i++) ints[e + i] = words[c + C_TEXT + i];
    ints[e + ACCOUNT] = account;
    ints[e + K_SLOT] = slot;
    ints[e + K_GENERATION] = generation;
    ints[e + HEAD] = words[c + C_HEAD];
    ints[e + OPTIONS] = words[c + C_OPTIONS];
    ints[e + SYMBOL] = words[c + C_SYMBOL];
    ints[e + PRICE] = words[c + C_PRICE];
    ints[e + QUANTITY] = words[c + C_QUANTITY];
    ints[e + STOP_PRICE] = words[c + C_STOP_PRICE];
    ints[e + AMOUNT] = words[c + C_AMOUNT];
    ints[e + AMOUNT + 1] = words[c + C_AMOUNT + 1];
    chain(entry, sought[0]);
    return entry;
  }

  /** Puts an entry first into the chain of its hash, `h`. */
  function chain(entry: number, h: number): void {
    const e = entry * CLIENT_ID_INTS;
    const at = headOf(h);
    const next = heads[at];
    ints[e + CHAIN_PREV] = 0;
    ints[e + CHAIN_NEXT] = next;
    if (next !== 0) ints[next * CLIENT_ID_INTS + CHAIN_PREV] = entry;
    heads[at] = entry;
    count(h, 1);
  }

  /** Version 1 of the rules begins: hashes all ids again, with the key, and notes how many ids each account has. */
  function shareOut(): void {
    // Not in a new exchange, which has no entries: to fill the table would take its memory from the machine.
    if (head[TOP] > 1) heads.fill(0);
    head[NEWEST] = 0;
    head[OLDEST] = 0;
    for (let entry = 1; entry < head[TOP]; entry++) {
      const e = entry * CLIENT_ID_INTS;
      if (ints[e + ACCOUNT] === 0) continue;
      ints[e + RECENT_NEXT] = 0;
      ints[e + RECENT_PREV] = 0;
      chain(entry, hash(ints[e + ACCOUNT], ints, e));
    }
    for (let account = 0; account < accounts.next(); account++) {
      holders.changed(account, 0, A[account * ACCOUNT_INTS + A_RECENT_IDS]);
    }
  }

  function takeEntry(): number {
    if (head[FREE_COUNT] <= FREE_MIN) return head[TOP]++;
    const entry = head[FREE_FIRST];
    head[FREE_FIRST] = ints[entry * CLIENT_ID_INTS + RECENT_NEXT];
    head[FREE_COUNT]--;
    return entry;
  }

  /** Takes the entry out of its chain and adds it to the free entries. */
  function free(entry: number): void {
    const e = entry * CLIENT_ID_INTS;
    const h = hash(ints[e + ACCOUNT], ints, e);
    const next = ints[e + CHAIN_NEXT];
    const previous = ints[e + CHAIN_PREV];
    if (previous !== 0) ints[previous * CLIENT_ID_INTS + CHAIN_NEXT] = next;
    else heads[headOf(h)] = next;
    count(h, -1);
    if (next !== 0) ints[next * CLIENT_ID_INTS + CHAIN_PREV] = previous;
    ints[e + ACCOUNT] = 0;
    ints[e + RECENT_NEXT] = 0;
    if (head[FREE_COUNT]++ === 0) head[FREE_FIRST] = entry;
    else ints[head[FREE_LAST] * CLIENT_ID_INTS + RECENT_NEXT] = entry;
    head[FREE_LAST] = entry;
  }

  /** The order of the entry is done. From now on the id may be forgotten. */
  function retire(entry: number): void {
    head[RECENT]++;
    if (!rules.isAtLeast1()) linkRecent(entry);
    const e = entry * CLIENT_ID_INTS;
    const account = ints[e + ACCOUNT];
    const a = account * ACCOUNT_INTS;
    const held = ++A[a + A_RECENT_IDS];
    ints[e + ACCOUNT_NEXT] = 0;
    if (held === 1) A[a + A_OLDEST_ID] = entry;
    else ints[A[a + A_NEWEST_ID] * CLIENT_ID_INTS + ACCOUNT_NEXT] = entry;
    A[a + A_NEWEST_ID] = entry;
    if (rules.isAtLeast1()) {
      holders.changed(account, held - 1, held);
      makeRoom(account);
    } else if (held > perAccountMax) {
      forget(A[a + A_OLDEST_ID]);
    } else if (head[RECENT] > recentMax) {
      forget(head[OLDEST]);
    }
  }

  /**
   * Forgets ids after the account got one more id of a done order: its own while it has more than its share, two at
   * once at most (its share may have been lowered), and one of the account with the most if all have too many together.
   */
  function makeRoom(account: number): void {
    const a = account * ACCOUNT_INTS;
    const most = shares.clientIds(account);
    for (let i = 0; i < FORGOTTEN_AT_ONCE && A[a + A_RECENT_IDS] > most; i++) {
      forget(A[a + A_OLDEST_ID]);
    }
    if (head[RECENT] <= recentMax) return;
    forget(A[holders.largest() * ACCOUNT_INTS + A_OLDEST_ID]);
  }

  function linkRecent(entry: number): void {
    const e = entry * CLIENT_ID_INTS;
    const newest = head[NEWEST];
    ints[e + RECENT_NEXT] = 0;
    ints[e + RECENT_PREV] = newest;
    if (newest !== 0) ints[newest * CLIENT_ID_INTS + RECENT_NEXT] = entry;
    else head[OLDEST] = entry;
    head[NEWEST] = entry;
  }

  /** Forgets the oldest id of an account's done orders, whose entry is `entry`. */
  function forget(entry: number): void {
    const e = entry * CLIENT_ID_INTS;
    const account = ints[e + ACCOUNT];
    const a = account * ACCOUNT_INTS;
    A[a + A_OLDEST_ID] = ints[e + ACCOUNT_NEXT];
    const held = --A[a + A_RECENT_IDS];
    if (rules.isAtLeast1()) holders.changed(account, held + 1, held);
    else unlinkRecent(e);
    head[RECENT]--;
    free(entry);
  }

  function unlinkRecent(e: number): void {
    const newer = ints[e + RECENT_NEXT];
    const older = ints[e + RECENT_PREV];
    if (older !== 0) ints[older * CLIENT_ID_INTS + RECENT_NEXT] = newer;
    else head[OLDEST] = newer;
    if (newer !== 0) ints[newer * CLIENT_ID_INTS + RECENT_PREV] = older;
    else head[NEWEST] = older;
  }

  /** The order number of an entry, 0 for entry 0. */
  function orderNumberOf(entry: number): number {
    const e = entry * CLIENT_ID_INTS;
    return entry === 0 ? 0 : orderNumber(ints[e + K_SLOT], ints[e + K_GENERATION]);
  }

  /** The id of an entry as text, "" for entry 0. */
  function text(entry: number): string {
    return entry === 0 ? "" : readText(ints, entry * CLIENT_ID_INTS);
  }

  /** The entries have been filled from a snapshot: finds the first entry of every chain, and makes the counts. */
  function restored(): void {
    for (let entry = 1; entry < head[TOP]; entry++) {
      const e = entry * CLIENT_ID_INTS;
      if (ints[e + ACCOUNT] === 0) continue;
      const h = hash(ints[e + ACCOUNT], ints, e);
      if (ints[e + CHAIN_PREV] === 0) heads[headOf(h)] = entry;
      count(h, 1);
    }
  }

  /** Makes an empty table of zeroed memory. */
  function reset(): void {
    heads.fill(0);
    head[TOP] = 1;
  }

  return {
    ints,
    heads,
    head,
    hash,
    first,
    find,
    /** The account of an entry, 0 = the entry is free. */
    accountOf: (entry: number): number => ints[entry * CLIENT_ID_INTS + ACCOUNT],
    sameOrder,
    add,
    retire,
    /** The order of the entry was refused, so its id may be used again. */
    remove: free,
    orderNumber: orderNumberOf,
    text,
    reset,
    restored,
    shareOut,
    holders,
    /** Entries of orders that are done. */
    recent: () => head[RECENT],
    /** Entries in use or used before: the extent of the state. */
    top: () => head[TOP],
  };
}
