import type { AccountSettings, SymbolBand, SymbolRules } from "../core/view.ts";
import type { AccountsView } from "../people/new-users.ts";
import type { StateReply } from "../protocol/schemas/admin-replies.ts";
import type { OrderStateResult } from "../protocol/schemas/orders.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import type { QueryName } from "../trading/queries.ts";

/** The view of the exchange that the admin API needs. */
export interface AdminView extends AccountsView {
  accountExists(account: number): boolean;
  settingsOf(account: number): AccountSettings;
  /** Fees in basis points of an order that comes in now. */
  feesOf(account: number): { makerBps: number; takerBps: number };
  symbolRules(symbol: number): SymbolRules;
  /** The price band that a symbol would have, as `CoreView.bandWith` gives it. */
  bandWith(symbol: number, bps: number, windowMs: number, reference: number): SymbolBand | null;
  /** Shares that all accounts have together. */
  sharesTotal(symbol: number): number;
  /** Anybody's order, open or done, with its account; null when it is unknown or forgotten. */
  order(number: number): Promise<{ account: number; order: OrderStateResult } | null>;
  /** The answer to a query of `account`, or of anybody about the market. Rejects with `HttpError`. */
  ask<M extends QueryName>(method: M, params: Params<M>, account?: number): Promise<Result<M>>;
  /** The body of `GET /admin/v1/state`, as of a durable tick. */
  state(parts?: StateParts): Promise<StateReply>;
}

/** Which optional parts the state has. */
export interface StateParts {
  symbols: boolean;
  hash: boolean;
}
