/**
 * The state check. Every batch of the journal has the hash of a slice of the state as it was before the batch, and a
 * replay compares it with the hash of the same slice. The slices go through all of the state in turn, so all of it is
 * compared and no tick waits for the hash of the whole state.
 */
import type { Core } from "../core/create.ts";
import { StateHash } from "../core/state-hash.ts";
import type { TickHeader } from "../persistence/backend.ts";

/** Half of the words of an order. So a million resting orders are compared within two million commands. */
const WORDS_PER_COMMAND = 16;

/** A replay did not give the state that the exchange had when it wrote the journal. */
export class StateDivergedError extends Error {
  override readonly name = "StateDivergedError";
  constructor(readonly tick: number) {
    super(
      `the replay strays from what the exchange did: its state before tick ${tick} is not the one that was noted. ` +
        "The journal is sound, but another version of the program wrote it, players.symbols_max was lowered, " +
        "or one of the two was computed wrongly. Start the version that wrote it, and check the machine's memory",
    );
  }
}

export class StateCheck {
  readonly #core: Core;
  readonly #hash = new StateHash();
  /** The word at which the next slice starts. */
  #start = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Writes the hash of the next slice into the head of a batch, before its tick. */
  stamp(header: TickHeader): void {
    const hash = this.#hash;
    header.checkStart = this.#start;
    this.#start = this.#hashSlice(header);
    header.checkHigh = hash.high;
    header.checkLow = hash.low;
  }

  /** Compares the core, before the tick, with what the batch says. Throws `StateDivergedError`. */
  compare(header: TickHeader): void {
    if (header.checkStart < 0) return;
    const hash = this.#hash;
    this.#start = this.#hashSlice(header);
    if (hash.high !== header.checkHigh || hash.low !== header.checkLow) {
      throw new StateDivergedError(header.tick);
    }
  }

  #hashSlice({ checkStart, count }: TickHeader): number {
    this.#hash.begin();
    return this.#core.hashSlice(this.#hash, checkStart, count * WORDS_PER_COMMAND);
  }
}
