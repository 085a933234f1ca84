/** The command log of one process on its own disk. Its order is the one in which the process gathered the commands. */
import type {
  CommandBatch,
  PersistenceBackend,
  StorageFailedError,
} from "../persistence/backend.ts";
import type { InboundBatch } from "../router/inbound-ring.ts";
import type { Sequencer } from "../router/sequencer.ts";
import type { CommandLog, CommandLogFollower } from "./command-log.ts";
import type { StateCheck } from "./state-check.ts";

export interface LocalCommandLogParts {
  sequencer: Sequencer;
  check: StateCheck;
  backend: PersistenceBackend;
}

export class LocalCommandLog implements CommandLog {
  readonly #parts: LocalCommandLogParts;
  readonly #follower: CommandLogFollower;
  /** The commands that were appended; null when the follower has been told how they ended. */
  #commands: InboundBatch | null = null;
  #batch: CommandBatch | null = null;
  #isFlushed = false;
  #failure: StorageFailedError | null = null;
  #isTelling = false;

  constructor(parts: LocalCommandLogParts, follower: CommandLogFollower) {
    this.#parts = parts;
    this.#follower = follower;
  }

  /** Stamps the batch and writes it. The disk works while the follower applies the batch. */
  append(commands: InboundBatch): void {
    this.#isFlushed = false;
    if (this.#failure === null) this.#write(commands);
    this.#commands = commands;
    this.#tell();
  }

  #write(commands: InboundBatch): void {
    const { sequencer, check, backend } = this.#parts;
    const header = sequencer.stamp(commands);
    check.stamp(header);
    try {
      backend.append(commands.written(), header);
      backend.flush(this.#onFlushed);
    } catch (error) {
      this.#failure = error as StorageFailedError;
    }
    if (this.#failure !== null) return;
    const { ints, doubles } = commands;
    this.#batch = { ...header, first: 0, ints, doubles };
    this.#follower.onOrdered(this.#batch);
  }

  #onFlushed = (error: StorageFailedError | null): void => {
    if (error === null) this.#isFlushed = true;
    else this.#failure = error;
    this.#tell();
  };

  /**
   * Tells the follower how the batch ended, if it has; then the same of a batch that the follower has appended
   * meanwhile.
   */
  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    while (this.#commands !== null && (this.#isFlushed || this.#failure !== null)) {
      const commands = this.#commands;
      this.#commands = null;
      if (this.#failure !== null) this.#follower.onFailed(this.#failure, commands);
      else this.#follower.onCommitted(this.#batch as CommandBatch, commands);
    }
    this.#isTelling = false;
  }
}
