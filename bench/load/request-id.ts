/**
 * Request ids of fixed width, so that they can be written over each other in a finished frame and read
 * back without a decoder: nine digits in JSON, a uint32 in MessagePack.
 */
export const REQUEST_ID_MIN = 100_000_000;
export const REQUEST_ID_MAX = 999_999_999;
export const JSON_ID_DIGITS = 9;

/** Bytes of `{"id":` in JSON, and of the map's head, `"id"` and the uint32's mark in MessagePack. */
export const JSON_ID_OFFSET = 6;
export const MSGPACK_ID_OFFSET = 5;

const ZERO = 0x30;

export function writeJsonId(bytes: Uint8Array, offset: number, id: number): void {
  let rest = id;
  for (let at = offset + JSON_ID_DIGITS - 1; at >= offset; at--) {
    const tenth = (rest / 10) | 0;
    bytes[at] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
}

/** The nine digits at `offset`; something below `REQUEST_ID_MIN` or above the maximum if they are none. */
export function readJsonId(bytes: Uint8Array, offset: number): number {
  let id = 0;
  for (let at = offset; at < offset + JSON_ID_DIGITS; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return -1;
    id = id * 10 + digit;
  }
  return id;
}

export function writeMsgpackId(bytes: Uint8Array, offset: number, id: number): void {
  bytes[offset] = id >>> 24;
  bytes[offset + 1] = id >>> 16;
  bytes[offset + 2] = id >>> 8;
  bytes[offset + 3] = id;
}

export function readMsgpackId(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] << 24) |
      (bytes[offset + 1] << 16) |
      (bytes[offset + 2] << 8) |
      bytes[offset + 3]) >>>
    0
  );
}
