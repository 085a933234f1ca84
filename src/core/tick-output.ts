/** What a tick did, as a value: all that the stages need to publish it and to keep it. */
import type { Events } from "./event.ts";

/** The places of some of a tick's events, in the order of the events. */
export class EventPlaces {
  #places = new Int32Array(1024);
  count = 0;

  /** `i` is below `count`. */
  at(i: number): number {
    return this.#places[i];
  }

  add(e: number): void {
    if (this.count === this.#places.length) {
      const grown = new Int32Array(this.count * 2);
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#places[this.count++] = e;
  }
}

/** Valid until the next tick is applied. */
export interface TickOutput {
  readonly tick: number;
  /** Milliseconds since 1970, one for all of the tick's commands. */
  readonly timestamp: number;
  /** Sequence number of its last command. */
  readonly sequence: number;
  /** How many commands it had. */
  readonly count: number;
  readonly events: Events;
  /** By command of the tick: the place of the event that is its reply. */
  readonly replies: Int32Array;
  /** The places of its TRADE and of its LEVEL events. */
  readonly trades: EventPlaces;
  readonly levels: EventPlaces;
  /** Whether it has a DONE event: one of its commands, such as a deposit, was answered without an order. */
  readonly hasDone: boolean;
  /** The place of the first CASH or POSITION. These come after all other events. */
  readonly holdings: number;
}

/** A stage that takes in the output of a durable tick, or of a replayed one. */
export interface TickStage {
  onTick(output: TickOutput): void;
}
