/**
 * What an incoming order would find on the other side of its book, in shares and notional, without a look at each
 * order. The checks before it matches use this from version 1 of the rules on.
 *
 * The sums of a page of the ladder are kept until something on the page changes (`touch`). A page that the order takes
 * as a whole costs one addition; levels are looked at only on other pages. So a check stays cheap, however many orders
 * others have left in the book. The user's own orders (`collectOwn`) are looked at one by one and taken off the sums.
 */
import { Side } from "../command.ts";
import { PENDING } from "../event.ts";
import { A_FIRST_ORDER, A_OPEN_ORDERS, ACCOUNT_INTS } from "../ledger/accounts.ts";
import { feeOf } from "../ledger/fees.ts";
import { P_OPEN_ORDERS, POSITION_INTS } from "../ledger/positions.ts";
import type { CoreParts } from "../parts.ts";
import { PAGES_MAX } from "../rules-state.ts";
import { L_QUANTITY_F64, PAGE_LEVELS, PAGE_SHIFT, reaches } from "./ladder.ts";
import {
  O_ACCOUNT_NEXT,
  O_BOOK,
  O_LEVEL,
  O_ORDER_FLAGS,
  O_PRICE,
  O_RANK_F64,
  O_REMAINING,
  ORDER_SHIFT,
} from "./order-arena.ts";

export type Supply = ReturnType<typeof createSupply>;

/** A look at so many own orders, or levels, counts as the work of one trade; a page counts as four levels. */
const OWN_ORDERS_PER_WORK = 100;
const LEVELS_PER_WORK = 32;
const LEVELS_PER_PAGE = 4;

const LAST_IN_PAGE = PAGE_LEVELS - 1;

