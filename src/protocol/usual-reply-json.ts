/** Writes the usual answer as JSON; see `usual-reply.ts`. */
import { Fragment } from "./byte-writer.ts";
import {
  bytes,
  putDecimals,
  putDigits,
  putFragment,
  putRaw,
  putSmallDigits,
  view,
} from "./flat-writer.ts";
import { ORDER_PREFIX, ORDER_STATUSES, SIDES, SYMBOL_PREFIX } from "./names.ts";
import { isUsualReply, type UsualReplyWriter } from "./usual-reply.ts";

const ID = Fragment.text('{"id":');
const RESULT = Fragment.text(`,"result":{"order_id":"${ORDER_PREFIX}`);
const SYMBOL = Fragment.text(`","symbol":"${SYMBOL_PREFIX}`);
const TERMS = SIDES.map((side) =>
  Fragment.text(`","side":"${side}","type":"LIMIT","time_in_force":"GTC","price":`),
);
const QUANTITY = Fragment.text(',"quantity":');
const FILLED = Fragment.text(',"filled_quantity":');
const AVERAGE = Fragment.text(',"average_price":');
const STATUS = ORDER_STATUSES.map((status) => Fragment.text(`,"status":"${status}","created_at":`));
const TIMESTAMP = Fragment.text(',"timestamp":');
const TICK = Fragment.text(',"tick":');
const END = Fragment.text("}}");

/** The tail of an answer, from `created_at` on, is the same for all answers of a tick. It has at most this many words. */
const TAIL_WORDS = 12;

const tail = new Float64Array(TAIL_WORDS);
const tailBytes = new Uint8Array(tail.buffer);
let tailSize = 0;
let tailTick = -1;
let tailTime = -1;

/** Writes the answer from the value of `created_at` to its end. */
function putTail(at: number, time: number, tick: number): number {
  if (tick === tailTick && time === tailTime) {
    for (let i = 0; 8 * i < tailSize; i++) view.setFloat64(at + 8 * i, tail[i], true);
    return at + tailSize;
  }
  let end = putFragment(putDigits(at, time), TIMESTAMP);
  end = putFragment(putDigits(end, time), TICK);
  end = putFragment(putDigits(end, tick), END);
  tailBytes.set(bytes.subarray(at, end));
  tailSize = end - at;
  tailTick = tick;
  tailTime = time;
  return end;
}

function putAverage(start: number, notional: number, filled: number): number {
  const whole = Math.floor(notional / filled);
  const rest = Math.round(((notional - whole * filled) * 10_000) / filled);
  const at = putFragment(start, AVERAGE);
  if (rest === 0 || rest === 10_000) return putDigits(at, rest === 0 ? whole : whole + 1);
  return putDecimals(putDigits(at, whole), rest);
}

export const putUsualJson: UsualReplyWriter = (start, ids, idStart, idLength, state) => {
  if (idLength === 0 || !isUsualReply(state)) return -1;
  const { filled } = state;
  let at = putRaw(putFragment(start, ID), ids, idStart, idLength);
  at = putDigits(putFragment(at, RESULT), state.orderNumber);
  at = putSmallDigits(putFragment(at, SYMBOL), state.symbol);
  at = putSmallDigits(putFragment(at, TERMS[state.side]), state.price);
  at = putSmallDigits(putFragment(at, QUANTITY), state.quantity);
  at = putSmallDigits(putFragment(at, FILLED), filled);
  if (filled !== 0) at = putAverage(at, state.notional, filled);
  return putTail(putFragment(at, STATUS[state.status]), state.timestamp, state.tick);
};
