/**
 * The dead man's switches of `orders.cancel_all_after`, one an account: all its orders are cancelled unless
 * it is set again in time, by whichever connection. It goes on when a connection is lost, for that is what it
 * is for.
 */
export class DeadMansSwitches {
  readonly #cancelOrders: (account: number, user: number) => void;
  readonly #armed = new Map<number, { user: number; timer: Timer }>();

  constructor(cancelOrders: (account: number, user: number) => void) {
    this.#cancelOrders = cancelOrders;
  }

  /** Sets the account's switch to go off in `timeoutMs`, on the word of `user`. */
  arm(account: number, user: number, timeoutMs: number): void {
    this.disarm(account);
    const timer = setTimeout(() => this.#goOff(account), timeoutMs);
    this.#armed.set(account, { user, timer });
  }

  disarm(account: number): void {
    clearTimeout(this.#armed.get(account)?.timer);
    this.#armed.delete(account);
  }

  /** The exchange goes down, and nobody can set one again in time: all go off now. */
  letGo(): void {
    for (const account of [...this.#armed.keys()]) this.#goOff(account);
  }

  #goOff(account: number): void {
    const user = this.#armed.get(account)?.user;
    this.disarm(account);
    if (user !== undefined) this.#cancelOrders(account, user);
  }
}
