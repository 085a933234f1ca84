/** Cancels all orders of an account on behalf of a client that has gone. */
import { CancelCause, CommandKind } from "../core/command.ts";
import type { Log } from "../lib/log.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { type ControlPort, UnavailableError } from "../router/control.ts";

export class AutomaticCancels {
  readonly #control: ControlPort;
  readonly #log: Log;

  constructor(control: ControlPort, log: Log) {
    this.#control = control;
    this.#log = log;
  }

  /** The connection is lost of a client who asked for it. `user`: on whose word. */
  onDisconnect(account: number, user: number): void {
    this.#cancel(account, user, CancelCause.DISCONNECT);
  }

  /** The account's dead man's switch has gone off. */
  onSwitch(account: number, user: number): void {
    this.#cancel(account, user, CancelCause.DEAD_MANS_SWITCH);
  }

  /** When the ring is full, again after the tick that fills it. */
  #cancel(account: number, actor: number, flags: number): void {
    const { CANCEL_ALL } = CommandKind;
    this.#control.submit({ kind: CANCEL_ALL, account, actor, flags }).catch((error: unknown) => {
      const isFull = error instanceof UnavailableError && error.code === ErrorCode.OVERLOADED;
      if (!isFull) return this.#warn(account, error);
      this.#control
        .read(() => this.#cancel(account, actor, flags))
        .catch((error: unknown) => this.#warn(account, error));
    });
  }

  #warn(account: number, error: unknown): void {
    this.#log.warn({ account, error: String(error) }, "the orders of a client that is gone stay");
  }
}
