/**
 * Checks the ladder: page links and counts, bits, best prices, levels and their FIFOs, and the pool of pages;
 * for the books and for the stops that wait behind them.
 */
import { SymbolState } from "../../../src/core/command.ts";
import { PENDING } from "../../../src/core/event.ts";
import { CLOCK_QUEUED, triggerBook } from "../../../src/core/parts.ts";
import {
  L_HEAD,
  L_QUANTITY_F64,
  L_TAIL,
  LEVEL_INTS,
  PAGE_INTS,
  PAGE_LEVELS,
  PAGE_SHIFT,
} from "../../../src/core/whistle/ladder.ts";
import {
  O_ACCOUNT,
  O_BOOK,
  O_LEVEL,
  O_NEXT,
  O_ORDER_FLAGS,
  O_PREV,
  O_PRICE,
  O_RANK_F64,
  O_REMAINING,
  O_STOP_PRICE,
  ORDER_SHIFT,
} from "../../../src/core/whistle/order-arena.ts";
import type { TestCore } from "../test-core.ts";
import { collectList, type Faults, type Start } from "./faults.ts";

// The layout from the drawing and the constants of ladder.ts, repeated here: a test must not use the
// constants that it checks.
const P_KEY = 0;
const P_NEXT = 1;
const P_PREV = 2;
const P_SUMMARY = 3;
const P_WORDS = 4;
const P_HOLDER = 12;
const WORDS = 8;
const BOOK_INTS = 4;
const B_BEST = 0;
const B_PAGE = 1;
const B_PAGE_COUNT = 2;
const H_FREE = 0;
const H_TOP = 1;

/** Returns the slot of every order in a book, and of every stop that waits. */
export function validateLadder(core: TestCore, start: Start, report: Faults): Set<number> {
  const { pages, head } = core.ladder;
  const { count, state } = core.symbols;
  const resting = new Set<number>();
  const linked = new Set<number>();
  for (let symbol = 0; symbol < count; symbol++) {
    const bids = validateSide(core, symbol * 2, resting, linked, report);
    const asks = validateSide(core, symbol * 2 + 1, resting, linked, report);
    const isCrossed = bids.length > 0 && asks.length > 0 && bids[0] >= asks[0];
    const isTrading = state(symbol) === SymbolState.TRADING;
    const isSound = !isCrossed || !isTrading;
    report(isSound, () => `symbol ${symbol}: bid ${bids[0]} meets ask ${asks[0]}`);
    for (const book of [symbol * 2, symbol * 2 + 1]) {
      validateSide(core, triggerBook(count, book), resting, linked, report);
    }
  }

  const next = (page: number): number => pages[page * PAGE_INTS + P_NEXT];
  const free = collectList("free pages", head[H_FREE], next, report);
  for (const page of free) validateFreePage(core, page, linked, report);
  validateHolders(core, linked, report);
  const counted = linked.size + free.size;
  const taken = head[H_TOP] - start.page;
  report(counted === taken, () => `pages: ${counted} linked or free of ${taken} taken`);
  return resting;
}

/** From version 1 of the rules each page is counted for the account of an order on it. */
function validateHolders(core: TestCore, linked: Set<number>, report: Faults): void {
  const { ladder, arena, accounts, rules } = core;
  const held = new Map<number, number>();
  for (const page of linked) {
    const holder = ladder.pages[page * PAGE_INTS + P_HOLDER];
    if (!rules.isAtLeast1()) {
      report(holder === 0, () => `page ${page}: has a holder`);
      continue;
    }
    const o = holder << ORDER_SHIFT;
    const isThere = arena.ints[o + O_LEVEL] >> PAGE_SHIFT === page && arena.ints[o + O_BOOK] >= 0;
    report(isThere, () => `page ${page}: its holder ${holder} is not there`);
    const account = arena.ints[o + O_ACCOUNT];
    held.set(account, (held.get(account) ?? 0) + 1);
  }
  for (let account = 0; account < accounts.next(); account++) {
    const [noted, counted] = [ladder.heldBy(account), held.get(account) ?? 0];
    report(noted === counted, () => `account ${account}: ${noted} pages, not ${counted}`);
  }
}

function validateFreePage(core: TestCore, page: number, linked: Set<number>, report: Faults): void {
  const { pages, levels } = core.ladder;
  const p = page * PAGE_INTS;
  report(!linked.has(page), () => `page ${page}: linked and free`);
  report(isZero(pages, p + P_SUMMARY, 1 + WORDS), () => `free page ${page}: bits set`);
  const first = (page << PAGE_SHIFT) * LEVEL_INTS;
  const isEmpty = isZero(levels, first, PAGE_LEVELS * LEVEL_INTS);
  report(isEmpty, () => `free page ${page}: a level is not empty`);
}

/** Without `subarray`: many views of such a large memory keep the garbage collector busy. */
function isZero(words: Int32Array, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) if (words[i] !== 0) return false;
  return true;
}

