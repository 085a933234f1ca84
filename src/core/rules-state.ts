/**
 * The rules in force (`rules.ts`), as part of the state.
 *
 * ```
 *  int 0 VERSION   0 = as before there were versions
 *      1 KEY_LOW   2 KEY_HIGH   of the client order ids' hash
 *      3 EXPIRED   low word of the last timestamp at which EXPIRIES_MAX orders expired and more are left
 *      4 SHARES    of all accounts: open orders, ladder pages, positions, client order ids
 * ```
 */
import { ORDER_SLOT_COUNT } from "./command.ts";
import {
  ACCOUNT_CLIENT_IDS_MAX,
  ACCOUNT_ORDERS_MAX,
  ACCOUNT_PAGES_MAX,
  ACCOUNT_POSITIONS_MAX,
  AUCTION_SEARCHES_MAX,
  CASCADE_WORK_MAX,
  EXPIRIES_MAX,
  FEW_ORDERS,
  FEW_PAGES,
  FEW_POSITIONS,
  NEAR_PAGES,
  ORDER_CASCADE_WORK_MAX,
  RESERVED_NEAR_PAGES,
  RESERVED_ORDERS,
  RESERVED_PAGES,
  RESERVED_POSITIONS,
  SCANNED_ORDERS_MAX,
} from "./rules.ts";

/** The most pages of one side of a book under rules before version 1. */
export const PAGES_PER_BOOK_MAX = 256;
export const PAGES_MAX = 1 << 16;
export const POSITIONS_MAX = 1 << 22;

const VERSION = 0;
const KEY_LOW = 1;
const KEY_HIGH = 2;
const EXPIRED = 3;
const SHARES = 4;
const RULES_INTS = 8;

/** Smaller limits than the defaults, for tests. */
export interface WorkLimits {
  scannedOrdersMax?: number;
  cascadeWorkMax?: number;
  orderCascadeWorkMax?: number;
  expiriesMax?: number;
  auctionSearchesMax?: number;
  /** Of the exchange. */
  ordersMax?: number;
  pagesMax?: number;
  positionsMax?: number;
  /** Of an account. */
  accountOrdersMax?: number;
  accountPagesMax?: number;
  accountPositionsMax?: number;
  accountClientIdsMax?: number;
  /** How many of all orders, pages and positions are for accounts that have fewer than `few…`. */
  reservedOrders?: number;
  fewOrders?: number;
  reservedPages?: number;
  fewPages?: number;
  reservedPositions?: number;
  fewPositions?: number;
  /** How many of the reserved pages are for prices near the best; and how many of the best pages count as near. */
  reservedNearPages?: number;
  nearPages?: number;
}

export type Rules = ReturnType<typeof createRules>;

export function createRules(limits: WorkLimits) {
  const ints = new Int32Array(RULES_INTS);
  const pagesMax = limits.pagesMax ?? PAGES_MAX - 1;
  const firstShares = [
    limits.accountOrdersMax ?? ACCOUNT_ORDERS_MAX,
    limits.accountPagesMax ?? ACCOUNT_PAGES_MAX,
    limits.accountPositionsMax ?? ACCOUNT_POSITIONS_MAX,
    limits.accountClientIdsMax ?? ACCOUNT_CLIENT_IDS_MAX,
  ];

  return {
    ints,
    /**
     * [0] work done so far: orders that checks and auctions looked at, own orders that self-trade prevention changed,
     * and pages and levels, converted to as much work (`whistle/supply.ts`). It is not part of the state, because only
     * its differences are used.
     */
    work: new Float64Array(1),
    scannedOrdersMax: limits.scannedOrdersMax ?? SCANNED_ORDERS_MAX,
    cascadeWorkMax: limits.cascadeWorkMax ?? CASCADE_WORK_MAX,
    orderCascadeWorkMax: limits.orderCascadeWorkMax ?? ORDER_CASCADE_WORK_MAX,
    expiriesMax: limits.expiriesMax ?? EXPIRIES_MAX,
    auctionSearchesMax: limits.auctionSearchesMax ?? AUCTION_SEARCHES_MAX,
    nearPages: limits.nearPages ?? NEAR_PAGES,
    fewOrders: limits.fewOrders ?? FEW_ORDERS,
    fewPages: limits.fewPages ?? FEW_PAGES,
    fewPositions: limits.fewPositions ?? FEW_POSITIONS,
    /** When so many are in use, the rest is the reserve for accounts that have few. */
    sharedOrders:
      (limits.ordersMax ?? ORDER_SLOT_COUNT - 1) - (limits.reservedOrders ?? RESERVED_ORDERS),
    sharedPages: pagesMax - (limits.reservedPages ?? RESERVED_PAGES),
    sharedPositions:
      (limits.positionsMax ?? POSITIONS_MAX - 1) - (limits.reservedPositions ?? RESERVED_POSITIONS),
    /** When so many pages are in use, the rest is only for prices near the best. */
    anyPages: pagesMax - (limits.reservedNearPages ?? RESERVED_NEAR_PAGES),
    /** Shares of accounts without their own, in the order of SET_SHARES; and those with which version 1 begins. */
    shares: ints.subarray(SHARES),
    firstShares,
    version: (): number => ints[VERSION],
    isAtLeast1: (): boolean => ints[VERSION] !== 0,
    isAtLeast2: (): boolean => ints[VERSION] >= 2,
    keyLow: (): number => ints[KEY_LOW],
    keyHigh: (): number => ints[KEY_HIGH],
    /** Whether no more orders may expire at the timestamp `time`. */
    hasExpired: (time: number): boolean => ints[EXPIRED] === (time | 0),
    noteExpired(time: number): void {
      ints[EXPIRED] = time | 0;
    },
    /**
     * Sets the version. The first one also takes the key of the client order ids' hash from `seed`, a safe integer from
     * 0 on, and begins with `firstShares`.
     */
    set(version: number, seed: number): void {
      if (ints[VERSION] === 0) {
        ints[KEY_LOW] = seed | 0;
        ints[KEY_HIGH] = Math.floor(seed / 2 ** 32);
        ints.set(firstShares, SHARES);
      }
      ints[VERSION] = version;
    },
    /** Words of the state. None under version 0, which has no such store: the state's hash must stay the same. */
    used: () => (ints[VERSION] === 0 ? 0 : RULES_INTS),
  };
}
