/** Cancels all orders of an account for a client that is gone. */
import { CommandKind } from "../core/command.ts";
import { inParts } from "../lib/in-parts.ts";
import type { Log } from "../lib/log.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { type ControlPort, UnavailableError } from "../router/control.ts";
import type { ArmedCancels, ArmedCause } from "./armed-cancels.ts";

/** Pause before another try when the ring is full and too many reads wait as well. */
const RETRY_MS = 10;

export class AutomaticCancels {
  readonly #control: ControlPort;
  readonly #armed: ArmedCancels;
  readonly #log: Log;

  constructor(control: ControlPort, armed: ArmedCancels, log: Log) {
    this.#control = control;
    this.#armed = armed;
    this.#log = log;
  }

  /** A client asks for cancels in the case of `cause`. Each call has to be followed by one `disarm` or `carryOut`. */
  arm(cause: ArmedCause, account: number, user: number): void {
    this.#armed.arm(cause, account, user);
  }

  /** The client no longer asks for them. */
  disarm(cause: ArmedCause, account: number): void {
    this.#armed.disarm(cause, account);
  }

  /**
   * The case has occurred: cancels the orders of `account`, on behalf of `user`. Resolves also when they cannot be cancelled;
   * then it is logged, and stays armed for the next start.
   */
  async carryOut(cause: ArmedCause, account: number, user: number): Promise<void> {
    try {
      await this.#cancel(cause, account, user);
      this.#armed.disarm(cause, account);
    } catch (error) {
      this.#log.warn({ account, error: String(error) }, "the orders of a client that is gone stay");
    }
  }

  /** Does the cancels that the last process had armed and did not do. Call it before anybody can arm anything. */
  async carryOutLeft(): Promise<void> {
    const left = this.#armed.all();
    if (left.length === 0) return;
    this.#log.info({ cancels: left.length }, "cancelling for clients that the last stop cut off");
    await inParts(left, ({ cause, account, user }) => this.carryOut(cause, account, user));
  }

  /** Cancels all orders. When the ring is full, tries again after the tick that has it full. */
  async #cancel(cause: ArmedCause, account: number, actor: number): Promise<void> {
    const { CANCEL_ALL } = CommandKind;
    for (;;) {
      try {
        await this.#control.submit({ kind: CANCEL_ALL, account, actor, flags: cause });
        return;
      } catch (error) {
        const isFull = error instanceof UnavailableError && error.code === ErrorCode.OVERLOADED;
        if (!isFull) throw error;
        await this.#control.read(() => undefined).catch(() => Bun.sleep(RETRY_MS));
      }
    }
  }
}
