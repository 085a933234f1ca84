/** Runs requests that read: checks who may make them and how often, and waits until the answer may be sent. */
import type { TickLoop } from "../execution/tick-loop.ts";
import { Turns } from "../lib/turns.ts";
import { type ErrorBody, ErrorCode } from "../protocol/errors.ts";
import { type Access, accessRefusal, type Caller } from "./caller.ts";
import { failure, type Outcome, overloaded, weightRefusal } from "./outcome.ts";

/**
 * What a request reads. Records are always durable. When the journal has failed, the core may have applied a tick that is not
 * on the disk, and must not be read.
 */
export type Source = "core" | "records";

export interface ReadNeeds {
  readonly access: Access;
  readonly source: Source;
}

/** How long reads may run before ticks and other work have their turn. */
const SLICE_MS = 4;
/** Pause before another try when too many reads wait already. */
const RETRY_MS = 10;

export interface DurableReadsParts {
  loop: Pick<TickLoop, "read" | "isAhead">;
  /** Milliseconds by a clock that is never set back. It may stand still within a turn of the event loop. */
  monotonic(): number;
  /** The same clock, but it never stands still: for measuring how long something takes. */
  stopwatch(): number;
  /** A read threw; the caller is told only that the error was internal. */
  onBug(error: unknown): void;
}

export class DurableReads {
  readonly #parts: DurableReadsParts;
  /** Users, and addresses without a login, have their turns one after the other. */
  readonly #turns: Turns<Caller["limits"]>;

  constructor(parts: DurableReadsParts) {
    this.#parts = parts;
    this.#turns = new Turns({
      slice: SLICE_MS,
      spent: parts.stopwatch,
      goOn: (slice) => this.#later(slice),
    });
  }

  /**
   * Runs `read` when all commands that were accepted before are durable, and calls `onAnswer` with its outcome. When the
   * caller may not read this, or not now, calls `onAnswer` with an error at once. The caller's bucket pays `weight` and
   * `ofAnswer`, and may be overdrawn. `ofAnswer` is the weight of the answer; it is given back when the outcome is an error.
   * When reads would keep ticks and other work waiting, they run in later turns of the event loop.
   */
  run<Result>(
    caller: Caller,
    needs: ReadNeeds,
    weight: number,
    read: () => Outcome<Result>,
    onAnswer: (outcome: Outcome<Result>) => void,
    ofAnswer = 0,
  ): void {
    const { loop, onBug } = this.#parts;
    const refusal = this.#refusal(caller, needs.access, weight + ofAnswer);
    if (refusal !== null) return onAnswer({ error: refusal });
    const job = (): void => {
      if (needs.source === "core" && loop.isAhead) return onAnswer(storageFailed());
      let outcome: Outcome<Result>;
      try {
        outcome = read();
        if ("error" in outcome) this.owe(caller, -ofAnswer);
      } catch (error) {
        onBug(error);
        outcome = failure(ErrorCode.INTERNAL);
      }
      onAnswer(outcome);
    };
    const isTaken = loop.read(() => {
      if (!this.#turns.take(caller.limits, job)) onAnswer({ error: overloaded() });
    });
    if (!isTaken) onAnswer({ error: overloaded() });
  }

  /**
   * Runs the rest of a read that was accepted, when others have had their turn and all commands that were accepted before are
   * durable. It never runs when the journal has failed and the core is ahead of it.
   */
  goOn(read: () => void): void {
    this.#later(() => {
      if (!this.#parts.loop.isAhead) read();
    });
  }

  /** Charges the caller for further weight of a read that was accepted; a negative weight is given back. */
  owe({ limits }: Caller, weight: number): void {
    limits.weights.owe(this.#parts.monotonic(), weight);
  }

  /** Milliseconds until the caller's bucket is no longer overdrawn. */
  wait({ limits }: Caller): number {
    return limits.weights.wait(this.#parts.monotonic());
  }

  #later(run: () => void): void {
    setImmediate(() => betweenTicks(this.#parts.loop, run));
  }

  #refusal(caller: Caller, access: Access, weight: number): ErrorBody | null {
    const refusal = accessRefusal(caller, access);
    if (refusal !== null) return refusal;
    return weightRefusal(caller.limits.weights, this.#parts.monotonic(), weight);
  }
}

/**
 * Calls `run` when all commands that were accepted before are durable or have failed. When too many reads wait already, tries
 * again a little later.
 */
export function betweenTicks(loop: Pick<TickLoop, "read">, run: () => void): void {
  if (!loop.read(run)) setTimeout(() => betweenTicks(loop, run), RETRY_MS);
}

/** The error for a read. Its message differs from that for orders, which says that the order was not accepted. */
function storageFailed(): { error: ErrorBody } {
  return failure(ErrorCode.STORAGE_FAILED, undefined, "Storage failed");
}
