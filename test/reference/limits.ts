/** Capacity, as the core's docstrings give it. */
export interface Limits {
  symbols: number;
  accountsMax: number;
  positionsMax: number;
  /** Open at once. */
  ordersMax: number;
  /** Client order ids of done orders that are remembered, of all accounts and of each. */
  recentClientIdsMax: number;
  accountClientIdsMax: number;
  /** Pages of 256 prices, of one side of one book or of its stops, and of all together. */
  pagesPerSideMax: number;
  pagesMax: number;
  /** Stops of a symbol that come in after one command. */
  triggersPerCommandMax: number;
  /** From version 1 of the rules: work of a symbol's stops in one command, orders that a check looks at, and how
   *  often an auction searches for its price again. */
  cascadeWorkMax: number;
  scannedOrdersMax: number;
  auctionSearchesMax: number;
  /** Likewise: open orders of an account, and how many are kept for accounts with fewer than `fewOrders`. */
  accountOrdersMax: number;
  reservedOrders: number;
  fewOrders: number;
  /** Likewise: how many of all pages are kept for prices that would be on one of the best `nearPages` of their side. */
  reservedPages: number;
  nearPages: number;
}

export const LIMITS: Omit<Limits, "symbols"> = {
  accountsMax: 2 ** 17,
  positionsMax: 2 ** 22 - 1,
  ordersMax: 2 ** 21 - 1,
  recentClientIdsMax: 2 ** 22,
  accountClientIdsMax: 2 ** 17,
  pagesPerSideMax: 256,
  pagesMax: 2 ** 16 - 1,
  triggersPerCommandMax: 1_000,
  cascadeWorkMax: 1_000,
  scannedOrdersMax: 5_000,
  auctionSearchesMax: 16,
  accountOrdersMax: 100_000,
  reservedOrders: 2 ** 17,
  fewOrders: 100,
  reservedPages: 4_096,
  nearPages: 16,
};
