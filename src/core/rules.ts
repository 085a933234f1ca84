/**
 * Which version of the rules the core follows, and the key of its client order ids. A change of rules is a command
 * (SET_RULES), so that a journal that was written under older rules gives the same state again.
 *
 * Version 1:
 * - self-trade prevention that changed anything is a cancellation, never a refusal
 * - every trade elects stops and is measured for the volatility pause, not only the last of a command
 * - a price older than the window does not count for the pause
 * - an amendment to a total at or below what is filled cancels the rest
 * - a STOP to buy is capped at the top of the band, also when its stop price lies above
 * - the shape of an order, with its time of expiry, is checked before symbol and state
 * - stops that a cascade left over come in before the next order of their symbol, and a cascade is bounded by work
 * - checks look at SCANNED_ORDERS_MAX orders at most, and an auction searches for its price
 *   AUCTION_SEARCHES_MAX times at most
 * - an order's fee is that of all that it fills, a rebate is at most the taker's fee of the same trade, and there is
 *   none for a trade with oneself or in an auction (`whistle/order-fees.ts`)
 * - client order ids are hashed with a key
 * - open orders are shared: an account may have ACCOUNT_ORDERS_MAX over all symbols, and the last
 *   RESERVED_ORDERS are for accounts with fewer than FEW_ORDERS
 * - where a side of a book has its share of the ladder's pages, or the ladder is nearly full, a price among the best
 *   NEAR_PAGES pages still gets one
 */

export const RULES_VERSION = 1;

/** Orders that a check of an order about to match looks at: beyond them it is refused. */
export const SCANNED_ORDERS_MAX = 5_000;
/** Work of a symbol's cascade in one command: stops that come in, and orders that they meet. */
export const CASCADE_WORK_MAX = 1_000;
/** Open orders of an account, of all symbols together. */
export const ACCOUNT_ORDERS_MAX = 100_000;
/** Orders that only accounts with few may still place. */
export const RESERVED_ORDERS = 131_072;
export const FEW_ORDERS = 100;
/** Pages of a side, from the best, that a new one may join when the others are used up; and kept for such. */
export const NEAR_PAGES = 16;
export const RESERVED_PAGES = 4_096;
/** How often an auction searches for its price again after it has kept orders of one user apart. */
export const AUCTION_SEARCHES_MAX = 16;
