/**
 * The dead man's switches of `orders.cancel_all_after`, one an account: all its orders are cancelled unless
 * it is set again in time, by whichever connection. It goes on when a connection is lost, for that is what it
 * is for.
 */
import type { Lifecycle } from "../lib/lifecycle.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import { accessRefusal, type Caller, isLoggedIn } from "./caller.ts";
import { type Outcome, shuttingDown } from "./outcome.ts";

export class DeadMansSwitches {
  readonly #cancelOrders: (account: number, user: number) => void;
  readonly #lifecycle: Lifecycle;
  readonly #armed = new Map<number, { user: number; timer: Timer }>();

  constructor(cancelOrders: (account: number, user: number) => void, lifecycle: Lifecycle) {
    this.#cancelOrders = cancelOrders;
    this.#lifecycle = lifecycle;
  }

  /** `orders.cancel_all_after`: sets the switch of the caller's account; 0 disarms it. */
  set(
    caller: Caller,
    { timeout_ms }: Params<"orders.cancel_all_after">,
  ): Outcome<Result<"orders.cancel_all_after">> {
    const refusal = accessRefusal(caller, "trade");
    if (refusal !== null) return { error: refusal };
    if (!this.#lifecycle.isOpen) return { error: shuttingDown() };
    if (timeout_ms === 0) this.disarm(caller.account);
    else if (isLoggedIn(caller)) this.arm(caller.account, caller.user.number, timeout_ms);
    return { result: { timeout_ms } };
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
