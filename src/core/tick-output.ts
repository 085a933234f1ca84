/** What a tick did, as a value: all that anybody needs to tell of it or to keep of it. */
import type { Events } from "./event.ts";

export interface TickOutput {
  readonly tick: number;
  /** Milliseconds since 1970, one for all of the tick's commands. */
  readonly timestamp: number;
  /** Sequence number of its last command. */
  readonly sequence: number;
  /** How many commands it had. */
  readonly count: number;
  /** Can be read until the next tick is applied. */
  readonly events: Events;
  /** By command of the tick: the place of the event that answers it. */
  readonly replies: Int32Array;
}

/** A stage that takes in the output of a durable tick, or of a replayed one. */
export interface TickStage {
  onTick(output: TickOutput): void;
}
