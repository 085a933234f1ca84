/**
 * The execution manager applies the batches of the command log to the core. When a batch is durable, it makes one
 * `TickOutput` of what the batch did and hands it to each stage in turn.
 *
 * ```
 *  batch ──► core ──► TickOutput ──► history ──► replies ──► all other records ──► account streams, market data, …
 * ```
 */
import type { Core } from "../core/create.ts";
import type { TickOutput, TickStage } from "../core/tick-output.ts";
import { assert } from "../lib/assert.ts";
import type { CommandBatch } from "../persistence/backend.ts";
import { TickIndex } from "./tick-index.ts";

/** Commands of a slice, which are applied without a pause. */
export const SLICE_COMMANDS = 64;

export interface ExecutionManagerParts {
  core: Core;
  /** Called before each slice of a tick's commands. It must not look at the core's state. */
  beforeSlice?: () => void;
  /** Stages that keep what replies are made from. Clients wait for them, so no other stage belongs here. */
  beforeReplies: readonly TickStage[];
  /** All other stages, in their order: first the other records, then the stages that read them and tell clients. */
  afterReplies: readonly TickStage[];
  /** Called after all stages, with the batch as well. */
  watch?: TickListener;
  /** A stage threw; the others still run. */
  onBug(error: unknown): void;
}

export interface TickListener {
  /** `batch` can be read until this returns. */
  onTick(batch: CommandBatch, output: TickOutput): void;
}

export class ExecutionManager {
  readonly #parts: ExecutionManagerParts;
  readonly #output: TickIndex;

  constructor(parts: ExecutionManagerParts) {
    this.#parts = parts;
    this.#output = new TickIndex(parts.core.events);
  }

  /** Applies a batch; no stage is called yet. */
  apply({ tick, first, count, ints, doubles }: CommandBatch): void {
    const { core, beforeSlice } = this.#parts;
    const end = first + count;
    core.beginTick(tick);
    for (let from = first; from < end; from += SLICE_COMMANDS) {
      beforeSlice?.();
      core.applyAll(ints, doubles, from, Math.min(from + SLICE_COMMANDS, end));
    }
    core.endTick();
  }

  /** Tells the stages what the last applied batch did; `reply` runs between them. */
  tell(batch: CommandBatch, reply: (output: TickOutput) => void): void {
    const { beforeReplies, afterReplies, watch, onBug } = this.#parts;
    const output = this.#outputOf(batch);
    for (const stage of beforeReplies) this.#tell(stage, output);
    try {
      reply(output);
    } catch (error) {
      onBug(error);
    }
    for (const stage of afterReplies) this.#tell(stage, output);
    try {
      watch?.onTick(batch, output);
    } catch (error) {
      onBug(error);
    }
  }

  #tell(stage: TickStage, output: TickOutput): void {
    try {
      stage.onTick(output);
    } catch (error) {
      this.#parts.onBug(error);
    }
  }

  #outputOf({ tick, timestamp, firstSequence, count }: CommandBatch): TickOutput {
    const replies = this.#output.read(tick, timestamp, firstSequence, count);
    assert(replies === count, "every command has one reply");
    return this.#output;
  }
}
