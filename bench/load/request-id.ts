/**
 * Request ids of fixed width: nine digits in JSON, a uint32 in MessagePack. So an id can be replaced in a finished
 * frame, and read from an answer without a decoder.
 */
export const REQUEST_ID_MIN = 100_000_000;
export const REQUEST_ID_MAX = 999_999_999;
export const JSON_ID_DIGITS = 9;

/**
 * Bytes before the id: `{"id":` in JSON; the head of the map, `"id"` and the type byte of the uint32 in MessagePack.
 */
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

/** The id of nine digits at `offset`; -1 if a byte is not a digit. */
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
