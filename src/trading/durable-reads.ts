/** Requests that read: who may make them, how often, and when the answer may be sent. */
import type { TickLoop } from "../execution/tick-loop.ts";
import { Turns } from "../lib/turns.ts";
import { type ErrorBody, ErrorCode } from "../protocol/errors.ts";
import { type Access, accessRefusal, type Caller } from "./caller.ts";
import { failure, type Outcome, overloaded, weightRefusal } from "./outcome.ts";

/**
 * What a read looks at. Records are always durable. The core may be ahead of a journal that failed, and then nobody may
 * see it.
 */
export type Source = "core" | "records";

export interface ReadNeeds {
  readonly access: Access;
  readonly source: Source;
}

/** How long reads may run before ticks and others have their turn. */
const SLICE_MS = 4;
/** When too many reads wait already. */
const RETRY_MS = 10;

export interface DurableReadsParts {
  loop: Pick<TickLoop, "read" | "isAhead">;
  /** Milliseconds since whenever, never set back; may stand still within a turn of the event loop. */
  monotonic(): number;
  /** The same clock, which never stands still: for how long something takes. */
  stopwatch(): number;
  /** A read threw; its caller is told that it was internal. */
  onBug(error: unknown): void;
}

export class DurableReads {
  readonly #parts: DurableReadsParts;
  /** Of users and addresses. */
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
   * Runs `read` when all that was taken in before is durable, and calls `onAnswer` with what it gives; at once with
   * an error when the caller may not read this, or not now. The caller's bucket pays the weight, and is overdrawn
   * where it has less. Reads that would keep ticks and others waiting run in later turns. `ofAnswer`: what the answer weighs
   * beside that; it is given back where `read` gives an error.
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
   * Runs what is left of a read that was let in, when others have had their turn and all that was taken in before is
   * durable; never, when the core is ahead of a journal that failed.
   */
  goOn(read: () => void): void {
    this.#later(() => {
      if (!this.#parts.loop.isAhead) read();
    });
  }

  /** The caller owes what a read that was let in weighs beside what was taken; less than 0 is given back. */
  owe({ limits }: Caller, weight: number): void {
    limits.weights.owe(this.#parts.monotonic(), weight);
  }

  /** How many milliseconds until the caller has paid what he owes. */
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

/** Runs `run` when all that was taken in before is durable or has failed; later, when too many reads wait already. */
export function betweenTicks(loop: Pick<TickLoop, "read">, run: () => void): void {
  if (!loop.read(run)) setTimeout(() => betweenTicks(loop, run), RETRY_MS);
}

/** Of a read: there was no order that could have been accepted. */
function storageFailed(): { error: ErrorBody } {
  return failure(ErrorCode.STORAGE_FAILED, undefined, "Storage failed");
}
