/**
 * Client order ids: which order an account has given which id, over its open orders and the recent past.
 *
 * ```
 *  heads[hash] ──► entry ──► entry …       chain of one hash
 *  recent: oldest ◄──► … ◄──► newest       entries of done orders, at least
 *                                         the last RECENT_CLIENT_IDS_MAX
 *
 *  int  0 TEXT  16 words, zero-padded      int 23  CHAIN_PREV
 *      16 ACCOUNT  17 SLOT  18 GENERATION      24  RECENT_NEXT (newer; free list: next)
 *      19 HEAD  20 OPTIONS  of the command     25  RECENT_PREV (older)
 *      21 HASH  22 CHAIN_NEXT                  26 SYMBOL  27 PRICE  28 QUANTITY  29 STOP_PRICE  30 AMOUNT
 * ```
 *
 * An entry keeps what the order asked for, so that a repeat can be told from another order under the
 * same id.
 */
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
} from "./command.ts";

/** Ids of done orders that are kept at least; a new id takes the oldest's place beyond it. */
export const RECENT_CLIENT_IDS_MAX = 1 << 20;
/** Enough for those and for every open order. */
const ENTRIES = ORDER_SLOT_COUNT + RECENT_CLIENT_IDS_MAX + 1;
const HASHES = 1 << 20;
const HASH_MASK = HASHES - 1;

export const CLIENT_ID_INTS = 32;
const ACCOUNT = 16;
export const K_SLOT = 17;
export const K_GENERATION = 18;
const HEAD = 19;
const OPTIONS = 20;
const HASH = 21;
const CHAIN_NEXT = 22;
const CHAIN_PREV = 23;
const RECENT_NEXT = 24;
const RECENT_PREV = 25;
const SYMBOL = 26;
const PRICE = 27;
const QUANTITY = 28;
const STOP_PRICE = 29;
const AMOUNT = 30;
/** AMOUNT as two 32-bit words: it is only compared. */
const C_AMOUNT = C_AMOUNT_F64 * 2;

const FREE = 0;
const TOP = 1;
const NEWEST = 2;
const OLDEST = 3;
const RECENT = 4;

export function createClientIds() {
  const ints = new Int32Array(ENTRIES * CLIENT_ID_INTS);
  const bytes = new Uint8Array(ints.buffer);
  const heads = new Int32Array(HASHES);
  const head = new Int32Array(5);
  head[TOP] = 1;

  function hash(account: number, words: Int32Array, from: number): number {
    let h = Math.imul(account, 0x9e3779b1);
    for (let i = 0; i < C_TEXT_INTS; i++) {
      const word = words[from + i];
      if (word === 0) break;
      h = Math.imul(h ^ word, 0x85ebca6b);
      h ^= h >>> 13;
    }
    return (h ^ (h >>> 16)) & HASH_MASK;
  }

  /** The entry for this account and the text at `from`, 0 when the id is new. */
  function find(account: number, words: Int32Array, from: number): number {
    let entry = heads[hash(account, words, from)];
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

  /** Files the PLACE command at `c` under its text. There is room as long as the arena has some. */
  function add(
    account: number,
    words: Int32Array,
    c: number,
    slot: number,
    generation: number,
  ): number {
    const entry = takeEntry();
    const e = entry * CLIENT_ID_INTS;
    const h = hash(account, words, c + C_TEXT);
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
    ints[e + HASH] = h;
    ints[e + CHAIN_PREV] = 0;
    const next = heads[h];
    ints[e + CHAIN_NEXT] = next;
    if (next !== 0) ints[next * CLIENT_ID_INTS + CHAIN_PREV] = entry;
    heads[h] = entry;
    return entry;
  }

  function takeEntry(): number {
    const free = head[FREE];
    if (free !== 0) {
      head[FREE] = ints[free * CLIENT_ID_INTS + RECENT_NEXT];
      return free;
    }
    if (head[RECENT] < RECENT_CLIENT_IDS_MAX) return head[TOP]++;
    const oldest = head[OLDEST];
    const newer = ints[oldest * CLIENT_ID_INTS + RECENT_NEXT];
    head[OLDEST] = newer;
    ints[newer * CLIENT_ID_INTS + RECENT_PREV] = 0;
    head[RECENT]--;
    unchain(oldest);
    return oldest;
  }

  function unchain(entry: number): void {
    const e = entry * CLIENT_ID_INTS;
    const next = ints[e + CHAIN_NEXT];
    const previous = ints[e + CHAIN_PREV];
    if (previous !== 0) ints[previous * CLIENT_ID_INTS + CHAIN_NEXT] = next;
    else heads[ints[e + HASH]] = next;
    if (next !== 0) ints[next * CLIENT_ID_INTS + CHAIN_PREV] = previous;
  }

  /** The entry's order is done: from now on it is the recent past. */
  function retire(entry: number): void {
    const e = entry * CLIENT_ID_INTS;
    const newest = head[NEWEST];
    ints[e + RECENT_NEXT] = 0;
    ints[e + RECENT_PREV] = newest;
    if (newest !== 0) ints[newest * CLIENT_ID_INTS + RECENT_NEXT] = entry;
    else head[OLDEST] = entry;
    head[NEWEST] = entry;
    head[RECENT]++;
  }

  /** The order never came to be: its id is free again. */
  function remove(entry: number): void {
    unchain(entry);
    ints[entry * CLIENT_ID_INTS + RECENT_NEXT] = head[FREE];
    head[FREE] = entry;
  }

  /** The order number of an entry, 0 for entry 0. */
  function orderNumberOf(entry: number): number {
    const e = entry * CLIENT_ID_INTS;
    return entry === 0 ? 0 : orderNumber(ints[e + K_SLOT], ints[e + K_GENERATION]);
  }

  /** The id of an entry as text, "" for entry 0. */
  function text(entry: number): string {
    if (entry === 0) return "";
    let b = entry * CLIENT_ID_INTS * 4;
    const end = b + C_TEXT_INTS * 4;
    let result = "";
    while (b < end && bytes[b] !== 0) result += String.fromCharCode(bytes[b++]);
    return result;
  }

  /** Makes zeroed memory the empty table. */
  function reset(): void {
    heads.fill(0);
    head[TOP] = 1;
  }

  return {
    ints,
    head,
    find,
    sameOrder,
    add,
    retire,
    remove,
    orderNumber: orderNumberOf,
    text,
    reset,
    /** Entries in use or used before: the extent of the state. */
    top: () => head[TOP],
  };
}
