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
};
