/**
 * The rules in force (`rules.ts`), as part of the state.
 *
 * ```
 *  int 0 VERSION   0 = as before there were versions
 *      1 KEY_LOW   2 KEY_HIGH   of the client order ids' hash   3 (none)
 * ```
 */
import { ORDER_SLOT_COUNT } from "./command.ts";
import {
  ACCOUNT_ORDERS_MAX,
  AUCTION_SEARCHES_MAX,
  CASCADE_WORK_MAX,
  FEW_ORDERS,
  NEAR_PAGES,
  RESERVED_ORDERS,
  RESERVED_PAGES,
  SCANNED_ORDERS_MAX,
} from "./rules.ts";

/** Pages that one side of one book may hold: a span of 65,536 prices if they lie together. */
export const PAGES_PER_BOOK_MAX = 256;
export const PAGES_MAX = 1 << 16;

const VERSION = 0;
const KEY_LOW = 1;
const KEY_HIGH = 2;
const RULES_INTS = 4;

/** Smaller ones than the defaults, for tests. */
export interface WorkLimits {
  scannedOrdersMax?: number;
  cascadeWorkMax?: number;
  auctionSearchesMax?: number;
  /** Open orders of the exchange, of an account, and of which so many are for accounts with fewer than `fewOrders`. */
  ordersMax?: number;
  accountOrdersMax?: number;
  reservedOrders?: number;
  fewOrders?: number;
  /** Pages of the ladder, of a side of a book, and of which so many are for prices near the best. */
  pagesMax?: number;
  pagesPerSideMax?: number;
  reservedPages?: number;
  nearPages?: number;
}

export type Rules = ReturnType<typeof createRules>;

export function createRules(limits: WorkLimits) {
  const ints = new Int32Array(RULES_INTS);

  return {
    ints,
    /**
     * [0] orders that checks and auctions looked at, and own orders that prevention changed: no state, only
     * differences count.
     */
    work: new Float64Array(1),
    scannedOrdersMax: limits.scannedOrdersMax ?? SCANNED_ORDERS_MAX,
    cascadeWorkMax: limits.cascadeWorkMax ?? CASCADE_WORK_MAX,
    auctionSearchesMax: limits.auctionSearchesMax ?? AUCTION_SEARCHES_MAX,
    accountOrdersMax: limits.accountOrdersMax ?? ACCOUNT_ORDERS_MAX,
    nearPages: limits.nearPages ?? NEAR_PAGES,
    pagesPerSideMax: limits.pagesPerSideMax ?? PAGES_PER_BOOK_MAX,
    /** Beyond so many pages the reserve begins. */
    sharedPages: (limits.pagesMax ?? PAGES_MAX - 1) - (limits.reservedPages ?? RESERVED_PAGES),
    fewOrders: limits.fewOrders ?? FEW_ORDERS,
    /** Beyond so many open orders the reserve begins. */
    sharedOrders:
      (limits.ordersMax ?? ORDER_SLOT_COUNT - 1) - (limits.reservedOrders ?? RESERVED_ORDERS),
    version: (): number => ints[VERSION],
    isAtLeast1: (): boolean => ints[VERSION] !== 0,
    keyLow: (): number => ints[KEY_LOW],
    keyHigh: (): number => ints[KEY_HIGH],
    /** `seed`: a safe integer, 0 or more. */
    set(version: number, seed: number): void {
      ints[VERSION] = version;
      ints[KEY_LOW] = seed | 0;
      ints[KEY_HIGH] = Math.floor(seed / 2 ** 32);
    },
    /** Words of the state: none under version 0, whose hash is over what there was then. */
    used: () => (ints[VERSION] === 0 ? 0 : RULES_INTS),
  };
}
