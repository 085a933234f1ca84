/**
 * The ladder: the price levels of every book side (book = symbol << 1 | side; side 0 bids, 1 asks).
 *
 * ```
 *  book side ──► best page ──► next page (worse prices) ──► …
 *                   │
 *                   ├ SUMMARY  8 bits: which of the words have a level
 *                   ├ WORDS    8 × 32 bits: which of the 256 prices have a level
 *                   └ 256 levels of 16 bytes: HEAD, TAIL of the order FIFO | QUANTITY float64
 * ```
 *
 * A page covers 256 consecutive prices and is taken from a pool when its first level opens, so any 31-bit price can
 * rest and a quiet symbol costs nothing. The best price is two bit scans; the next page is one link. The page of a
 * price is found by a walk from the best page: one or two steps in a real book. After WALK_MAX steps `page-index.ts` is
 * asked. QUANTITY is a float64, because many 31-bit orders may share a level.
 *
 * From version 1 of the rules on, accounts have shares of the pages. A page counts for the account of one order, its
 * HOLDER: at first the order that opened the page. When the holder leaves the page, the first order that is still on it
 * becomes the holder.
 */
import { Side } from "../command.ts";
import { ACCOUNTS_MAX } from "../ledger/accounts.ts";
import type { Shares } from "../ledger/shares.ts";
import { CapacityLimit } from "../reject.ts";
import { PAGES_MAX, PAGES_PER_BOOK_MAX, type Rules } from "../rules-state.ts";
import { allIfZero, O_ACCOUNT, O_LEVEL, ORDER_SHIFT, type OrderArena } from "./order-arena.ts";
import { createPageIndex } from "./page-index.ts";

export const PAGE_SHIFT = 8;
export const PAGE_LEVELS = 1 << PAGE_SHIFT;
export const LEVEL_INTS = 4;
export const L_HEAD = 0;
export const L_TAIL = 1;
export const L_QUANTITY_F64 = 1;
const LEVEL_DOUBLES = 2;

/** After so many pages of a walk, the index is asked. */
const WALK_MAX = 8;

export const PAGE_INTS = 16;
const P_KEY = 0; // price >> PAGE_SHIFT
const P_NEXT = 1; // worse prices; in the free list: the next free page
const P_PREV = 2; // better prices
const P_SUMMARY = 3;
const P_WORDS = 4;
const PAGE_WORDS = PAGE_LEVELS / 32;
const P_HOLDER = 12; // slot of the order whose account the page counts as, 0 under rules before version 1

export const BOOK_INTS = 4;
const B_BEST = 0; // best price, 0 = none
const B_PAGE = 1;
const B_PAGE_COUNT = 2;

const FREE = 0;
const TOP = 1;

/** Whether `price` is at `limit` or better for an order of `side`. 0, which is no price, never is. */
export function reaches(side: number, price: number, limit: number): boolean {
  return side === Side.BUY ? price !== 0 && price <= limit : price >= limit;
}

