/** The kinds of events in the accounts' streams. */

export const StreamKind = { ORDER: 1, BALANCE: 2, POSITION: 3 } as const;

/** The fill of an order event. */
export interface FillFields {
  price: number;
  quantity: number;
  tradeId: number;
  /** 0 maker, 1 taker. */
  liquidity: number;
  fee: number;
}
