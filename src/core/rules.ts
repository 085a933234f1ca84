/**
 * The versions of the core's rules. A change of rules is a command (SET_RULES), so a journal that was written under
 * older rules gives the same state again. A later version of the rules is a later `JOURNAL_VERSION` and
 * `SNAPSHOT_VERSION`, too.
 *
 * What version 2 changes:
 *
 * - When a symbol opens, its last price triggers stops until the last of these has come in, even if one before has moved
 *   the price away (`whistle/stops.ts`).
 *
 * What version 1 changes:
 *
 * Self-trade prevention
 * - An order that prevention ends after it changed something is cancelled, never refused.
 * - It takes out or reduces SCANNED_ORDERS_MAX own orders for one order, and then cancels that order's rest.
 *
 * Stops and the volatility pause (`whistle/stops.ts`, `price-windows.ts`)
 * - Every trade of a command triggers stops and counts for the pause, not only the last one.
 * - A price older than the window does not count for the pause.
 * - The cap of a STOP to buy is the top of the band, even if its stop price is higher.
 * - A triggered STOP_LIMIT trades first, and needs room in the ladder only for what would rest.
 * - A cascade does CASCADE_WORK_MAX work in a command, and ORDER_CASCADE_WORK_MAX before a new order for its symbol.
 *   Its stops come in before the next order of the symbol does.
 *
 * Checks
 * - The shape of an order, with its time of expiry, is checked before symbol and state.
 * - An amendment to a total at or below what is filled cancels the rest.
 * - Checks work on the totals of levels (`whistle/look-ahead.ts`). Where own orders must be looked at, they look at
 *   SCANNED_ORDERS_MAX orders at most. A market order to buy must be able to pay for the user's own orders, too, unless
 *   it cancels them.
 *
 * Limits of work
 * - EXPIRIES_MAX orders expire at one timestamp (`whistle/timed.ts`), and expired orders that are left do not trade.
 * - An auction searches for its price AUCTION_SEARCHES_MAX times at most.
 *
 * Fees (`whistle/order-fees.ts`)
 * - An order's fee is that of the sum of its fills. A rebate is at most the taker's fee of the same trade. A trade with
 *   oneself or in an auction has none.
 *
 * Shared tables
 * - Client order ids are hashed with a key.
 * - An account may hold its share of open orders, ladder pages, positions and client order ids (ACCOUNT_…_MAX, or what
 *   SET_SHARES says). The last RESERVED_… of a table are for accounts that hold fewer than FEW_….
 * - One side of a book may have any number of pages. The reserved pages are also for every price among the best
 *   NEAR_PAGES pages of its side, and the last RESERVED_NEAR_PAGES for such prices only.
 */

export const RULES_VERSION = 2;

/** Orders that a check looks at before an order matches: the user's own, or, if he has more, those of the book. */
export const SCANNED_ORDERS_MAX = 5_000;
/** Orders that expire at one timestamp, and so in one tick. */
export const EXPIRIES_MAX = 1_000;
/** Work of a symbol's cascade in one command: stops that come in, and orders that they meet. */
export const CASCADE_WORK_MAX = 1_000;
/** The same before a new order for the symbol, which is refused if the cascade has not ended then. */
export const ORDER_CASCADE_WORK_MAX = 10_000;
/** Open orders of an account, of all symbols together. */
export const ACCOUNT_ORDERS_MAX = 100_000;
/** Pages of the ladder that count as an account's. */
export const ACCOUNT_PAGES_MAX = 16_384;
export const ACCOUNT_POSITIONS_MAX = 4_096;
/** Client order ids of an account's done orders. */
export const ACCOUNT_CLIENT_IDS_MAX = 131_072;
/** RESERVED_… of a table are for accounts that hold fewer than FEW_… of it. */
export const RESERVED_ORDERS = 131_072;
export const FEW_ORDERS = 100;
export const RESERVED_PAGES = 8_192;
export const FEW_PAGES = 64;
export const RESERVED_POSITIONS = 262_144;
export const FEW_POSITIONS = 64;
/** Of the reserved pages, those for prices that would be on one of the best NEAR_PAGES pages of their side. */
export const RESERVED_NEAR_PAGES = 4_096;
export const NEAR_PAGES = 16;
/** How often an auction searches for its price after orders of one user were cancelled. */
export const AUCTION_SEARCHES_MAX = 16;