export function createSupply({ arena, ladder, accounts, positions, rules }: CoreParts) {
  const O = arena.ints;
  const OD = arena.doubles;
  const A = accounts.ints;
  const LQ = ladder.quantities;
  /** By page: 1 if its sums are up to date; and its sums. */
  const isSummed = new Uint8Array(PAGES_MAX);
  const pageShares = new Float64Array(PAGES_MAX);
  const pageNotional = new Float64Array(PAGES_MAX);
  /** Sums of the collected own orders by page, and by level of the page under search. Zero between two checks. */
  const ownShares = new Float64Array(PAGES_MAX);
  const ownNotional = new Float64Array(PAGES_MAX);
  const ownAtLevel = new Float64Array(PAGE_LEVELS);
  const own: number[] = [];
  /** What `find` found: [0] shares, [1] their notional. */
  const found = new Float64Array(2);
  /** Levels that the last `search` went through. */
  let levelsSeen = 0;

  /** The quantity at `level` has changed. */
  function touch(level: number): void {
    isSummed[level >> PAGE_SHIFT] = 0;
  }

  /**
   * Collects the open orders of the account's user in `book` that an incoming order of `side` reaches with its `limit`.
   * False when the user has too many open orders to look through: then none is collected.
   */
  function collectOwn(account: number, book: number, side: number, limit: number): boolean {
    let open = 0;
    let isInSymbol = false;
    let each = account;
    do {
      open += A[each * ACCOUNT_INTS + A_OPEN_ORDERS];
      const position = positions.find(each, book >> 1);
      if (positions.ints[position * POSITION_INTS + P_OPEN_ORDERS] !== 0) isInSymbol = true;
      each = accounts.nextOfUser(each);
    } while (each !== account);
    if (!isInSymbol) return true;
    if (open > rules.scannedOrdersMax) return false;
    rules.work[0] += Math.ceil(open / OWN_ORDERS_PER_WORK);
    do {
      let slot = A[each * ACCOUNT_INTS + A_FIRST_ORDER];
      for (; slot !== 0; slot = O[(slot << ORDER_SHIFT) + O_ACCOUNT_NEXT]) {
        const o = slot << ORDER_SHIFT;
        if (O[o + O_BOOK] !== book || (O[o + O_ORDER_FLAGS] & PENDING) !== 0) continue;
        if (reaches(side, O[o + O_PRICE], limit)) addOwn(o);
      }
      each = accounts.nextOfUser(each);
    } while (each !== account);
    return true;
  }

  function addOwn(o: number): void {
    const page = O[o + O_LEVEL] >> PAGE_SHIFT;
    own.push(o);
    ownShares[page] += O[o + O_REMAINING];
    ownNotional[page] += O[o + O_REMAINING] * O[o + O_PRICE];
  }

  function forgetOwn(): void {
    for (const o of own) {
      const page = O[o + O_LEVEL] >> PAGE_SHIFT;
      ownShares[page] = 0;
      ownNotional[page] = 0;
    }
    own.length = 0;
  }

  /** The collected order that an order of `side` would meet first; 0 when none is collected. */
  function firstOwn(side: number): number {
    let first = 0;
    for (const o of own) if (first === 0 || isBefore(o, first, side)) first = o;
    return first;
  }

  function isBefore(o: number, other: number, side: number): boolean {
    const difference = O[o + O_PRICE] - O[other + O_PRICE];
    if (difference !== 0) return side === Side.BUY ? difference < 0 : difference > 0;
    return OD[(o >> 1) + O_RANK_F64] < OD[(other >> 1) + O_RANK_F64];
  }

  /**
   * What an order of `side` would find in `book` at `limit` or better, without the collected own orders. It ends when
   * it has the `wanted` shares, or at the first level with which the cost, with a fee of `bps`, is above `costMax`. The
   * work that it counts limits cascades, and a replay must end them at the same place. So the count must not depend on
   * which sums happen to be up to date: it counts pages, and the levels of pages on which sums cannot replace a look at
   * levels.
   */
  function find(
    book: number,
    side: number,
    limit: number,
    wanted: number,
    costMax: number,
    bps: number,
  ): Float64Array {
    found.fill(0);
    let pages = 0;
    let levels = 0;
    let price = ladder.best(book);
    while (reaches(side, price, limit)) {
      const page = ladder.find(book, price) >> PAGE_SHIFT;
      pages++;
      const worst = side === Side.BUY ? price | LAST_IN_PAGE : price & ~LAST_IN_PAGE;
      const isWhole = reaches(side, worst, limit);
      if (isWhole && ownShares[page] !== 0 && isSummed[page] === 0) sum(book, page, price);
      if (!isWhole || isSummed[page] === 0 || !passes(page, wanted, costMax, bps)) {
        if (ownShares[page] !== 0) spreadOwn(page);
        const isDone = search(book, side, page, price, limit, wanted, costMax, bps);
        if (ownShares[page] !== 0) ownAtLevel.fill(0);
        if (isDone || !isWhole || !isCountable(page)) levels += levelsSeen;
        if (isDone) break;
      }
      price = ladder.nextPrice(book, worst);
    }
    rules.work[0] += Math.ceil((pages * LEVELS_PER_PAGE + levels) / LEVELS_PER_WORK);
    return found;
  }

  /** Adds a whole page to what was found, unless the order ends on it. Returns whether it was added. */
  function passes(page: number, wanted: number, costMax: number, bps: number): boolean {
    const shares = found[0] + pageShares[page] - ownShares[page];
    const notional = found[1] + pageNotional[page] - ownNotional[page];
    if (shares >= wanted) return false;
    if (!isCountable(page)) return false;
    if (costMax !== Number.POSITIVE_INFINITY && notional + feeOf(notional, bps, 0) > costMax) {
      return false;
    }
    found[0] = shares;
    found[1] = notional;
    return true;
  }

  /** Whether the notional of a page is exact. Its sums must be up to date. */
  function isCountable(page: number): boolean {
    return pageNotional[page] <= Number.MAX_SAFE_INTEGER;
  }

  /** Goes through the levels of a page from `from`, its best price. Returns whether the order ends on the page. */
  function search(
    book: number,
    side: number,
    page: number,
    from: number,
    limit: number,
    wanted: number,
    costMax: number,
    bps: number,
  ): boolean {
    const key = from >> PAGE_SHIFT;
    let shares = 0;
    let notional = 0;
    let price = from;
    levelsSeen = 0;
    for (; price >> PAGE_SHIFT === key && price !== 0; price = ladder.nextPrice(book, price)) {
      if (!reaches(side, price, limit)) return true;
      levelsSeen++;
      const quantity = quantityAt(page, price);
      shares += quantity;
      notional += quantity * price;
      const taken = Math.min(quantity - ownAtLevel[price & LAST_IN_PAGE], wanted - found[0]);
      found[0] += taken;
      found[1] += taken * price;
      if (found[0] === wanted || found[1] + feeOf(found[1], bps, 0) > costMax) return true;
    }
    setSums(page, shares, notional);
    return false;
  }

  /** Brings the sums of a page up to date. `from`: the page's best price. */
  function sum(book: number, page: number, from: number): void {
    const key = from >> PAGE_SHIFT;
    let shares = 0;
    let notional = 0;
    let price = from;
    for (; price >> PAGE_SHIFT === key && price !== 0; price = ladder.nextPrice(book, price)) {
      shares += quantityAt(page, price);
      notional += quantityAt(page, price) * price;
    }
    setSums(page, shares, notional);
  }

  function setSums(page: number, shares: number, notional: number): void {
    pageShares[page] = shares;
    pageNotional[page] = notional;
    isSummed[page] = 1;
  }

  function quantityAt(page: number, price: number): number {
    return LQ[((page << PAGE_SHIFT) | (price & LAST_IN_PAGE)) * 2 + L_QUANTITY_F64];
  }

  function spreadOwn(page: number): void {
    for (const o of own) {
      const level = O[o + O_LEVEL];
      if (level >> PAGE_SHIFT === page) ownAtLevel[level & LAST_IN_PAGE] += O[o + O_REMAINING];
    }
  }

  /** The state was replaced: no sums are up to date any more. */
  function reset(): void {
    isSummed.fill(0);
  }

  return { touch, collectOwn, forgetOwn, firstOwn, find, reset };
}
