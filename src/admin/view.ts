/** What the admin API needs to see of the exchange. */
export interface AdminView {
  /** The number that the next OPEN_ACCOUNT has to name. */
  nextAccount(): number;
  /** The number of a symbol by its name or ticker; -1 when it is unknown or not listed. */
  symbolNumber(name: string): number;
  accountExists(account: number): boolean;
  /** The body of `GET /admin/v1/state`, as of a durable tick. */
  state(): Promise<object>;
}
