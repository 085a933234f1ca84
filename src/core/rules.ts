/**
 * Which version of the rules the core follows, and the key of its client order ids. A change of rules is a command
 * (SET_RULES), so that a journal that was written under older rules gives the same state again.
 *
 * A later version of the rules is a later `JOURNAL_VERSION` too.
 *
 * Version 1:
 * - self-trade prevention that changed anything is a cancellation, never a refusal
 * - every trade elects stops and is measured for the volatility pause, not only the last of a command
 * - a price older than the window does not count for the pause
 * - an amendment to a total at or below what is filled cancels the rest
 * - a STOP to buy is capped at the top of the band, also when its stop price lies above
 * - the shape of an order, with its time of expiry, is checked before symbol and state
 * - stops that a cascade left over come in before the next order of their symbol, and a cascade is bounded by work:
 *   CASCADE_WORK_MAX in a command, ORDER_CASCADE_WORK_MAX before a new order for the symbol
 * - checks work on the totals of levels, a market order to buy has to be able to pay for one's own orders that it would
 *   meet as well (unless it cancels them), and where own orders are in the way a check looks at SCANNED_ORDERS_MAX
 *   orders at most (`whistle/look-ahead.ts`); an auction searches for its price AUCTION_SEARCHES_MAX times at most
 * - EXPIRIES_MAX orders end by their time at one time (`whistle/timed.ts`), and those left over trade no more
 * - self-trade prevention takes out or reduces SCANNED_ORDERS_MAX own orders for one order, and then cancels its rest
 * - a triggered STOP_LIMIT trades first, and needs room in the ladder only for what would rest
 * - an order's fee is that of all that it fills, a rebate is at most the taker's fee of the same trade, and there is
 *   none for a trade with oneself or in an auction (`whistle/order-fees.ts`)
 * - client order ids are hashed with a key
 * - the tables that all accounts share are shared out: an account may hold its share of open orders, ladder pages and
 *   positions (ACCOUNT_…_MAX, or what SET_SHARES says), and the last RESERVED_… of each are for accounts that hold
 *   fewer than FEW_…
 * - a side of a book has no limit of pages; the reserved ones of the ladder are also for prices among the best
 *   NEAR_PAGES pages of their side, whoever asks, and the last RESERVED_NEAR_PAGES for nothing else
 */

export const RULES_VERSION = 1;

/** Own orders that a check of an order about to match looks at; of a user with more, so many orders of the book. */
export const SCANNED_ORDERS_MAX = 5_000;
/** Orders that end by their time at one time of the exchange's, and so in one tick. */
export const EXPIRIES_MAX = 1_000;
/** Work of a symbol's cascade in one command: stops that come in, and orders that they meet. */
export const CASCADE_WORK_MAX = 1_000;
/** The same before a new order for the symbol, which is refused while stops of it are left over. */
export const ORDER_CASCADE_WORK_MAX = 10_000;
/** Open orders of an account, of all symbols together. */
export const ACCOUNT_ORDERS_MAX = 100_000;
/** Pages of the ladder that count as an account's. */
export const ACCOUNT_PAGES_MAX = 16_384;
export const ACCOUNT_POSITIONS_MAX = 4_096;
/** Client order ids of an account's done orders. */
export const ACCOUNT_CLIENT_IDS_MAX = 131_072;
/** Kept for accounts that hold fewer than FEW_… of the same. */
export const RESERVED_ORDERS = 131_072;
export const FEW_ORDERS = 100;
export const RESERVED_PAGES = 8_192;
export const FEW_PAGES = 64;
export const RESERVED_POSITIONS = 262_144;
export const FEW_POSITIONS = 64;
/** Of the reserved pages, those for prices that would be on one of the best NEAR_PAGES pages of their side. */
export const RESERVED_NEAR_PAGES = 4_096;
export const NEAR_PAGES = 16;
/** How often an auction searches for its price again after it has kept orders of one user apart. */
export const AUCTION_SEARCHES_MAX = 16;
