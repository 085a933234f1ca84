/**
 * Under which ids the orders of the inbound ring were asked for, and in which encoding: one table for each half of
 * the ring, with an entry for each record. Written when an order is submitted, read when it is answered.
 */
import type { RequestIdValue } from "../../protocol/envelope.ts";
import { decodeMessagePack, encodeMessagePack } from "../../protocol/message-pack.ts";
import { ID_BYTES_MAX } from "../../protocol/order-request.ts";

/** A request that is to be answered. */
export interface RequestMark {
  readonly id: RequestIdValue | undefined;
  /** It came as MessagePack, so that is how it is answered. */
  readonly isBinary: boolean;
}

const NO_BYTES = new Uint8Array(0);

/** The ids of the orders in one half. */
export class HalfRequestIds {
  /** By record: the id as JSON text, "" = none; null when the request came as MessagePack. */
  readonly texts: (string | null)[];
  /** By record: the id as MessagePack in the first `lengths` bytes, length 0 = none. */
  readonly bytes: Uint8Array[];
  readonly lengths: Uint16Array;

  constructor(records: number) {
    this.texts = new Array<string | null>(records).fill("");
    this.bytes = new Array<Uint8Array>(records).fill(NO_BYTES);
    this.lengths = new Uint16Array(records);
  }

  /** Notes the id of a request in JSON, as it stood there; "" = none. */
  putText(record: number, id: string): void {
    this.texts[record] = id;
  }

  /** Notes the id of a request whose MessagePack has it in the first `length` of `id`. */
  putBytes(record: number, id: Uint8Array, length: number): void {
    let target = this.bytes[record];
    // Memory comes with the first use, for few ticks are as large as the ring; and few ids are longer than usual.
    if (target.length < length) {
      target = new Uint8Array(Math.max(length, ID_BYTES_MAX));
      this.bytes[record] = target;
    }
    for (let i = 0; i < length; i++) target[i] = id[i];
    this.lengths[record] = length;
    this.texts[record] = null;
  }

  put(record: number, { id, isBinary }: RequestMark): void {
    if (!isBinary) return this.putText(record, id === undefined ? "" : JSON.stringify(id));
    const bytes = id === undefined ? NO_BYTES : encodeMessagePack(id);
    this.putBytes(record, bytes, bytes.length);
  }

  /** The request behind a record. */
  read(record: number): RequestMark {
    const text = this.texts[record];
    if (text !== null) return { isBinary: false, id: idOfText(text) };
    return { isBinary: true, id: idOfBytes(this.bytes[record], this.lengths[record]) };
  }
}

/** An id that stands as JSON in `text`. */
export function idOfText(text: string): RequestIdValue | undefined {
  return text === "" ? undefined : JSON.parse(text);
}

/** An id that stands as MessagePack in the first `length` of `bytes`. */
export function idOfBytes(bytes: Uint8Array, length: number): RequestIdValue | undefined {
  if (length === 0) return undefined;
  return decodeMessagePack(bytes.subarray(0, length)) as RequestIdValue;
}

export class RequestIds {
  readonly #halves: readonly HalfRequestIds[];

  /** `records`: that one half of the ring has. */
  constructor(records: number) {
    this.#halves = [new HalfRequestIds(records), new HalfRequestIds(records)];
  }

  /** `half`: 0 or 1. */
  of(half: number): HalfRequestIds {
    return this.#halves[half];
  }
}
