/** The codes with which the exchange closes a WebSocket connection. `proto/errors.md` is generated from the table. */

/** Codes that the exchange chooses. */
export const CloseCode = {
  BEYOND_LIMIT: 1008,
  RESTART: 1012,
  NO_LOGIN: 4001,
  KEY_REVOKED: 4003,
  SLOW_CONSUMER: 4008,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** Each code, with why a connection is closed with it. The runtime chooses 1002, 1007 and 1009. */
export const CLOSE_CODES: Readonly<Record<CloseCode | 1002 | 1007 | 1009, string>> = {
  1002: "a frame breaks the WebSocket protocol",
  1007: "a text frame, or the reason of a close, is not UTF-8",
  1009: "a message is too long",
  [CloseCode.BEYOND_LIMIT]: "the client went on beyond a limit",
  [CloseCode.RESTART]: "the exchange is shutting down; connect again later",
  [CloseCode.NO_LOGIN]: "no login in time",
  [CloseCode.KEY_REVOKED]:
    "the login is over: the key was revoked or has expired, the session has ended, or the user is disabled",
  // Bun can neither drop what is queued nor put the close frame before it; it keeps both for 16 seconds.
  [CloseCode.SLOW_CONSUMER]:
    "the client reads too slowly; it comes behind what is unread, and a client that does not read all of that within 15 s sees 1006 instead",
};
