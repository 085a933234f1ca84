/**
 * The request ids and encodings of the orders in the inbound ring: one table for each part of the ring, with an entry
 * for each record. It is written when an order is submitted, and read when it is answered.
 */
import type { RequestIdValue } from "../../protocol/envelope.ts";
import { decodeMessagePack, encodeMessagePack } from "../../protocol/message-pack.ts";
import { ID_BYTES_MAX } from "../../protocol/order-request.ts";
import { RING_PARTS } from "../../router/inbound-ring.ts";

/** A request that will be answered: its id and its encoding. */
export interface RequestMark {
  readonly id: RequestIdValue | undefined;
  /** Whether the request came as MessagePack and is answered so. */
  readonly isBinary: boolean;
}

const NO_BYTES = new Uint8Array(0);
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** Ids of the orders in one part, one behind the other, so that they are few bytes and stay in the processor's cache. */
export class PartRequestIds {
  /** Ids as JSON or as MessagePack. */
  readonly bytes: Uint8Array;
  /** Where each record's id begins, and how many bytes it has; 0: none. */
  readonly starts: Int32Array;
  readonly lengths: Uint8Array;
  readonly #isBinary: Uint8Array;
  /** Ids that are too long for the table, by record. Only the general path accepts them. */
  readonly #long = new Map<number, RequestMark>();
  #end = 0;
  /** The record whose id was written last. */
  #last = -1;

  /** The system gives the memory when it is first used. Few ticks are as large as the ring. */
  constructor(records: number) {
    this.bytes = new Uint8Array(records * ID_BYTES_MAX);
    this.starts = new Int32Array(records);
    this.lengths = new Uint8Array(records);
    this.#isBinary = new Uint8Array(records);
  }

  /**
   * Keeps the id in the first `length` bytes of `id`, as JSON or as MessagePack. A part gathers its records in ascending
   * order. So a record that does not come after the last one is the first of a new tick.
   */
  putBytes(record: number, id: Uint8Array, length: number, isBinary: boolean): void {
    const start = record > this.#last ? this.#end : 0;
    const { bytes } = this;
    for (let i = 0; i < length; i++) bytes[start + i] = id[i];
    this.starts[record] = start;
    this.lengths[record] = length;
    this.#isBinary[record] = isBinary ? 1 : 0;
    this.#end = start + length;
    this.#last = record;
    if (this.#long.size !== 0) this.#long.delete(record);
  }

  put(record: number, mark: RequestMark): void {
    const bytes = bytesOf(mark);
    const isLong = bytes.length > ID_BYTES_MAX;
    this.putBytes(record, bytes, isLong ? 0 : bytes.length, mark.isBinary);
    if (isLong) this.#long.set(record, mark);
  }

  isBinary(record: number): boolean {
    return this.#isBinary[record] === 1;
  }

  /** Whether the id is too long for the table. Then only `read` has it. */
  isLong(record: number): boolean {
    return this.#long.size !== 0 && this.#long.has(record);
  }

  /** The request of a record. */
  read(record: number): RequestMark {
    const start = this.starts[record];
    const id = this.bytes.subarray(start, start + this.lengths[record]);
    return this.#long.get(record) ?? markOf(id, this.isBinary(record));
  }
}

function bytesOf({ id, isBinary }: RequestMark): Uint8Array {
  if (id === undefined) return NO_BYTES;
  return isBinary ? encodeMessagePack(id) : utf8.encode(JSON.stringify(id));
}

/** The request whose id is in `bytes`, as JSON or as MessagePack. */
export function markOf(bytes: Uint8Array, isBinary: boolean): RequestMark {
  if (bytes.length === 0) return { id: undefined, isBinary };
  const id = isBinary ? decodeMessagePack(bytes) : JSON.parse(fromUtf8.decode(bytes));
  return { id: id as RequestIdValue, isBinary };
}

export class RequestIds {
  readonly #parts: readonly PartRequestIds[];

  /** `records`: how many one part of the ring has. */
  constructor(records: number) {
    this.#parts = Array.from({ length: RING_PARTS }, () => new PartRequestIds(records));
  }

  /** The ids of a part of the ring. Parts are numbered from 0. */
  of(part: number): PartRequestIds {
    return this.#parts[part] as PartRequestIds;
  }
}
