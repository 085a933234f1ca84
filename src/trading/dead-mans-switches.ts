/**
 * The dead man's switches of `orders.cancel_all_after`, one for each session: all orders of its account are cancelled
 * unless the switch is set again in time. A switch stays armed when its connection is lost, which is its purpose. A
 * connection that is opened later sets or disarms the switches left behind together with its own.
 */
import { CancelCause } from "../core/command.ts";
import type { Lifecycle } from "../lib/lifecycle.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import type { AutomaticCancels } from "./automatic-cancels.ts";
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

const CAUSE = CancelCause.DEAD_MANS_SWITCH;

export class DeadMansSwitches {
  readonly #cancels: Pick<AutomaticCancels, "arm" | "disarm" | "carryOut">;
  readonly #lifecycle: Lifecycle;
  /** Of holders that are there; one who has logged in again as another may have several. */
  readonly #held = new Map<SwitchHolder, Set<Switch>>();
  /** Of holders that are lost, by account, the first that was lost first. */
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

  /** Sets the holder's switch for the account to go off in `timeoutMs`, on the word of `user`. */
  arm(holder: SwitchHolder, account: number, user: number, timeoutMs: number): void {
    // Before the one that it replaces is disarmed, so that nothing is to be written.
    this.#cancels.arm(CAUSE, account, user);
    this.disarm(holder, account);
    const timer = setTimeout(() => this.#goOff(armed), timeoutMs);
    const armed: Switch = { holder, account, user, timer, leftAt: Number.POSITIVE_INFINITY };
    add(this.#held, holder, armed);
  }

  /** Also those of the account whose holders were lost before this one came. */
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
    const seen = new Set<number>();
    for (const each of armed) {
      // One is enough for an account.
      if (seen.has(each.account)) this.#disarm(each);
      else this.#goOff(each);
      seen.add(each.account);
    }
  }

  #goOff(armed: Switch): void {
    this.#forget(armed);
    void this.#cancels.carryOut(CAUSE, armed.account, armed.user);
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
