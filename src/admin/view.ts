import type { AccountSettings, SymbolBand, SymbolRules } from "../core/view.ts";
import type { AccountsView } from "../people/new-users.ts";
import type { StateReply } from "../protocol/schemas/admin-replies.ts";
import type { OrderStateResult } from "../protocol/schemas/orders.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import type { QueryName } from "../trading/queries.ts";

/** What the admin API needs to see of the exchange. */
export interface AdminView extends AccountsView {
  accountExists(account: number): boolean;
  settingsOf(account: number): AccountSettings;
  /** Basis points, of an order that comes in now. */
  feesOf(account: number): { makerBps: number; takerBps: number };
  symbolRules(symbol: number): SymbolRules;
  /** The price band that a symbol would have: as the core's view. */
  bandWith(symbol: number, bps: number, windowMs: number, reference: number): SymbolBand | null;
  /** Shares that all accounts have together. */
  sharesTotal(symbol: number): number;
  /** An order of anybody's, open or done, with its account; null when there is none, or no longer. */
  order(number: number): Promise<{ account: number; order: OrderStateResult } | null>;
  /** What `account` would be told; of the market anybody. Rejects with `HttpError`. */
  ask<M extends QueryName>(method: M, params: Params<M>, account?: number): Promise<Result<M>>;
  /** The body of `GET /admin/v1/state`, as of a durable tick. */
  state(parts?: StateParts): Promise<StateReply>;
}

/** What is left out of the state unless it is true. */
export interface StateParts {
  symbols: boolean;
  hash: boolean;
}
