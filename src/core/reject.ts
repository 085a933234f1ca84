/**
 * Why the core refuses a command. The numbers are the wire's (`protocol/errors.ts` holds every code with its message; a
 * test keeps the two equal), so a reject travels from here to the client unmapped. Append-only.
 *
 * Beside its code a REJECT has two numbers. OUTSIDE_BAND has the lowest and the highest price, OFF_INCREMENT the
 * increment. INSUFFICIENT_FUNDS (cents) and INSUFFICIENT_SHARES have what is needed (2^53 - 1 stands for more, too) and
 * what is available. Other codes have zeros.
 */
export const Reject = {
  INVALID_PARAMETER: 40001,
  UNKNOWN_SYMBOL: 40003,
  UNKNOWN_ORDER: 40004,
  NOT_YOUR_ACCOUNT: 40301,
  POST_ONLY_WOULD_CROSS: 40901,
  FILL_OR_KILL: 40902,
  NO_LIQUIDITY: 40903,
  OUTSIDE_BAND: 40904,
  OFF_INCREMENT: 40905,
  INSUFFICIENT_FUNDS: 40906,
  INSUFFICIENT_SHARES: 40907,
  SELF_TRADE: 40908,
  SYMBOL_NOT_TRADING: 40909,
  CAPACITY: 40910,
  CLIENT_ORDER_ID_REUSED: 40911,
  /**
   * Not all triggered stops of the symbol have come in yet, or more expired orders are in the way than one command can
   * end. The client may send the order again.
   */
  OVERLOADED: 50300,
} as const;

/** DETAIL of INVALID_PARAMETER: which field. Append-only. 1 was used for a repeated client order id. */
export const InvalidField = {
  QUANTITY: 2,
  PRICE: 3,
  ORDER: 4,
  ACCOUNT: 5,
  SYMBOL: 6,
  STATE: 7,
  KIND: 8,
  AMOUNT: 9,
  EXPIRE_AT: 10,
  STOP_PRICE: 11,
} as const;

/** DETAIL of CAPACITY: which limit. */
export const CapacityLimit = {
  ORDERS: 1,
  LADDER_PAGES: 2,
  POSITIONS: 3,
  ACCOUNTS: 4,
  CASH: 5,
  SHARES: 6,
  ORDER_QUANTITY: 7,
  ORDER_NOTIONAL: 8,
  ACCOUNT_ORDERS: 9,
  /** A check would have to look at more orders than SCANNED_ORDERS_MAX. */
  SCANNED_ORDERS: 10,
  /** Open orders of an account, of all symbols together. */
  ALL_ACCOUNT_ORDERS: 11,
  /** Only within the checks of an amendment, where it stands for OVERLOADED. It is never a DETAIL. */
  TRIGGERED_STOPS: 12,
  /** An account's share of the ladder's pages, and of the positions. */
  ACCOUNT_PAGES: 13,
  ACCOUNT_POSITIONS: 14,
} as const;
