/** The command log of one process on its own disk: the order is the one in which it gathered the commands. */
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
  #commands: InboundBatch | null = null;
  #batch: CommandBatch | null = null;
  #isFlushed = false;
  #isOrdered = false;
  #failure: StorageFailedError | null = null;

  constructor(parts: LocalCommandLogParts, follower: CommandLogFollower) {
    this.#parts = parts;
    this.#follower = follower;
  }

  /** Stamps the batch and writes it; the disk works while the follower applies it. */
  append(commands: InboundBatch): void {
    const { sequencer, check, backend } = this.#parts;
    this.#commands = commands;
    this.#isFlushed = false;
    this.#isOrdered = false;
    if (this.#failure !== null) return this.#fail(this.#failure);
    const header = sequencer.stamp(commands);
    check.stamp(header);
    const batch = { ...header, ints: commands.recordInts, doubles: commands.recordDoubles };
    this.#batch = batch;
    try {
      backend.append(commands.written(), header);
      backend.flush(this.#onFlushed);
    } catch (error) {
      return this.#fail(error as StorageFailedError);
    }
    if (this.#failure !== null) return;
    this.#follower.onOrdered(batch);
    this.#isOrdered = true;
    if (this.#isFlushed) this.#commit();
  }

  #onFlushed = (error: StorageFailedError | null): void => {
    if (error !== null) return this.#fail(error);
    this.#isFlushed = true;
    if (this.#isOrdered) this.#commit();
  };

  #commit(): void {
    this.#follower.onCommitted(this.#batch as CommandBatch, this.#commands);
  }

  #fail(error: StorageFailedError): void {
    this.#failure = error;
    this.#follower.onFailed(error, this.#commands as InboundBatch);
  }
}
