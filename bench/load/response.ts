/**
 * Reads what a load client needs of a response: the request id, and whether it is a result or an error. In the usual
 * layout, with the id first, both are read from fixed positions. Other responses are decoded as a whole.
 */
import { decode } from "@msgpack/msgpack";
import type { Encoding } from "../../src/protocol/encoding.ts";
import {
  JSON_ID_DIGITS,
  JSON_ID_OFFSET,
  MSGPACK_ID_OFFSET,
  readJsonId,
  readMsgpackId,
} from "./request-id.ts";

const text = new TextDecoder();

/** The response is not a result in the usual layout and must be decoded. */
export const UNUSUAL = -1;

/** `{"id":ddddddddd,"r` or `{"id":ddddddddd,"e` */
const JSON_ANSWER_OFFSET = JSON_ID_OFFSET + JSON_ID_DIGITS + 2;
/** fixmap 2, fixstr "id", uint32, then a fixstr of 6 ("result") or 5 ("error"). */
const MSGPACK_ANSWER_OFFSET = MSGPACK_ID_OFFSET + 4;
const MSGPACK_RESULT_MARK = 0xa6;

/** The id of the result at `start`, or `UNUSUAL` when it is an error or in another layout. */
export function readJsonResultId(bytes: Uint8Array, start: number): number {
  // The `i` and the `:` of `{"id":`, then the `r` of `result`.
  if (bytes[start + 2] !== 0x69 || bytes[start + 5] !== 0x3a) return UNUSUAL;
  if (bytes[start + JSON_ANSWER_OFFSET] !== 0x72) return UNUSUAL;
  return readJsonId(bytes, start + JSON_ID_OFFSET);
}

/** Like `readJsonResultId`, for MessagePack. */
export function readMsgpackResultId(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== 0x82 || bytes[start + 2] !== 0x69 || bytes[start + 4] !== 0xce) {
    return UNUSUAL;
  }
  if (bytes[start + MSGPACK_ANSWER_OFFSET] !== MSGPACK_RESULT_MARK) return UNUSUAL;
  return readMsgpackId(bytes, start + MSGPACK_ID_OFFSET);
}

/** Decodes a whole message. Throws the decoder's error if it is invalid. */
export function decodeMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
  encoding: Encoding,
): unknown {
  const payload = bytes.subarray(start, end);
  return encoding === "msgpack" ? decode(payload) : JSON.parse(text.decode(payload));
}
