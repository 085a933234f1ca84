/**
 * Wakes the core when something is due by time alone: an order expires, a pause or an auction ends. It submits a CLOCK
 * command, which is journaled like any other, so a replay does the same at the same place.
 */
import { CommandKind } from "../core/command.ts";
import type { Core } from "../core/create.ts";
import type { TickStage } from "../core/tick-output.ts";
import type { Log } from "../lib/log.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { type ControlPort, UnavailableError } from "../router/control.ts";

/**
 * A timer counts monotonic time. When somebody sets the wall clock, or the machine was suspended, something may be due
 * sooner than the timer says. So the due time is compared with the clock at least this often.
 */
const LOOK_MS = 1000;
const RETRY_MS = 100;

export class DueClock implements TickStage {
  readonly #core: Core;
  readonly #control: ControlPort;
  readonly #now: () => number;
  readonly #log: Log;
  #timer: Timer | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #stopped = false;

  /** `now`: the exchange's time (`Sequencer.now`), milliseconds since 1970. */
  constructor(core: Core, control: ControlPort, now: () => number, log: Log) {
    this.#core = core;
    this.#control = control;
    this.#now = now;
    this.#log = log;
    this.onTick();
  }

  /** Sets the timer again when the next due time has changed. */
  onTick(): void {
    const due = this.#core.due();
    if (this.#stopped || due === this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = due;
    if (due === Number.POSITIVE_INFINITY) return;
    this.#arm(due);
  }

  #arm(due: number): void {
    const wait = Math.min(LOOK_MS, Math.max(0, due - this.#now()));
    this.#timer = setTimeout(() => {
      if (this.#now() < due) this.#arm(due);
      else void this.#wake();
    }, wait);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #wake(): Promise<void> {
    this.#armedFor = Number.POSITIVE_INFINITY;
    try {
      await this.#control.submit({ kind: CommandKind.CLOCK });
    } catch (error) {
      if (this.#stopped) return;
      this.#log.warn({ error: String(error) }, "expiries, pauses and auctions have to wait");
      // Failed storage stays failed until a restart, and the first command after that does what is due.
      const isFull = error instanceof UnavailableError && error.code === ErrorCode.OVERLOADED;
      if (isFull) this.#timer = setTimeout(() => void this.#wake(), RETRY_MS);
    }
  }
}