export function createLadder(
  bookCount: number,
  rules: Rules,
  shares: Shares,
  { ints: O }: OrderArena,
) {
  const levelBuffer = new ArrayBuffer(PAGES_MAX * PAGE_LEVELS * LEVEL_INTS * 4);
  const levels = new Int32Array(levelBuffer);
  const quantities = new Float64Array(levelBuffer);
  const pages = new Int32Array(PAGES_MAX * PAGE_INTS);
  const books = new Int32Array(bookCount * BOOK_INTS);
  const head = new Int32Array(2);
  head[TOP] = 1;
  // Everything from here on is derived from the tables above, and is in no snapshot.
  const index = createPageIndex(bookCount, PAGES_MAX);
  /** Pages in use, of all books. */
  let pageCount = 0;
  /** The worst page of each book side, 0 = none. */
  const last = new Int32Array(bookCount);
  /** By account: how many pages count for it. */
  const held = new Int32Array(ACCOUNTS_MAX);

  /** The books have been filled from a snapshot. */
  function restored(): void {
    pageCount = 0;
    held.fill(0);
    index.reset();
    for (let book = 0; book < bookCount; book++) {
      last[book] = 0;
      for (let page = books[book * BOOK_INTS + B_PAGE]; page !== 0; page = nextPage(page)) {
        index.add(book, pages[page * PAGE_INTS + P_KEY], page);
        const holder = pages[page * PAGE_INTS + P_HOLDER];
        if (holder !== 0) held[accountOf(holder)]++;
        last[book] = page;
        pageCount++;
      }
    }
  }

  /** Version 1 of the rules begins: gives every page a holder. */
  function shareOut(): void {
    for (let book = 0; book < bookCount; book++) {
      let page = books[book * BOOK_INTS + B_PAGE];
      for (; page !== 0; page = nextPage(page)) hold(page, firstOrder(book, page));
    }
  }

  const nextPage = (page: number): number => pages[page * PAGE_INTS + P_NEXT];

  const accountOf = (slot: number): number => O[(slot << ORDER_SHIFT) + O_ACCOUNT];

  function hold(page: number, slot: number): void {
    pages[page * PAGE_INTS + P_HOLDER] = slot;
    held[accountOf(slot)]++;
  }

  /** The slot of the first order at the best price of a page. */
  function firstOrder(book: number, page: number): number {
    const level = (page << PAGE_SHIFT) | (firstPrice(book, page) & (PAGE_LEVELS - 1));
    return levels[level * LEVEL_INTS + L_HEAD];
  }

  /** Whether the order in `slot` is the holder of the page of `level`. */
  function isHeld(level: number, slot: number): boolean {
    return pages[(level >> PAGE_SHIFT) * PAGE_INTS + P_HOLDER] === slot;
  }

  /**
   * The holder of the page of `level`, in `slot`, has left it: makes another order the holder. Call `markEmpty` before.
   */
  function handOn(book: number, level: number, slot: number): void {
    const page = level >> PAGE_SHIFT;
    const p = page * PAGE_INTS;
    pages[p + P_HOLDER] = 0;
    held[accountOf(slot)]--;
    if (pages[p + P_SUMMARY] !== 0) hold(page, firstOrder(book, page));
  }

  /** The best price of a book side, 0 when it is empty. */
  function best(book: number): number {
    return books[book * BOOK_INTS + B_BEST];
  }

  /** The level of the best price of a book side; 0 when the side is empty. */
  function bestLevel(book: number): number {
    const b = book * BOOK_INTS;
    return (books[b + B_PAGE] << PAGE_SHIFT) | (books[b + B_BEST] & (PAGE_LEVELS - 1));
  }

  /** The first page, from the best, that is not better than `key`; 0 when all are better. */
  function pageAt(book: number, key: number): number {
    let page = books[book * BOOK_INTS + B_PAGE];
    let steps = WALK_MAX;
    if ((book & 1) === 0) {
      while (page !== 0 && pages[page * PAGE_INTS + P_KEY] > key && --steps !== 0) {
        page = pages[page * PAGE_INTS + P_NEXT];
      }
    } else {
      while (page !== 0 && pages[page * PAGE_INTS + P_KEY] < key && --steps !== 0) {
        page = pages[page * PAGE_INTS + P_NEXT];
      }
    }
    return steps !== 0 ? page : index.at(book, key);
  }

  /** The level of `price` on this side, 0 when nothing rests there. */
  function find(book: number, price: number): number {
    const key = price >> PAGE_SHIFT;
    const page = pageAt(book, key);
    if (page === 0 || pages[page * PAGE_INTS + P_KEY] !== key) return 0;
    const level = (page << PAGE_SHIFT) | (price & (PAGE_LEVELS - 1));
    return levels[level * LEVEL_INTS + L_HEAD] === 0 ? 0 : level;
  }

  /** The level of `price`, even if nothing rests there; 0 if it has no page. */
  function levelAt(book: number, price: number): number {
    const key = price >> PAGE_SHIFT;
    let page = books[book * BOOK_INTS + B_PAGE];
    if (pages[page * PAGE_INTS + P_KEY] !== key) page = pageAt(book, key);
    if (page === 0 || pages[page * PAGE_INTS + P_KEY] !== key) return 0;
    return (page << PAGE_SHIFT) | (price & (PAGE_LEVELS - 1));
  }

  /**
   * 0 if `price` has a page or the account may open one, otherwise the `CapacityLimit`. `freed`: pages of the account
   * that become free before that.
   */
  function lack(book: number, price: number, account: number, freed = 0): number {
    const key = price >> PAGE_SHIFT;
    const page = pageAt(book, key);
    if (page !== 0 && pages[page * PAGE_INTS + P_KEY] === key) return 0;
    const isFull = head[FREE] === 0 && head[TOP] === PAGES_MAX;
    if (!rules.isAtLeast1()) {
      const isSideFull = books[book * BOOK_INTS + B_PAGE_COUNT] >= PAGES_PER_BOOK_MAX;
      return isFull || isSideFull ? CapacityLimit.LADDER_PAGES : 0;
    }
    const own = held[account] - freed;
    const all = pageCount - freed;
    if (own >= shares.pages(account)) return CapacityLimit.ACCOUNT_PAGES;
    if (all < rules.sharedPages) return 0;
    const isForFew = own < rules.fewPages && all < rules.anyPages;
    const mayHave = (!isFull || freed !== 0) && (isForFew || isNear(book, key));
    return mayHave ? 0 : CapacityLimit.LADDER_PAGES;
  }

  /** `lack` for the order at `o`, which leaves its present level for the new one. */
  function lackOfMoved(book: number, price: number, o: number): number {
    return lack(book, price, O[o + O_ACCOUNT], isAlone(o) ? 1 : 0);
  }

  /** Whether the order at `o` is the only one on its page. */
  function isAlone(o: number): boolean {
    const level = O[o + O_LEVEL];
    const p = (level >> PAGE_SHIFT) * PAGE_INTS;
    const summary = pages[p + P_SUMMARY];
    const bits = pages[p + P_WORDS + 31 - Math.clz32(summary)];
    const isOneLevel = (summary & (summary - 1)) === 0 && (bits & (bits - 1)) === 0;
    return (
      isOneLevel && levels[level * LEVEL_INTS + L_HEAD] === levels[level * LEVEL_INTS + L_TAIL]
    );
  }

  /**
   * Whether a page of `key` would be among the best NEAR_PAGES of its side. A page of a trigger book never is, because
   * nothing trades there.
   */
  function isNear(book: number, key: number): boolean {
    if (book >= bookCount >> 1) return false;
    let page = books[book * BOOK_INTS + B_PAGE];
    for (let better = 0; better < rules.nearPages; better++) {
      if (page === 0) return true;
      const isBetter =
        (book & 1) === 0
          ? pages[page * PAGE_INTS + P_KEY] > key
          : pages[page * PAGE_INTS + P_KEY] < key;
      if (!isBetter) return true;
      page = pages[page * PAGE_INTS + P_NEXT];
    }
    return false;
  }

  /** The level of `price` for the order in `slot`. Its page is added if there is none. Call `lack` first. */
  function open(book: number, price: number, slot: number): number {
    const key = price >> PAGE_SHIFT;
    let page = pageAt(book, key);
    if (page === 0 || pages[page * PAGE_INTS + P_KEY] !== key) {
      page = linkPage(book, key, page);
      if (rules.isAtLeast1()) hold(page, slot);
    }
    return (page << PAGE_SHIFT) | (price & (PAGE_LEVELS - 1));
  }

  /** Takes a page from the pool and links it before `next` (0 = at the end). */
  function linkPage(book: number, key: number, next: number): number {
    const b = book * BOOK_INTS;
    let page = head[FREE];
    if (page !== 0) head[FREE] = pages[page * PAGE_INTS + P_NEXT];
    else page = head[TOP]++;
    const previous = next !== 0 ? pages[next * PAGE_INTS + P_PREV] : last[book];
    if (next !== 0) pages[next * PAGE_INTS + P_PREV] = page;
    else last[book] = page;
    if (previous !== 0) pages[previous * PAGE_INTS + P_NEXT] = page;
    else books[b + B_PAGE] = page;
    const p = page * PAGE_INTS;
    pages[p + P_KEY] = key;
    pages[p + P_NEXT] = next;
    pages[p + P_PREV] = previous;
    books[b + B_PAGE_COUNT]++;
    pageCount++;
    index.add(book, key, page);
    return page;
  }

  function unlinkPage(book: number, page: number): void {
    const b = book * BOOK_INTS;
    const p = page * PAGE_INTS;
    const next = pages[p + P_NEXT];
    const previous = pages[p + P_PREV];
    if (previous !== 0) pages[previous * PAGE_INTS + P_NEXT] = next;
    else books[b + B_PAGE] = next;
    if (next !== 0) pages[next * PAGE_INTS + P_PREV] = previous;
    else last[book] = previous;
    index.remove(book, pages[p + P_KEY]);
    pages[p + P_NEXT] = head[FREE];
    head[FREE] = page;
    books[b + B_PAGE_COUNT]--;
    pageCount--;
  }

  /** A level got its first order. */
  function markFilled(book: number, level: number, price: number): void {
    const p = (level >> PAGE_SHIFT) * PAGE_INTS;
    const word = (price >> 5) & 7;
    pages[p + P_WORDS + word] |= 1 << (price & 31);
    pages[p + P_SUMMARY] |= 1 << word;
    const b = book * BOOK_INTS;
    const before = books[b + B_BEST];
    // A better bid is higher, a better ask lower. Without a branch, which the processor would often guess wrongly.
    const isBest = (((before - price) ^ -(book & 1)) >> 31) | allIfZero(before);
    books[b + B_BEST] = (before & ~isBest) | (price & isBest);
  }

  /** A level has lost its last order: clears its bit, removes its page if empty, and finds the new best price. */
  function markEmpty(book: number, level: number, price: number): void {
    const page = level >> PAGE_SHIFT;
    const p = page * PAGE_INTS;
    const word = (price >> 5) & 7;
    const bits = pages[p + P_WORDS + word] & ~(1 << (price & 31));
    pages[p + P_WORDS + word] = bits;
    if (bits === 0) {
      const summary = pages[p + P_SUMMARY] & ~(1 << word);
      pages[p + P_SUMMARY] = summary;
      if (summary === 0) unlinkPage(book, page);
    }
    const b = book * BOOK_INTS;
    if (books[b + B_BEST] === price) books[b + B_BEST] = firstPrice(book, books[b + B_PAGE]);
  }

  /** The best price of a page, 0 for page 0. */
  function firstPrice(book: number, page: number): number {
    if (page === 0) return 0;
    const p = page * PAGE_INTS;
    const summary = pages[p + P_SUMMARY];
    const base = pages[p + P_KEY] << PAGE_SHIFT;
    if ((book & 1) === 0) {
      const word = 31 - Math.clz32(summary);
      return base | (word << 5) | (31 - Math.clz32(pages[p + P_WORDS + word]));
    }
    const word = 31 - Math.clz32(summary & -summary);
    const bits = pages[p + P_WORDS + word];
    return base | (word << 5) | (31 - Math.clz32(bits & -bits));
  }

  /** The next worse price after `price` with orders, 0 when there is none. */
  function nextPrice(book: number, price: number): number {
    const key = price >> PAGE_SHIFT;
    const page = pageAt(book, key);
    if (page === 0) return 0;
    const p = page * PAGE_INTS;
    if (pages[p + P_KEY] !== key) return firstPrice(book, page);
    const base = key << PAGE_SHIFT;
    const bit = price & 31;
    let word = (price >> 5) & 7;
    if ((book & 1) === 0) {
      let bits = pages[p + P_WORDS + word] & ((1 << bit) - 1);
      if (bits !== 0) return base | (word << 5) | (31 - Math.clz32(bits));
      const rest = pages[p + P_SUMMARY] & ((1 << word) - 1);
      if (rest === 0) return firstPrice(book, pages[p + P_NEXT]);
      word = 31 - Math.clz32(rest);
      bits = pages[p + P_WORDS + word];
      return base | (word << 5) | (31 - Math.clz32(bits));
    }
    // `-2 << 31` is 0 in 32 bits, so the highest bit has nothing above it, as it should.
    let bits = pages[p + P_WORDS + word] & (-2 << bit);
    if (bits === 0) {
      const rest = pages[p + P_SUMMARY] & (-2 << word);
      if (rest === 0) return firstPrice(book, pages[p + P_NEXT]);
      word = 31 - Math.clz32(rest & -rest);
      bits = pages[p + P_WORDS + word];
    }
    return base | (word << 5) | (31 - Math.clz32(bits & -bits));
  }

  /** Writes the best levels, `levelsMax` at most, as pairs of price and quantity into `out`. Returns how many. */
  function depth(book: number, out: Float64Array, levelsMax: number): number {
    const isBid = (book & 1) === 0;
    let count = 0;
    for (let page = books[book * BOOK_INTS + B_PAGE]; page !== 0; page = nextPage(page)) {
      const p = page * PAGE_INTS;
      const base = pages[p + P_KEY] << PAGE_SHIFT;
      for (let i = 0; i < PAGE_WORDS; i++) {
        const word = isBid ? PAGE_WORDS - 1 - i : i;
        for (let bits = pages[p + P_WORDS + word]; bits !== 0; ) {
          if (count === levelsMax) return count;
          const bit = 31 - Math.clz32(isBid ? bits : bits & -bits);
          bits ^= 1 << bit;
          const offset = (word << 5) | bit;
          const level = (page << PAGE_SHIFT) | offset;
          out[count * 2] = base | offset;
          out[count * 2 + 1] = quantities[level * LEVEL_DOUBLES + L_QUANTITY_F64];
          count++;
        }
      }
    }
    return count;
  }

  return {
    levels,
    quantities,
    pages,
    books,
    head,
    best,
    bestLevel,
    find,
    levelAt,
    lack,
    lackOfMoved,
    open,
    isHeld,
    handOn,
    markFilled,
    markEmpty,
    nextPrice,
    depth,
    restored,
    shareOut,
    pageCount: () => pageCount,
    /** Pages that count for the account. */
    heldBy: (account: number): number => held[account],
    /** Pages in use or used before: the extent of the state. */
    top: () => head[TOP],
    reset(): void {
      head[TOP] = 1;
      pageCount = 0;
      last.fill(0);
      held.fill(0);
      index.reset();
    },
  };
}
