/**
 * Positions: the shares that an account holds of a symbol, available and reserved for open sell orders. A
 * position is made with the account's first order or first shares of the symbol, and is never removed.
 * Position 0 belongs to no account and is always zero.
 *
 * An index finds the position of an account and a symbol with two look-ups and without hashing. It is made of
 * pages of 8 accounts; a page exists only where one of its accounts has a position in the symbol.
 *
 * ```
 *  pages[symbol][account >> 3] ──► page of 8 accounts: positions[account & 7] ──► position, 32 bytes
 *          int 0 ACCOUNT, 1 SYMBOL, 2 NEXT of the account's positions, 3 OPEN_ORDERS | f64 2 AVAILABLE, 3 RESERVED
 * ```
 */
import { CapacityLimit } from "../reject.ts";
import { POSITIONS_MAX, type Rules } from "../rules-state.ts";
import { A_FIRST_POSITION, ACCOUNT_INTS, ACCOUNTS_MAX, type Accounts } from "./accounts.ts";
import type { Shares } from "./shares.ts";

/** Accounts of one page of the index. */
const PAGE_SHIFT = 3;
const PAGE_MASK = (1 << PAGE_SHIFT) - 1;
const PAGES_PER_SYMBOL = ACCOUNTS_MAX >> PAGE_SHIFT;

export const POSITION_INTS = 8;
export const POSITION_DOUBLES = 4;
const P_ACCOUNT = 0;
const P_SYMBOL = 1;
const P_NEXT = 2;
export const P_OPEN_ORDERS = 3;
export const P_AVAILABLE_F64 = 2;
export const P_RESERVED_F64 = 3;

export function createPositions(
  accounts: Accounts,
  symbolCount: number,
  rules: Rules,
  shares: Shares,
) {
  const buffer = new ArrayBuffer(POSITIONS_MAX * POSITION_INTS * 4);
  const ints = new Int32Array(buffer);
  const doubles = new Float64Array(buffer);
  // Page 0 is empty. At worst every position has a page of its own; memory is only used when written to.
  const pages = new Int32Array(symbolCount * PAGES_PER_SYMBOL);
  const index = new Int32Array((POSITIONS_MAX + 1) << PAGE_SHIFT);
  /** By page: its place in `pages`. */
  const places = new Int32Array(POSITIONS_MAX + 1);
  let pageCount = 0;
  const head = new Int32Array(2);
  /** By symbol: all shares deposited and not withdrawn. */
  const totals = new Float64Array(symbolCount);
  const accountInts = accounts.ints;
  /** By account, how many positions it has. */
  const held = new Int32Array(ACCOUNTS_MAX);
  head[0] = 1;

  /** The position of account and symbol, 0 when there is none. */
  function find(account: number, symbol: number): number {
    const page = pages[symbol * PAGES_PER_SYMBOL + (account >> PAGE_SHIFT)];
    return index[(page << PAGE_SHIFT) | (account & PAGE_MASK)];
  }

  /** Whether account and symbol have a position or could have one. */
  function hasRoom(account: number, symbol: number): boolean {
    return head[0] < POSITIONS_MAX || find(account, symbol) !== 0;
  }

  /** 0 if the account has a position in the symbol or an order may give it one, otherwise the `CapacityLimit`. */
  function lack(account: number, symbol: number): number {
    if (find(account, symbol) !== 0) return 0;
    if (rules.isAtLeast1()) {
      if (held[account] >= shares.positions(account)) return CapacityLimit.ACCOUNT_POSITIONS;
      const isReserve = head[0] > rules.sharedPositions;
      if (isReserve && held[account] >= rules.fewPositions) return CapacityLimit.POSITIONS;
    }
    return head[0] < POSITIONS_MAX ? 0 : CapacityLimit.POSITIONS;
  }

  /** The position of account and symbol, made if there is none. Call `hasRoom` or `lack` first. */
  function open(account: number, symbol: number): number {
    const found = find(account, symbol);
    return found !== 0 ? found : insert(account, symbol);
  }

  function insert(account: number, symbol: number): number {
    const position = head[0];
    head[0] = position + 1;
    file(position, account, symbol);
    const p = position * POSITION_INTS;
    const first = account * ACCOUNT_INTS + A_FIRST_POSITION;
    ints[p + P_ACCOUNT] = account;
    ints[p + P_SYMBOL] = symbol;
    ints[p + P_NEXT] = accountInts[first];
    accountInts[first] = position;
    return position;
  }

  /** Adds a position to the tables that are derived from the stores. */
  function file(position: number, account: number, symbol: number): void {
    const place = symbol * PAGES_PER_SYMBOL + (account >> PAGE_SHIFT);
    if (pages[place] === 0) {
      pages[place] = ++pageCount;
      places[pageCount] = place;
    }
    index[(pages[place] << PAGE_SHIFT) | (account & PAGE_MASK)] = position;
    held[account]++;
  }

  /** Makes the index, after the positions of an empty ledger were filled from a snapshot. */
  function restored(): void {
    for (let position = 1; position < head[0]; position++) {
      const p = position * POSITION_INTS;
      file(position, ints[p + P_ACCOUNT], ints[p + P_SYMBOL]);
    }
  }

  return {
    ints,
    doubles,
    head,
    places,
    totals,
    find,
    hasRoom,
    lack,
    open,
    restored,
    /** Positions in use: the extent of the state. */
    top: () => head[0],
    first: (account: number): number => accountInts[account * ACCOUNT_INTS + A_FIRST_POSITION],
    /** Makes an empty ledger of zeroed memory. */
    reset(): void {
      head[0] = 1;
      for (let page = 1; page <= pageCount; page++) pages[places[page]] = 0;
      index.fill(0, 0, (pageCount + 1) << PAGE_SHIFT);
      held.fill(0);
      pageCount = 0;
    },
    /** Positions that the account has. */
    heldBy: (account: number): number => held[account],
    next: (position: number): number => ints[position * POSITION_INTS + P_NEXT],
    accountOf: (position: number): number => ints[position * POSITION_INTS + P_ACCOUNT],
    symbolOf: (position: number): number => ints[position * POSITION_INTS + P_SYMBOL],
    available: (position: number): number => doubles[position * POSITION_DOUBLES + P_AVAILABLE_F64],
    reserved: (position: number): number => doubles[position * POSITION_DOUBLES + P_RESERVED_F64],
  };
}
