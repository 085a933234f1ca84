/**
 * The inbound ring: where commands wait for their tick. It has two halves: one gathers while the other,
 * the tick in flight, is journaled, applied and told of; then they change places.
 *
 * ```
 *  half   ┌────────────┬──────────┬──────────┬─ ─ ─
 *         │ batch head │ record 0 │ record 1 │        128 bytes each: what the journal writes is
 *         └────────────┴──────────┴──────────┴─ ─ ─   this very memory, head and records in one piece
 *  beside it, by record:  next of the same origin │ request id
 * ```
 *
 * A full half refuses (`claim` gives -1); nothing ever waits.
 */
import { COMMAND_BYTES, COMMAND_INTS } from "../core/command.ts";

/** Where a command came from: whoever is told its outcome, once a tick for all its commands. */
export interface Origin {
  /** Serial of the batch that it last put a command into, and that command's record. */
  batch: number;
  last: number;
  /**
   * The tick is durable: tells the outcome of the origin's commands, `first` and those linked to it by
   * `batch.next`. (The next batch may have more of them already.)
   */
  deliver(batch: InboundBatch, first: number, replies: Replies): void;
  /** The batch could not be made durable: none of its commands counts. */
  fail(batch: InboundBatch, first: number): void;
}

/** By record of the batch: where its reply stands in the core's events. */
export interface Replies {
  readonly at: Int32Array;
}

/** Bytes kept of a request id in MessagePack: a string of 64 characters and its head, with room. */
const REQUEST_ID_BYTES = 272;

export class InboundBatch {
  readonly bytes: Uint8Array;
  /** Record i starts at word (i + 1) * 32: the batch head comes first. */
  readonly ints: Int32Array;
  readonly doubles: Float64Array;
  /** By record: the next record of the same origin, -1 at the end. */
  readonly next: Int32Array;
  /** By record: the id of a JSON request as JSON text, "" = none; null = the request was MessagePack. */
  readonly requestIds: (string | null)[];
  /** By record: the id of a MessagePack request as it came, `idLengths` bytes of it. */
  readonly ids: readonly Uint8Array[];
  readonly idLengths: Int32Array;
  /** Who has commands in it, and the first record of each. */
  readonly origins: Origin[] = [];
  readonly firsts: number[] = [];
  readonly capacity: number;
  count = 0;
  /** Which gathering this is; origins compare it with the one they last wrote in. */
  serial = 0;

  constructor(capacity: number) {
    const buffer = new ArrayBuffer((capacity + 1) * COMMAND_BYTES);
    this.bytes = new Uint8Array(buffer);
    this.ints = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.next = new Int32Array(capacity);
    this.requestIds = new Array(capacity).fill(null);
    const idBuffer = new ArrayBuffer(capacity * REQUEST_ID_BYTES);
    this.ids = Array.from(
      { length: capacity },
      (_, i) => new Uint8Array(idBuffer, i * REQUEST_ID_BYTES, REQUEST_ID_BYTES),
    );
    this.idLengths = new Int32Array(capacity);
    this.capacity = capacity;
  }

  /** Head and records, as the journal writes them. */
  written(): Uint8Array {
    return this.bytes.subarray(0, (this.count + 1) * COMMAND_BYTES);
  }
}

export class InboundRing {
  gathering: InboundBatch;
  #flying: InboundBatch;
  #serial = 1;

  /** `capacity`: commands in both halves together. */
  constructor(capacity: number) {
    this.gathering = new InboundBatch(capacity >> 1);
    this.#flying = new InboundBatch(capacity >> 1);
    this.gathering.serial = this.#serial;
  }

  /**
   * A zeroed record for the origin's next command in the gathering half: its number, or -1 when the
   * half is full. Its words start at (number + 1) * 32.
   */
  claim(origin: Origin): number {
    const batch = this.gathering;
    const index = batch.count;
    if (index === batch.capacity) return -1;
    batch.count = index + 1;
    const c = (index + 1) * COMMAND_INTS;
    batch.ints.fill(0, c, c + COMMAND_INTS);
    batch.next[index] = -1;
    if (origin.batch === batch.serial) {
      batch.next[origin.last] = index;
    } else {
      origin.batch = batch.serial;
      batch.origins.push(origin);
      batch.firsts.push(index);
    }
    origin.last = index;
    return index;
  }

  /** Sends the gathering half off as the next tick; the other, done with, gathers. */
  turn(): InboundBatch {
    const batch = this.gathering;
    const other = this.#flying;
    other.count = 0;
    other.origins.length = 0;
    other.firsts.length = 0;
    other.serial = ++this.#serial;
    this.#flying = batch;
    this.gathering = other;
    return batch;
  }
}
