/**
 * The dead man's switches of `orders.cancel_all_after`, one for each session: all orders of its account are cancelled
 * unless the switch is set again in time. A switch stays armed when its connection is lost, which is its purpose. A
 * connection that is opened later sets or disarms the switches left behind together with its own.
 */
import type { Lifecycle } from "../lib/lifecycle.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import { accessRefusal, type Caller, isLoggedIn } from "./caller.ts";
import { type Outcome, shuttingDown } from "./outcome.ts";

/** One who may hold a switch. */
export interface SwitchHolder {
  /** Milliseconds on a clock that never goes back. */
  readonly openedAt: number;
}

interface Switch {
  readonly holder: SwitchHolder;
  readonly account: number;
  /** On whose word it goes off. */
  readonly user: number;
  readonly timer: Timer;
  /** When its holder was lost, on the clock of `openedAt`; Infinity while he is there. */
  leftAt: number;
}

export class DeadMansSwitches {
  readonly #cancelOrders: (account: number, user: number) => void;
  readonly #lifecycle: Lifecycle;
  /** Of holders that are there; one who has logged in again as another may have several. */
  readonly #held = new Map<SwitchHolder, Set<Switch>>();
  /** Of holders that are lost, by account, the first that was lost first. */
  readonly #left = new Map<number, Set<Switch>>();

  constructor(cancelOrders: (account: number, user: number) => void, lifecycle: Lifecycle) {
    this.#cancelOrders = cancelOrders;
    this.#lifecycle = lifecycle;
  }

  /** `orders.cancel_all_after`: sets the holder's switch for the caller's account; 0 disarms it. */
  set(
    holder: SwitchHolder,
    caller: Caller,
    { timeout_ms }: Params<"orders.cancel_all_after">,
  ): Outcome<Result<"orders.cancel_all_after">> {
    const refusal = accessRefusal(caller, "trade");
    if (refusal !== null) return { error: refusal };
    if (!this.#lifecycle.isOpen) return { error: shuttingDown() };
    if (timeout_ms === 0) this.disarm(holder, caller.account);
    else if (isLoggedIn(caller)) this.arm(holder, caller.account, caller.user.number, timeout_ms);
    return { result: { timeout_ms } };
  }

  /** Sets the holder's switch for the account to go off in `timeoutMs`, on the word of `user`. */
  arm(holder: SwitchHolder, account: number, user: number, timeoutMs: number): void {
    this.disarm(holder, account);
    const timer = setTimeout(() => this.#goOff(armed), timeoutMs);
    const armed: Switch = { holder, account, user, timer, leftAt: Number.POSITIVE_INFINITY };
    add(this.#held, holder, armed);
  }

  /** Also those of the account whose holders were lost before this one came. */
  disarm(holder: SwitchHolder, account: number): void {
    for (const own of this.#held.get(holder) ?? []) {
      if (own.account === account) this.#forget(own);
    }
    for (const lost of this.#left.get(account) ?? []) {
      if (lost.leftAt > holder.openedAt) break;
      this.#forget(lost);
    }
  }

  /** The holder is lost. `now`: on the clock of `openedAt`. */
  leave(holder: SwitchHolder, now: number): void {
    for (const lost of this.#held.get(holder) ?? []) {
      lost.leftAt = now;
      add(this.#left, lost.account, lost);
    }
    this.#held.delete(holder);
  }

  /** The exchange goes down, and nobody can set one again in time: all go off now. */
  letGo(): void {
    const armed = [...this.#held.values(), ...this.#left.values()].flatMap((some) => [...some]);
    for (const each of armed) this.#forget(each);
    const users = new Map(armed.map(({ account, user }) => [account, user]));
    for (const [account, user] of users) this.#cancelOrders(account, user);
  }

  #goOff(armed: Switch): void {
    this.#forget(armed);
    this.#cancelOrders(armed.account, armed.user);
  }

  /** Removes a switch. One account may have very many, so this looks at none of the others. */
  #forget(armed: Switch): void {
    clearTimeout(armed.timer);
    remove(this.#held, armed.holder, armed);
    remove(this.#left, armed.account, armed);
  }
}

function add<Key>(sets: Map<Key, Set<Switch>>, key: Key, armed: Switch): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([armed]));
  else set.add(armed);
}

function remove<Key>(sets: Map<Key, Set<Switch>>, key: Key, armed: Switch): void {
  const set = sets.get(key);
  if (set?.delete(armed) && set.size === 0) sets.delete(key);
}
