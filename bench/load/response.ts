/**
 * What a load client needs of a response: its request's id and whether it is a result or an error.
 * Read from fixed places where the response starts as servers write it (id first, then the answer),
 * and with a decoder everywhere else.
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

/** Not in the usual layout: decode it whole. */
export const UNUSUAL = -1;

/** `{"id":ddddddddd,"r` or `{"id":ddddddddd,"e` */
const JSON_ANSWER_OFFSET = JSON_ID_OFFSET + JSON_ID_DIGITS + 2;
/** fixmap 2, fixstr "id", uint32, then a fixstr of 6 ("result") or 5 ("error"). */
const MSGPACK_ANSWER_OFFSET = MSGPACK_ID_OFFSET + 4;
const MSGPACK_RESULT_MARK = 0xa6;

/** The id of the result at `start`, or `UNUSUAL` when it is an error or in another layout. */
export function readJsonResultId(bytes: Uint8Array, start: number): number {
  // "id": of {"id": and r of "result"
  if (bytes[start + 2] !== 0x69 || bytes[start + 5] !== 0x3a) return UNUSUAL;
  if (bytes[start + JSON_ANSWER_OFFSET] !== 0x72) return UNUSUAL;
  return readJsonId(bytes, start + JSON_ID_OFFSET);
}

/** As `readJsonResultId`, for MessagePack. */
export function readMsgpackResultId(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== 0x82 || bytes[start + 2] !== 0x69 || bytes[start + 4] !== 0xce) {
    return UNUSUAL;
  }
  if (bytes[start + MSGPACK_ANSWER_OFFSET] !== MSGPACK_RESULT_MARK) return UNUSUAL;
  return readMsgpackId(bytes, start + MSGPACK_ID_OFFSET);
}

/** The whole message; throws what the decoder throws when it is none. */
export function decodeMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
  encoding: Encoding,
): unknown {
  const payload = bytes.subarray(start, end);
  return encoding === "msgpack" ? decode(payload) : JSON.parse(text.decode(payload));
}
