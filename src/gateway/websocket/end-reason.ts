/** Why connections end, as the metrics count it. */
import { CloseCode } from "../../protocol/close-codes.ts";

export const END_REASONS = [
  /** The client closed it. */
  "client",
  /** The connection broke off, or Bun ended it as the last resort. */
  "lost",
  /** A message that is too long; bytes that are not a WebSocket frame. */
  "too_long",
  "malformed",
  /** Reasons for which the exchange ends a connection. */
  "beyond_limit",
  "half_read",
  "slow_consumer",
  "gone",
  "no_login",
  "login_over",
  "shutdown",
] as const;
export type EndReason = (typeof END_REASONS)[number];

const OF_OWN_CODE: Readonly<Record<CloseCode, EndReason>> = {
  [CloseCode.BEYOND_LIMIT]: "beyond_limit",
  [CloseCode.RESTART]: "shutdown",
  [CloseCode.NO_LOGIN]: "no_login",
  [CloseCode.KEY_REVOKED]: "login_over",
  [CloseCode.SLOW_CONSUMER]: "slow_consumer",
};

/** The reason of a connection that the exchange closes with one of its codes. */
export function ownReason(code: CloseCode): EndReason {
  return OF_OWN_CODE[code];
}

/**
 * The reason of a connection that the exchange did not end. After a frame that is too long or malformed Bun ends it,
 * with 1006 and a reason; a reason with any other code is the client's own.
 */
export function foreignReason(code: number, reason: string): EndReason {
  if (code !== 1006) return "client";
  if (reason === "Received too big message") return "too_long";
  return reason === "" ? "lost" : "malformed";
}

/** After these ends there is no connection any more, or soon no process, so Bun reads nothing that the client still sends. */
const NOT_READ: ReadonlySet<EndReason> = new Set(["lost", "half_read", "gone", "shutdown"]);

/** Whether the client may go on sending after an end for this reason. */
export function isStillOpen(why: EndReason): boolean {
  return !NOT_READ.has(why);
}
