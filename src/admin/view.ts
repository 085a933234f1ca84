import type { AccountsView } from "../people/new-users.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import type { QueryName } from "../trading/queries.ts";

/** What the admin API needs to see of the exchange. */
export interface AdminView extends AccountsView {
  accountExists(account: number): boolean;
  /** What `account` would be told; of the market anybody. Rejects with `HttpError`. */
  ask<M extends QueryName>(method: M, params: Params<M>, account?: number): Promise<Result<M>>;
  /** The body of `GET /admin/v1/state`, as of a durable tick. */
  state(): Promise<object>;
}
