/**
 * The dead man's switches of `orders.cancel_all_after`. Each connection has its own: all orders of its account are cancelled
 * unless the switch is set again in time. A switch stays armed when its connection is lost, which is its purpose. When a
 * connection that was opened after that sets or disarms its switch, the switches of lost connections are disarmed.
 */
import { CancelCause } from "../core/command.ts";
import type { Lifecycle } from "../lib/lifecycle.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import type { AutomaticCancels } from "./automatic-cancels.ts";
import { accessRefusal, type Caller, isLoggedIn } from "./caller.ts";
import { type Outcome, shuttingDown } from "./outcome.ts";

/** A connection that may hold a switch. */
export interface SwitchHolder {
  /** Milliseconds by a clock that is never set back. */
  readonly openedAt: number;
}

interface Switch {
  readonly holder: SwitchHolder;
  readonly account: number;
  /** Number of the user who set it. */
  readonly user: number;
  readonly timer: Timer;
  /** When its connection was lost, by the clock of `openedAt`; Infinity while the connection is there. */
  leftAt: number;
}

const CAUSE = CancelCause.DEAD_MANS_SWITCH;

export class DeadMansSwitches {
  readonly #cancels: Pick<AutomaticCancels, "arm" | "disarm" | "carryOut">;
  readonly #lifecycle: Lifecycle;
  /** Switches of connections that are there. A connection that logged in again as another user may have several. */
  readonly #held = new Map<SwitchHolder, Set<Switch>>();
  /** Switches of lost connections, by account, in the order in which the connections were lost. */
  readonly #left = new Map<number, Set<Switch>>();

  constructor(
    cancels: Pick<AutomaticCancels, "arm" | "disarm" | "carryOut">,
    lifecycle: Lifecycle,
  ) {
    this.#cancels = cancels;
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

  /** Sets the holder's switch for `account` to go off in `timeoutMs`, on behalf of `user`. */
  arm(holder: SwitchHolder, account: number, user: number, timeoutMs: number): void {
    // Armed before the old switch is disarmed, so that the file of armed cancels need not be written.
    this.#cancels.arm(CAUSE, account, user);
    this.disarm(holder, account);
    const timer = setTimeout(() => this.#goOff(armed), timeoutMs);
    const armed: Switch = { holder, account, user, timer, leftAt: Number.POSITIVE_INFINITY };
    add(this.#held, holder, armed);
  }

  /** Disarms the holder's switch for `account`, and those of connections that were lost before the holder was opened. */
  disarm(holder: SwitchHolder, account: number): void {
    for (const own of this.#held.get(holder) ?? []) {
      if (own.account === account) this.#disarm(own);
    }
    for (const lost of this.#left.get(account) ?? []) {
      if (lost.leftAt > holder.openedAt) break;
      this.#disarm(lost);
    }
  }

  #disarm(armed: Switch): void {
    this.#forget(armed);
    this.#cancels.disarm(CAUSE, armed.account);
  }

  /** The holder's connection is lost. `now`: by the clock of `openedAt`. */
  leave(holder: SwitchHolder, now: number): void {
    for (const lost of this.#held.get(holder) ?? []) {
      lost.leftAt = now;
      add(this.#left, lost.account, lost);
    }
    this.#held.delete(holder);
  }

  /** The exchange shuts down, and nobody can set a switch again in time: all go off now. */
  letGo(): void {
    const armed = [...this.#held.values(), ...this.#left.values()].flatMap((some) => [...some]);
    const seen = new Set<number>();
    for (const each of armed) {
      // One cancel is enough for an account.
      if (seen.has(each.account)) this.#disarm(each);
      else this.#goOff(each);
      seen.add(each.account);
    }
  }

  #goOff(armed: Switch): void {
    this.#forget(armed);
    void this.#cancels.carryOut(CAUSE, armed.account, armed.user);
  }

  /** Removes a switch. One account may have very many, so this does not search the others. */
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
