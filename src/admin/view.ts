import type { AccountsView } from "../people/new-users.ts";

/** What the admin API needs to see of the exchange. */
export interface AdminView extends AccountsView {
  accountExists(account: number): boolean;
  /** The body of `GET /admin/v1/state`, as of a durable tick. */
  state(): Promise<object>;
}
