/**
 * The command log: it puts all commands into one order. A process appends the commands that it gathered. The log gives
 * back batches, each with its tick, sequence numbers and time. All commands of a batch come from one process. Batches
 * of other processes may come at any time, also while an own batch waits for its place.
 *
 * ```
 *  append ──► onOrdered: may be applied ──► onCommitted: everybody may know
 * ```
 */
import type { CommandBatch, StorageFailedError } from "../persistence/backend.ts";
import type { InboundBatch } from "../router/inbound-ring.ts";

export interface CommandLog {
  /**
   * Hands in the commands of this process, one batch at a time. The next batch may be appended when this one is
   * committed, at the earliest within `onCommitted`.
   */
  append(commands: InboundBatch): void;
}

/**
 * Follows the log: for every batch `onOrdered`, then `onCommitted`, and only then the next batch. A batch that is
 * appended within `onCommitted` may be ordered before that call returns, and is committed after it.
 */
export interface CommandLogFollower {
  /** The batch has its place in the log and may be applied. Nobody may be told of its effects yet. */
  onOrdered(batch: CommandBatch): void;
  /**
   * The batch that was ordered last is durable. `commands`: the batch as this process appended it; null if it comes
   * from another process.
   */
  onCommitted(batch: CommandBatch, commands: InboundBatch | null): void;
  /**
   * The log has failed. A batch that was ordered and not committed does not count, and no other batch will come.
   * `commands`: the batch that was appended and will not be committed, null if there is none.
   */
  onFailed(error: StorageFailedError, commands: InboundBatch | null): void;
}
