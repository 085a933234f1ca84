/**
 * The `order.place` frames of a connection, one after the other in one buffer that is sent over and over.
 *
 * ```
 *   bytes   | frame 0 | frame 1 | … | frame n-1 |
 *   starts  0         s1        s2              s_n = bytes.length
 * ```
 *
 * The bytes of consecutive orders are consecutive, so one write sends any number of them without a copy.
 */
import type { Encoding } from "../../src/protocol/encoding.ts";
import { messageFrame } from "./client-frames.ts";
import type { FlowOrder } from "./order-flow.ts";
import {
  JSON_ID_OFFSET,
  MSGPACK_ID_OFFSET,
  REQUEST_ID_MIN,
  writeJsonId,
  writeMsgpackId,
} from "./request-id.ts";

export class FrameRing {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Where each frame starts. The element at `count` is where the last frame ends. */
  readonly starts: Int32Array;
  readonly #idOffsets: Int32Array;
  readonly #isBinary: boolean;

  constructor(
    readonly orders: readonly FlowOrder[],
    encoding: Encoding,
  ) {
    this.count = orders.length;
    this.#isBinary = encoding === "msgpack";
    this.starts = new Int32Array(orders.length + 1);
    this.#idOffsets = new Int32Array(orders.length);
    const frames = orders.map((order) => messageFrame(placeRequest(order), encoding));
    const idOffset = this.#isBinary ? MSGPACK_ID_OFFSET : JSON_ID_OFFSET;
    let end = 0;
    for (const [index, frame] of frames.entries()) {
      this.starts[index] = end;
      const headerBytes = frame[1] === (0x80 | 126) ? 8 : 6;
      this.#idOffsets[index] = end + headerBytes + idOffset;
      end += frame.length;
    }
    this.starts[orders.length] = end;
    this.bytes = new Uint8Array(end);
    for (const [index, frame] of frames.entries()) {
      this.bytes.set(frame, this.starts[index]);
    }
  }

  /** Writes request id `id` into frame `index`. */
  setId(index: number, id: number): void {
    const offset = this.#idOffsets[index];
    if (this.#isBinary) writeMsgpackId(this.bytes, offset, id);
    else writeJsonId(this.bytes, offset, id);
  }
}

function placeRequest(order: FlowOrder): object {
  const { symbol, side, quantity, price } = order;
  return {
    id: REQUEST_ID_MIN,
    method: "order.place",
    params: { symbol, side, type: "LIMIT", quantity, price },
  };
}