/** Returns the prices with orders, best first. */
function validateSide(
  core: TestCore,
  book: number,
  resting: Set<number>,
  linked: Set<number>,
  report: Faults,
): number[] {
  const { ladder } = core;
  const { pages, books } = ladder;
  const b = book * BOOK_INTS;
  const sign = (book & 1) === 0 ? -1 : 1;
  const prices: number[] = [];
  let previous = 0;
  let count = 0;
  for (let page = books[b + B_PAGE]; page !== 0; page = pages[page * PAGE_INTS + P_NEXT]) {
    const p = page * PAGE_INTS;
    const at = `book ${book} page ${page}`;
    report(!linked.has(page), () => `${at}: linked twice`);
    if (linked.has(page)) break;
    linked.add(page);
    count++;
    report(pages[p + P_PREV] === previous, () => `${at}: PREV ${pages[p + P_PREV]}`);
    const before = pages[previous * PAGE_INTS + P_KEY];
    const inOrder = previous === 0 || (pages[p + P_KEY] - before) * sign > 0;
    report(inOrder, () => `${at}: key ${pages[p + P_KEY]} after ${before}`);
    prices.push(...validatePage(core, book, page, resting, report));
    previous = page;
  }
  const noted = books[b + B_PAGE_COUNT];
  report(noted === count, () => `book ${book}: ${noted} pages`);
  const [best = 0] = prices;
  report(books[b + B_BEST] === best, () => `book ${book}: best ${books[b + B_BEST]}, not ${best}`);
  validateWalk(core, book, prices, report);
  return prices;
}

/** Checks that the look-ups of matching and market data find exactly these prices. */
function validateWalk(core: TestCore, book: number, prices: number[], report: Faults): void {
  const { ladder } = core;
  const out = new Float64Array((prices.length + 1) * 2);
  const count = ladder.depth(book, out, prices.length + 1);
  const found = Array.from({ length: count }, (_, i) => out[i * 2]);
  report(Bun.deepEquals(found, prices), () => `book ${book}: walk ${found}, not ${prices}`);
  if (prices.length === 0) return;
  const isBest = ladder.bestLevel(book) === ladder.find(book, prices[0]);
  report(isBest, () => `book ${book}: best level is not that of the best price`);
}

/** Returns the page's prices with orders, best first. */
function validatePage(
  core: TestCore,
  book: number,
  page: number,
  resting: Set<number>,
  report: Faults,
): number[] {
  const { pages, levels, quantities } = core.ladder;
  const p = page * PAGE_INTS;
  const prices: number[] = [];
  let summary = 0;
  for (let i = 0; i < PAGE_LEVELS; i++) {
    const price = pages[p + P_KEY] * PAGE_LEVELS + i;
    const level = (page << PAGE_SHIFT) | i;
    const isMarked = ((pages[p + P_WORDS + (i >> 5)] >>> (i & 31)) & 1) === 1;
    const l = level * LEVEL_INTS;
    const isFilled = levels[l + L_HEAD] !== 0;
    report(isMarked === isFilled, () => `book ${book} price ${price}: bit ${isMarked}`);
    if (isFilled) {
      prices.push(price);
      summary |= 1 << (i >> 5);
      validateLevel(core, book, level, price, resting, report);
    } else {
      const isEmpty = levels[l + L_TAIL] === 0 && quantities[level * 2 + L_QUANTITY_F64] === 0;
      report(isEmpty, () => `book ${book} price ${price}: empty level keeps a tail or quantity`);
    }
  }
  report(prices.length > 0, () => `book ${book}: empty page ${page} is linked`);
  report(pages[p + P_SUMMARY] === summary, () => `page ${page}: summary ${pages[p + P_SUMMARY]}`);
  return (book & 1) === 0 ? prices.reverse() : prices;
}

function validateLevel(
  core: TestCore,
  book: number,
  level: number,
  price: number,
  resting: Set<number>,
  report: Faults,
): void {
  const { levels, quantities } = core.ladder;
  const { ints: O, doubles: OD } = core.arena;
  const waits = book >= core.symbols.count * 2;
  let previous = 0;
  let rank = 0;
  let total = 0;
  for (let slot = levels[level * LEVEL_INTS + L_HEAD]; slot !== 0; ) {
    const o = slot << ORDER_SHIFT;
    const at = `order in slot ${slot}`;
    report(!resting.has(slot), () => `${at}: in two places`);
    if (resting.has(slot)) return;
    resting.add(slot);
    const itsBook = waits ? triggerBook(core.symbols.count, O[o + O_BOOK]) : O[o + O_BOOK];
    const itsPrice = O[o + (waits ? O_STOP_PRICE : O_PRICE)];
    const isHere = itsBook === book && O[o + O_LEVEL] === level && itsPrice === price;
    report(isHere, () => `${at}: is not of book ${book} price ${price} level ${level}`);
    const isPending = (O[o + O_ORDER_FLAGS] & PENDING) !== 0;
    report(isPending === waits, () => `${at}: pending ${isPending} in book ${book}`);
    const itsRank = OD[(o >> 1) + O_RANK_F64];
    const isLater = itsRank > rank && itsRank <= core.clock[CLOCK_QUEUED];
    report(isLater, () => `${at}: rank ${itsRank} after ${rank}`);
    rank = itsRank;
    report(O[o + O_PREV] === previous, () => `${at}: PREV ${O[o + O_PREV]}, not ${previous}`);
    total += O[o + O_REMAINING];
    previous = slot;
    slot = O[o + O_NEXT];
  }
  const tail = levels[level * LEVEL_INTS + L_TAIL];
  report(tail === previous, () => `book ${book} price ${price}: tail ${tail}, not ${previous}`);
  const noted = quantities[level * 2 + L_QUANTITY_F64];
  report(noted === total, () => `book ${book} price ${price}: quantity ${noted}, not ${total}`);
}
