/** The limits of the core's stores, as its docstrings give them. */
export interface Limits {
  symbols: number;
  accountsMax: number;
  positionsMax: number;
  /** Orders that are open at the same time. */
  ordersMax: number;
  /** Remembered client order ids of done orders: of all accounts, and of each account. */
  recentClientIdsMax: number;
  accountClientIdsMax: number;
  /** Pages of 256 prices of the ladder. */
  pagesMax: number;
  /** How many stops of a symbol trigger after one command. */
  triggersPerCommandMax: number;
  /** From version 1 of the rules: how many orders may expire at the same time. */
  expiriesMax: number;
  /**
   * Likewise: the work of a symbol's stops in one command, how many orders a check looks at, and how often an
   * auction searches for its price again.
   */
  cascadeWorkMax: number;
  /** The part of that work that may come before a new order for the symbol. */
  orderCascadeWorkMax: number;
  scannedOrdersMax: number;
  auctionSearchesMax: number;
  /**
   * Likewise: what an account may hold if nothing else is set, and how much of the stores is reserved for
   * accounts that hold little.
   */
  accountOrdersMax: number;
  reservedOrders: number;
  fewOrders: number;
  accountPagesMax: number;
  reservedPages: number;
  fewPages: number;
  accountPositionsMax: number;
  reservedPositions: number;
  fewPositions: number;
  /**
   * Likewise: how many of the reserved pages are for prices that would be among the best `nearPages` of their
   * side.
   */
  reservedNearPages: number;
  nearPages: number;
}

export const LIMITS: Omit<Limits, "symbols"> = {
  accountsMax: 2 ** 17,
  positionsMax: 2 ** 22 - 1,
  ordersMax: 2 ** 21 - 1,
  recentClientIdsMax: 2 ** 22,
  accountClientIdsMax: 2 ** 17,
  pagesMax: 2 ** 16 - 1,
  triggersPerCommandMax: 1_000,
  expiriesMax: 1_000,
  cascadeWorkMax: 1_000,
  orderCascadeWorkMax: 10_000,
  scannedOrdersMax: 5_000,
  auctionSearchesMax: 16,
  accountOrdersMax: 100_000,
  reservedOrders: 2 ** 17,
  fewOrders: 100,
  accountPagesMax: 16_384,
  reservedPages: 8_192,
  fewPages: 64,
  accountPositionsMax: 4_096,
  reservedPositions: 2 ** 18,
  fewPositions: 64,
  reservedNearPages: 4_096,
  nearPages: 16,
};
