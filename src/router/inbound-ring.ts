/**
 * The inbound ring: where commands wait for their tick. It has three parts: one gathers commands, one is written and
 * flushed, and clients are told of one. Then the parts change places.
 *
 * ```
 *  part   ┌──────────┬──────────┬─ ─ ─
 *         │ record 0 │ record 1 │        128 bytes each: what the journal packs, and the core applies,
 *         └──────────┴──────────┴─ ─ ─   is this very memory
 *  beside it, by record:  next of the same waiter, when it was taken in
 * ```
 *
 * A full part refuses (`claim` gives -1); nothing ever waits.
 */
import { COMMAND_BYTES, COMMAND_DOUBLES } from "../core/command.ts";
import type { TickOutput } from "../core/tick-output.ts";
import { freshDoubles } from "../lib/fresh-memory.ts";

/**
 * Someone who waits for the outcome of commands, such as a session. It is told of all of its commands of a tick at
 * once. What an answer needs beside the outcome, such as the request id, it keeps itself.
 */
export interface ReplyTo {
  /** Serial of the batch into which the waiter last put a command, and that command's record. `claim` sets both. */
  batch: number;
  last: number;
  /**
   * The tick is durable. `output` has the outcome of the waiter's commands, which are record `first` and those linked
   * to it by `batch.next`. The next batch may already have more commands of the waiter.
   */
  onReplies(batch: InboundBatch, first: number, output: TickOutput): void;
  /** The batch could not be made durable: none of its commands counts. */
  onFailed(batch: InboundBatch, first: number): void;
}

export class InboundBatch {
  readonly bytes: Uint8Array;
  /** Record i starts at word i * 32. */
  readonly ints: Int32Array;
  readonly doubles: Float64Array;
  /** By record: the next record of the same waiter, -1 at the end. */
  readonly next: Int32Array;
  /** By record: when it was taken in, milliseconds of a clock that never goes back; 0 = nobody measures it. */
  readonly takenAt: Float64Array;
  /** Who waits for replies, and the first record of each. */
  readonly waiting: ReplyTo[] = [];
  readonly firsts: number[] = [];
  readonly capacity: number;
  count = 0;
  /** Counts the batches; a waiter compares it with the batch that it last wrote into. */
  serial = 0;

  /** `part`: which of the ring's parts it is, from 0 on. */
  constructor(
    readonly part: number,
    capacity: number,
  ) {
    this.doubles = freshDoubles(capacity * COMMAND_DOUBLES);
    const { buffer, byteOffset, byteLength } = this.doubles;
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.ints = new Int32Array(buffer, byteOffset, byteLength / Int32Array.BYTES_PER_ELEMENT);
    this.next = new Int32Array(capacity);
    this.takenAt = new Float64Array(capacity);
    this.capacity = capacity;
  }

  /** Fills a record with zeros. A call of `fill` takes longer than the loop. */
  clear(record: number): void {
    const { doubles } = this;
    const start = record * COMMAND_DOUBLES;
    for (let i = start; i < start + COMMAND_DOUBLES; i++) doubles[i] = 0;
  }

  /** The bytes of the records, as the journal takes them. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.count * COMMAND_BYTES);
  }
}

export const RING_PARTS = 3;

export class InboundRing {
  gathering: InboundBatch;
  readonly #parts: readonly InboundBatch[];
  #serial = 1;

  /** `capacity`: `market.ring_commands`. Each part has room for half of it. */
  constructor(capacity: number) {
    const parts = Array.from({ length: RING_PARTS }, (_, i) => new InboundBatch(i, capacity >> 1));
    this.#parts = parts;
    this.gathering = parts[0] as InboundBatch;
    this.gathering.serial = this.#serial;
  }

  /**
   * A zeroed record for the waiter's next command in the gathering part: its number, or -1 when the part is full. Its
   * words start at number * 32. `takenAt`: milliseconds of a clock that never goes back, 0 = nobody measures it.
   */
  claim(waiter: ReplyTo, takenAt = 0): number {
    const batch = this.gathering;
    const index = batch.count;
    if (index === batch.capacity) return -1;
    batch.count = index + 1;
    batch.clear(index);
    batch.next[index] = -1;
    batch.takenAt[index] = takenAt;
    if (waiter.batch === batch.serial) {
      batch.next[waiter.last] = index;
    } else {
      waiter.batch = batch.serial;
      batch.waiting.push(waiter);
      batch.firsts.push(index);
    }
    waiter.last = index;
    return index;
  }

  /** Returns the gathering part as the next tick's batch. Now the part gathers whose tick has been over longest. */
  turn(): InboundBatch {
    const batch = this.gathering;
    const next = this.#parts[(batch.part + 1) % RING_PARTS] as InboundBatch;
    next.count = 0;
    next.waiting.length = 0;
    next.firsts.length = 0;
    next.serial = ++this.#serial;
    this.gathering = next;
    return batch;
  }
}
