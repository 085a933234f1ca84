/**
 * The sequencer: numbers ticks and commands, consecutively over the life of the exchange, and stamps
 * all commands of a tick with one time, which never goes back.
 */
import { C_SEQUENCE_F64, C_TIMESTAMP_F64, COMMAND_DOUBLES } from "../core/command.ts";
import type { CoreView } from "../core/view.ts";
import type { WallClock } from "../lib/clocks.ts";
import { NO_STATE_CHECK, type TickHeader } from "../persistence/backend.ts";
import type { InboundBatch } from "./inbound-ring.ts";

interface ExchangeClock extends WallClock {
  view: Pick<CoreView, "timestamp">;
}

/**
 * The exchange's time, milliseconds since 1970: the wall clock, but never before the last tick of `view`. Use it for
 * what is compared with times of the journal, or is told together with the number of a tick.
 */
export function exchangeTime({ view, now }: ExchangeClock): number {
  return Math.max(now(), view.timestamp());
}

export class Sequencer {
  tick = 0;
  sequence = 0;
  timestamp = 0;
  readonly #now: () => number;

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * The exchange's time, milliseconds since 1970: what a tick would be stamped with now. Unlike the wall clock it never
   * goes back. Compare times of the journal with this time only.
   */
  now(): number {
    return Math.max(this.#now(), this.timestamp);
  }

  /** Goes on with the numbers after those of the journal's last tick. */
  resume(tick: number, sequence: number, timestamp: number): void {
    this.tick = tick;
    this.sequence = sequence;
    this.timestamp = timestamp;
  }

  /** Makes the batch the next tick: stamps its records. Returns the batch's header, without the state check. */
  stamp(batch: InboundBatch): TickHeader {
    const doubles = batch.doubles;
    const firstSequence = this.sequence + 1;
    const timestamp = this.now();
    for (let i = 0; i < batch.count; i++) {
      const d = i * COMMAND_DOUBLES;
      doubles[d + C_SEQUENCE_F64] = firstSequence + i;
      doubles[d + C_TIMESTAMP_F64] = timestamp;
    }
    this.tick++;
    this.sequence += batch.count;
    this.timestamp = timestamp;
    return {
      tick: this.tick,
      firstSequence,
      timestamp,
      count: batch.count,
      ...NO_STATE_CHECK,
    };
  }
}
