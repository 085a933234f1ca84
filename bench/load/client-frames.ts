/** Builds the frames of a WebSocket client (RFC 6455), so that they can be built before they are sent. */
import { encode } from "@msgpack/msgpack";
import type { Encoding } from "../../src/protocol/encoding.ts";

const FIN = 0x80;
const MASKED = 0x80;
const MASK_KEY_BYTES = 4;

export const Opcode = { TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/**
 * One whole client frame around `payload` (up to 65,535 bytes).
 *
 * The mask key is zero, which the protocol allows. The masked payload then equals the payload, so the id in a finished
 * frame can be changed in place.
 */
export function clientFrame(opcode: number, payload: Uint8Array): Uint8Array {
  if (payload.length > 0xffff) throw new RangeError(`A payload of ${payload.length} bytes`);
  const extended = payload.length > 125;
  const headerBytes = 2 + (extended ? 2 : 0) + MASK_KEY_BYTES;
  const frame = new Uint8Array(headerBytes + payload.length);
  frame[0] = FIN | opcode;
  if (extended) {
    frame[1] = MASKED | 126;
    frame[2] = payload.length >>> 8;
    frame[3] = payload.length & 0xff;
  } else {
    frame[1] = MASKED | payload.length;
  }
  frame.set(payload, headerBytes);
  return frame;
}

/** `message` as one client frame in `encoding`. */
export function messageFrame(message: unknown, encoding: Encoding): Uint8Array {
  return encoding === "msgpack"
    ? clientFrame(Opcode.BINARY, encode(message))
    : clientFrame(Opcode.TEXT, new TextEncoder().encode(JSON.stringify(message)));
}
