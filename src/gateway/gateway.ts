/** What the handlers of the gateway work with, and how a request is answered. */
import type { Core } from "../core/core.ts";
import type { AccountTrades } from "../execution/account-trades.ts";
import type { OrderHistory } from "../execution/order-history.ts";
import type { TickLoop } from "../execution/tick-loop.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import type { MarketDataFeed } from "../market-data/feed.ts";
import type { PlayerRegistry } from "../players/registry.ts";
import { errorBytes, errorText, resultBytes, resultText } from "../protocol/envelope.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import { invalidParameters } from "../protocol/issue.ts";
import type { MethodName } from "../protocol/schemas.ts";
import type { InboundRing } from "../router/inbound-ring.ts";
import type { Admission } from "./admission.ts";
import type { DeadMansSwitches } from "./dead-mans-switches.ts";
import type { Session } from "./session.ts";
import type { UserLimitsTable } from "./user-limits.ts";
import type { UserStream } from "./user-stream.ts";

/** How long a client should wait before it tries an exchange that takes no orders just now. */
export const RETRY_AFTER_MS = 1000;

export interface Gateway {
  core: Core;
  ring: InboundRing;
  loop: TickLoop;
  history: OrderHistory;
  accountTrades: AccountTrades;
  feed: MarketDataFeed;
  players: PlayerRegistry;
  identity: IdentityStore;
  limits: UserLimitsTable;
  admission: Admission;
  userStream: UserStream;
  counters: GatewayCounters;
  /** Market data without login. */
  anonymousMarketData: boolean;
  /** The exchange is going down: no more orders. */
  closing: boolean;
  /** Cancels all orders of an account, on the word of a user who is not there any more. */
  cancelOrders(account: number, user: number): void;
  deadMansSwitches: DeadMansSwitches;
  /** Milliseconds since 1970. */
  now(): number;
  /** Is told of what nobody foresaw; the client reads only that it was internal. */
  onBug(error: unknown): void;
}

/** Counted since the start, for the metrics. */
export interface GatewayCounters {
  requests: number;
  orders: number;
  logins: number;
  slowConsumers: number;
  pushes: number;
  errors: Map<number, number>;
}

export interface Request {
  id: string | number | undefined;
  /** It came as MessagePack, so that is how it is answered. */
  binary: boolean;
  /** Checked against the method's schema. */
  params: unknown;
}

/** What a handler gives back: an error, or a result; null when it answers by itself, later. */
export type Outcome = { error: ErrorBody } | { result: object } | null;

export type Handler = (gateway: Gateway, session: Session, request: Request) => Outcome;

export function failure(code: number, details?: Record<string, unknown>, message?: string) {
  return { error: errorBody(code, details, message) };
}

/** 40001 for one parameter of a method. */
export function invalid(method: MethodName, field: string, issue: string) {
  return { error: invalidParameters(method, [{ field, issue }]) };
}

/** Answers a request in the encoding it came in. */
export function respond(
  gateway: Gateway,
  session: Session,
  request: Pick<Request, "id" | "binary">,
  outcome: Outcome,
): void {
  if (outcome === null) return;
  if ("error" in outcome) countError(gateway, outcome.error.code);
  const { id, binary } = request;
  if ("error" in outcome) {
    session.send(binary ? errorBytes(id, outcome.error) : errorText(id, outcome.error));
  } else {
    session.send(binary ? resultBytes(id, outcome.result) : resultText(id, outcome.result));
  }
}

/** Counts what a client was told, for the metrics. */
export function countError(gateway: Gateway, code: number): void {
  const { errors } = gateway.counters;
  errors.set(code, (errors.get(code) ?? 0) + 1);
}

/**
 * Answers with what `read` finds once everything before the request is durable; not at all when the
 * connection is gone by then. Reads of the core begin with `refuseAhead`.
 */
export function respondDurable(
  gateway: Gateway,
  session: Session,
  request: Request,
  read: () => Outcome,
): Outcome {
  const wait = session.limits.marketData.take(gateway.now());
  if (wait > 0) return failure(ErrorCode.MARKET_DATA_RATE, { retry_after_ms: wait });
  const isTaken = gateway.loop.read(() => {
    if (session.socket === null) return;
    respond(gateway, session, request, guarded(gateway, read));
  });
  return isTaken ? null : failure(ErrorCode.OVERLOADED, { retry_after_ms: RETRY_AFTER_MS });
}

/** What a handler gives, or 50000 when it has a bug. */
export function guarded(gateway: Gateway, handle: () => Outcome): Outcome {
  try {
    return handle();
  } catch (error) {
    gateway.onBug(error);
    return failure(ErrorCode.INTERNAL);
  }
}

/** 50700 when the core holds what the disk does not: that is never told. */
export function refuseAhead({ loop }: Gateway): Outcome {
  return loop.isAhead ? failure(ErrorCode.STORAGE_FAILED, undefined, "Storage failed") : null;
}
