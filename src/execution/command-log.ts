/**
 * The command log: the one order of all commands. A process appends the commands that it gathered. The log gives back
 * batches, each with its tick, sequence numbers and time. All commands of a batch come from one process. Batches of
 * other processes may come at any time, also while an own one waits for its place.
 *
 * ```
 *  append ──► onOrdered: may be applied ──► onCommitted: everybody may know
 * ```
 */
import type { CommandBatch, StorageFailedError } from "../persistence/backend.ts";
import type { InboundBatch } from "../router/inbound-ring.ts";

export interface CommandLog {
  /**
   * Hands in the commands of this process, one batch at a time: the next when this one is committed, at the earliest in
   * `onCommitted` itself.
   */
  append(commands: InboundBatch): void;
}

/**
 * Follows the log: for every batch `onOrdered`, then `onCommitted`, and only then the next batch. What is appended in
 * `onCommitted` may be ordered before that returns, and ends after it.
 */
export interface CommandLogFollower {
  /** The batch has its place in the log. Its effects may not be told yet. */
  onOrdered(batch: CommandBatch): void;
  /**
   * The batch that was ordered last is durable. `commands`: what this process appended, if that is what the batch is
   * made of, record by record; null if it comes from another process.
   */
  onCommitted(batch: CommandBatch, commands: InboundBatch | null): void;
  /**
   * The log has failed: a batch that was ordered and not committed does not count, and no other will come. `commands`:
   * what was appended and will not be committed, null if there is nothing.
   */
  onFailed(error: StorageFailedError, commands: InboundBatch | null): void;
}
