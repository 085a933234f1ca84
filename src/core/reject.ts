/**
 * Why the core refuses a command. The numbers are the wire's (`protocol/errors.ts` holds every code
 * with its message; a test keeps the two equal), so a reject travels from here to the client unmapped.
 * Append-only.
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
} as const;

/** DETAIL of INVALID_PARAMETER: which field. */
export const InvalidField = {
  CLIENT_ORDER_ID: 1,
  QUANTITY: 2,
  PRICE: 3,
  ORDER: 4,
  ACCOUNT: 5,
  SYMBOL: 6,
  STATE: 7,
  KIND: 8,
  AMOUNT: 9,
  EXPIRE_AT: 10,
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
} as const;
