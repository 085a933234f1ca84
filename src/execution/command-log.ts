/**
 * The command log: the one order of all commands. Commands of this process are handed in; what comes back is
 * batches, each with its tick, sequence numbers and time. A batch is born in one process, as a whole. Others
 * than one's own may come at any time: between two of one's own, and while one's own waits for its place.
 *
 * ```
 *  append ──► onOrdered: may be applied ──► onCommitted: everybody may know
 * ```
 */
import type { CommandBatch, StorageFailedError } from "../persistence/backend.ts";
import type { InboundBatch } from "../router/inbound-ring.ts";

export interface CommandLog {
  /** Hands in the commands of this process, one batch at a time: the next when this one is committed. */
  append(commands: InboundBatch): void;
}

/** Told of every batch of the log: `onOrdered`, then `onCommitted`, and only then of the next one. */
export interface CommandLogFollower {
  /** The batch has its place in the log. Its effects may not be told yet. */
  onOrdered(batch: CommandBatch): void;
  /**
   * The batch that was ordered last is durable. `commands`: what this process handed in, when the batch is made
   * of that, record by record; null when it was born elsewhere.
   */
  onCommitted(batch: CommandBatch, commands: InboundBatch | null): void;
  /**
   * The log has failed: what was ordered and not committed does not count, and nothing else will come.
   * `commands`: what was handed in and will not be committed, null when nothing was.
   */
  onFailed(error: StorageFailedError, commands: InboundBatch | null): void;
}
