/** Produces ticks to append: batches of random records, numbered on from the last tick. */
import { C_TEXT_INTS, COMMAND_INTS } from "../../src/core/command.ts";
import type { CommandBatch, TickHeader } from "../../src/persistence/backend.ts";
import type { Random } from "../core/fuzz/random.ts";
import { recordsOf } from "../persistence/journals.ts";

const RECORDS_MAX = 3;

export interface Tick {
  info: TickHeader;
  /** Holds the batch header and the records. */
  batch: Uint8Array;
}

export class TickSource {
  readonly #random: Random;
  #nextTick: number;
  #nextSequence: number;

  constructor(random: Random, lastTick: number, lastSequence: number) {
    this.#random = random;
    this.#nextTick = lastTick + 1;
    this.#nextSequence = lastSequence + 1;
  }

  next(): Tick {
    const random = this.#random;
    const count = random.between(1, RECORDS_MAX);
    const ints = new Int32Array(count * COMMAND_INTS);
    // A careless reader takes records of zeros for the end of a segment.
    if (!random.once(8)) {
      for (let i = 0; i < ints.length; i++) ints[i] = random.bits();
      for (let end = 0; end < ints.length; ) {
        end += COMMAND_INTS;
        if (random.once(2)) ints.fill(0, end - C_TEXT_INTS, end);
      }
    }
    const info = {
      tick: this.#nextTick,
      firstSequence: this.#nextSequence,
      timestamp: 1_700_000_000_000 + random.between(0, 1_000_000),
      count,
      checkStart: random.between(-1, 1_000_000),
      checkHigh: random.bits() | 0,
      checkLow: random.bits() | 0,
    };
    this.#nextTick++;
    this.#nextSequence += count;
    return { info, batch: new Uint8Array(ints.buffer) };
  }
}

/** The fingerprint of everything appended in a tick. A tick that is read back must have the same one. */
export function fingerprint(tick: Tick): string {
  return describe(tick.info, tick.batch);
}

export function fingerprintOf(batch: CommandBatch): string {
  return describe(batch, recordsOf(batch));
}

function describe(info: TickHeader, records: Uint8Array): string {
  const { tick, firstSequence, timestamp, count, checkStart, checkHigh, checkLow } = info;
  const check = `${checkStart},${checkHigh},${checkLow}`;
  return `${tick}/${firstSequence}/${timestamp}/${count}/${check}/${Bun.hash(records)}`;
}
