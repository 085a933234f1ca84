/** Cancels all orders of an account on behalf of a client that has gone. */
import { CommandKind } from "../core/command.ts";
import { inParts } from "../lib/in-parts.ts";
import type { Log } from "../lib/log.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { type ControlPort, UnavailableError } from "../router/control.ts";
import type { ArmedCancels, ArmedCause } from "./armed-cancels.ts";

export class AutomaticCancels {
  readonly #control: ControlPort;
  readonly #armed: ArmedCancels;
  readonly #log: Log;

  constructor(control: ControlPort, armed: ArmedCancels, log: Log) {
    this.#control = control;
    this.#armed = armed;
    this.#log = log;
  }

  /** A client asks for it, for the case that `cause` says. Each is followed by one `disarm` or `carryOut`. */
  arm(cause: ArmedCause, account: number, user: number): void {
    this.#armed.arm(cause, account, user);
  }

  /** He no longer asks for it. */
  disarm(cause: ArmedCause, account: number): void {
    this.#armed.disarm(cause, account);
  }

  /**
   * The case has come. `user`: on whose word. Resolves when the orders are cancelled, or when they cannot be: then it
   * stays armed for the next start.
   */
  async carryOut(cause: ArmedCause, account: number, user: number): Promise<void> {
    try {
      await this.#cancel(cause, account, user);
      this.#armed.disarm(cause, account);
    } catch (error) {
      this.#log.warn({ account, error: String(error) }, "the orders of a client that is gone stay");
    }
  }

  /** What was armed when the process before this one ended without doing it; before anybody can arm anything. */
  async carryOutLeft(): Promise<void> {
    const left = this.#armed.all();
    if (left.length === 0) return;
    this.#log.info({ cancels: left.length }, "cancelling for clients that the last stop cut off");
    await inParts(left, ({ cause, account, user }) => this.carryOut(cause, account, user));
  }

  /** When the ring is full, again after the tick that fills it. */
  async #cancel(cause: ArmedCause, account: number, actor: number): Promise<void> {
    const { CANCEL_ALL } = CommandKind;
    for (;;) {
      try {
        await this.#control.submit({ kind: CANCEL_ALL, account, actor, flags: cause });
        return;
      } catch (error) {
        const isFull = error instanceof UnavailableError && error.code === ErrorCode.OVERLOADED;
        if (!isFull) throw error;
        await this.#control.read(() => undefined);
      }
    }
  }
}
