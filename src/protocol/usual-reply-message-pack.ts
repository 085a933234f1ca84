/** Writes the usual answer as MessagePack, each value in its shortest form; see `usual-reply.ts`. */
import { Fragment } from "./byte-writer.ts";
import { bytes, putDigits, putFragment, putRaw, putSmallDigits, view } from "./flat-writer.ts";
import { MessagePackWriter } from "./message-pack-writer.ts";
import { ORDER_PREFIX, ORDER_STATUSES, SIDES, SYMBOL_PREFIX } from "./names.ts";
import { isUsualReply, type UsualReplyWriter } from "./usual-reply.ts";

const FIXSTR = 0xa0;
const WORD = 0x1_0000_0000;
/** Members of the result without the average price, which is one more. */
const MEMBERS = 12;

const writer = new MessagePackWriter();

/** The bytes that `write` writes with `writer`. */
function written(write: () => void): Fragment {
  writer.reset();
  write();
  return new Fragment(writer.view().slice());
}

const key = (name: string): Fragment => written(() => writer.string(name));

const ID = written(() => {
  writer.map(2);
  writer.string("id");
});
const [RESULT, RESULT_OF_FILLS] = [0, 1].map((more) =>
  written(() => {
    writer.string("result");
    writer.map(MEMBERS + more);
    writer.string("order_id");
  }),
);
const ORDER = Fragment.text(ORDER_PREFIX);
const SYMBOL_KEY = key("symbol");
const SYMBOL = Fragment.text(SYMBOL_PREFIX);
const TERMS = SIDES.map((side) =>
  written(() => {
    for (const text of ["side", side, "type", "LIMIT", "time_in_force", "GTC", "price"]) {
      writer.string(text);
    }
  }),
);
const QUANTITY = key("quantity");
const FILLED = key("filled_quantity");
const AVERAGE = key("average_price");
const STATUS = ORDER_STATUSES.map((status) =>
  written(() => {
    for (const text of ["status", status, "created_at"]) writer.string(text);
  }),
);
const TIMESTAMP = key("timestamp");
const TICK = key("tick");

/** The tail of an answer, from `created_at` on, is the same for all answers of a tick. It has at most this many 4-byte words. */
const TAIL_WORDS = 16;

const tail = new Int32Array(TAIL_WORDS);
const tailBytes = new Uint8Array(tail.buffer);
let tailSize = 0;
let tailTick = -1;
let tailTime = -1;

function putInteger(at: number, n: number): number {
  if (n < 0x80) {
    bytes[at] = n;
    return at + 1;
  }
  if (n < 0x100) {
    bytes[at] = 0xcc;
    bytes[at + 1] = n;
    return at + 2;
  }
  if (n < 0x1_0000) {
    bytes[at] = 0xcd;
    view.setUint16(at + 1, n);
    return at + 3;
  }
  if (n < WORD) {
    bytes[at] = 0xce;
    view.setUint32(at + 1, n);
    return at + 5;
  }
  const high = Math.floor(n / WORD);
  bytes[at] = 0xcf;
  view.setInt32(at + 1, high);
  view.setUint32(at + 5, n - high * WORD);
  return at + 9;
}

/**
 * Writes the answer from the value of `created_at` to its end. It copies words of four bytes: eight bytes could be a NaN, which
 * some processors do not copy exactly.
 */
function putTail(at: number, time: number, tick: number): number {
  if (tick === tailTick && time === tailTime) {
    for (let i = 0; 4 * i < tailSize; i++) view.setInt32(at + 4 * i, tail[i], true);
    return at + tailSize;
  }
  let end = putFragment(putInteger(at, time), TIMESTAMP);
  end = putFragment(putInteger(end, time), TICK);
  end = putInteger(end, tick);
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
  if (rest === 0 || rest === 10_000) return putInteger(at, rest === 0 ? whole : whole + 1);
  bytes[at] = 0xcb;
  view.setFloat64(at + 1, (whole * 10_000 + rest) / 10_000);
  return at + 9;
}

export const putUsualMessagePack: UsualReplyWriter = (start, ids, idStart, idLength, state) => {
  if (idLength === 0 || !isUsualReply(state)) return -1;
  const { filled } = state;
  let at = putRaw(putFragment(start, ID), ids, idStart, idLength);
  at = putFragment(at, filled === 0 ? RESULT : RESULT_OF_FILLS);
  let end = putDigits(putFragment(at + 1, ORDER), state.orderNumber);
  bytes[at] = FIXSTR | (end - at - 1);
  at = putFragment(end, SYMBOL_KEY);
  end = putSmallDigits(putFragment(at + 1, SYMBOL), state.symbol);
  bytes[at] = FIXSTR | (end - at - 1);
  at = putInteger(putFragment(end, TERMS[state.side]), state.price);
  at = putInteger(putFragment(at, QUANTITY), state.quantity);
  at = putInteger(putFragment(at, FILLED), filled);
  if (filled !== 0) at = putAverage(at, state.notional, filled);
  return putTail(putFragment(at, STATUS[state.status]), state.timestamp, state.tick);
};
