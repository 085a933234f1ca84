/** Close codes of the protocol. */
export const CloseCode = {
  BEYOND_LIMIT: 1008,
  RESTART: 1012,
  NO_LOGIN: 4001,
  KEY_REVOKED: 4003,
  SLOW_CONSUMER: 4008,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];
