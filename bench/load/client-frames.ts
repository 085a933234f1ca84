/** Builds WebSocket frames of a client (RFC 6455), also incomplete ones that a correct client would not send. */
import { constants, deflateRawSync } from "node:zlib";
import { encode } from "@msgpack/msgpack";
import type { Encoding } from "../../src/protocol/encoding.ts";

export const Opcode = { TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

const FIN = 0x80;
const COMPRESSED = 0x40;
/** The last bytes of a flush. RFC 7692 leaves them out of a message. */
const FLUSH_BYTES = 4;
const MASKED = 0x80;
const MASK_KEY_BYTES = 4;
const EMPTY = new Uint8Array(0);

/**
 * The head of a frame with a payload of `length` bytes. The mask key is zero, which the protocol allows. The masked
 * payload then equals the payload, so the id in a finished frame can be changed in place.
 */
export function frameHead(opcode: number, length: number): Uint8Array {
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = new Uint8Array(2 + lengthBytes + MASK_KEY_BYTES);
  const view = new DataView(head.buffer);
  head[0] = FIN | opcode;
  head[1] = MASKED | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  return head;
}

/** One whole frame. */
export function clientFrame(opcode: number, payload: Uint8Array = EMPTY): Uint8Array {
  return joined([frameHead(opcode, payload.length), payload]);
}

/** One whole frame whose payload is compressed, for connections with permessage-deflate (RFC 7692). */
export function compressedFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const whole = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH });
  return deflatedFrame(opcode, whole.subarray(0, whole.length - FLUSH_BYTES));
}

/** One whole frame with a payload that is already compressed. */
export function deflatedFrame(opcode: number, deflated: Uint8Array): Uint8Array {
  const bytes = clientFrame(opcode, deflated);
  bytes[0] = FIN | COMPRESSED | opcode;
  return bytes;
}

/** A fragment that is not the last one. The first fragment has the opcode of the message, the others have 0. */
export function openFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const bytes = clientFrame(opcode, payload);
  bytes[0] = opcode;
  return bytes;
}

/** `message` as one whole frame in `encoding`. */
export function messageFrame(message: unknown, encoding: Encoding): Uint8Array {
  return encoding === "msgpack"
    ? clientFrame(Opcode.BINARY, encode(message))
    : clientFrame(Opcode.TEXT, new TextEncoder().encode(JSON.stringify(message)));
}

/** As many copies of a frame as fit into `bytes` bytes, at least one. */
export function repeated(one: Uint8Array, bytes: number): Uint8Array {
  return joined(new Array<Uint8Array>(Math.max(1, Math.floor(bytes / one.length))).fill(one));
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
