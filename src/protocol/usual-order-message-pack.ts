/**
 * Decodes the usual request from MessagePack, as `usual-order-json.ts` does from JSON: a limit order, its id first, the params in
 * any order, every value in its shortest form. It takes 51 ns. `order-decoder.ts`, which reads everything else, takes 118.
 */
import { Param } from "./hot-order.ts";
import type { MessagePackReader } from "./message-pack-reader.ts";
import { NUMBER_MAX } from "./names.ts";
import { OrderMethod, type OrderRequest } from "./order-request.ts";
import { PRICE_MAX, QUANTITY_MAX } from "./schemas/fields.ts";

/** Memory in which texts of four and eight bytes become little-endian words. */
const word = new DataView(new ArrayBuffer(8));
function four(bytes: string): number {
  for (let i = 0; i < 4; i++) word.setUint8(i, bytes.charCodeAt(i));
  return word.getInt32(0, true);
}
function eight(bytes: string): number {
  for (let i = 0; i < 8; i++) word.setUint8(i, bytes.charCodeAt(i));
  return word.getFloat64(0, true);
}

const ID = four("\x83\xa2id");
const METHOD_1 = eight("\xa6method\xab");
const METHOD_2 = eight("order.pl");
const METHOD_3 = eight("ace\xa6para");
const METHOD_4 = four("ams\x85");
const SYMBOL_1 = four("\xa6sym");
const SYMBOL_2 = four("mbol");
const SYMBOL_3 = four("SYMB");
const SYMBOL_4 = four("BOL_");
const SIDE = four("\xa4sid");
const BUY = four("\xa3BUY");
const SELL = four("SELL");
const TYPE = four("\xa4typ");
const LIMIT_1 = four("e\xa5LI");
const LIMIT_2 = four("IMIT");
const QUANTITY_1 = four("\xa8qua");
const QUAN = four("quan");
const QUANTITY_2 = four("tity");
const PRICE_1 = four("\xa5pri");
const PRICE_2 = four("rice");

const LETTER_E = 0x65;
const FIXSTR = 0xa0;
const FIXSTR_END = 0xc0;
const UINT8 = 0xcc;
const UINT16 = 0xcd;
const UINT32 = 0xce;
const ZERO = 0x30;
/** Length of `SYMBOL_`. */
const PREFIX_BYTES = 7;
const DIGITS_MAX = 9;
const PARAMS = 5;

/**
 * Makes the function that reads the message in the memory of `reader` into a cleared request. It returns false for anything but
 * the usual message, and then leaves the request unchanged. Bytes behind the message never count as a part of it.
 */
export function createUsualMessagePackReader({
  bytes,
  view,
}: MessagePackReader): (length: number, request: OrderRequest) => boolean {
  /** How many bytes the integer at `at` has; 0 when there is none of up to 32 bits. */
  function size(at: number): number {
    const head = bytes[at];
    if (head < 0x80) return 1;
    return head === UINT8 ? 2 : head === UINT16 ? 3 : head === UINT32 ? 5 : 0;
  }

  /** The integer at `at`, which has `bytesOfIt` bytes; -1 when that is 0. */
  function integer(at: number, bytesOfIt: number): number {
    switch (bytesOfIt) {
      case 1:
        return bytes[at];
      case 2:
        return bytes[at + 1];
      case 3:
        return view.getUint16(at + 1);
      case 5:
        return view.getUint32(at + 1);
      default:
        return -1;
    }
  }

  /** Index behind the id that begins at `start`; -1 when it is not a usual one. */
  function idEnd(start: number): number {
    const head = bytes[start];
    if (head < FIXSTR || head >= FIXSTR_END) {
      const bytesOfIt = size(start);
      return bytesOfIt === 0 ? -1 : start + bytesOfIt;
    }
    const end = start + 1 + (head & 31);
    let all = 0;
    for (let at = start + 1; at < end; at++) all |= bytes[at];
    return all < 0x80 ? end : -1;
  }

  /** The number whose digits go from `start` to before `end`; -1 when these are no digits or too many. */
  function digits(start: number, end: number): number {
    const count = end - start;
    if (count < 1 || count > DIGITS_MAX || (count > 1 && bytes[start] === ZERO)) return -1;
    let value = 0;
    for (let at = start; at < end; at++) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value = (value * 10 + digit) | 0;
    }
    return value;
  }

  return (length, request) => {
    if (view.getInt32(0, true) !== ID) return false;
    const end = idEnd(4);
    if (
      end < 0 ||
      end > length ||
      view.getFloat64(end, true) !== METHOD_1 ||
      view.getFloat64(end + 8, true) !== METHOD_2 ||
      view.getFloat64(end + 16, true) !== METHOD_3 ||
      view.getInt32(end + 23, true) !== METHOD_4
    ) {
      return false;
    }
    let at = end + 27;
    let seen = 0;
    let symbol = 0;
    let side = 0;
    let quantity = 0;
    let price = 0;
    for (let left = PARAMS; left > 0; left--) {
      let param: number = Param.SYMBOL;
      switch (view.getInt32(at, true)) {
        case SYMBOL_1: {
          const head = bytes[at + 7];
          if (view.getInt32(at + 3, true) !== SYMBOL_2) return false;
          if (head < FIXSTR || head >= FIXSTR_END) return false;
          if (view.getInt32(at + 8, true) !== SYMBOL_3) return false;
          if (view.getInt32(at + 11, true) !== SYMBOL_4) return false;
          const nameEnd = at + 8 + (head & 31);
          symbol = digits(at + 8 + PREFIX_BYTES, nameEnd);
          if (symbol < 0 || symbol > NUMBER_MAX) return false;
          at = nameEnd;
          break;
        }
        case SIDE:
          param = Param.SIDE;
          if (bytes[at + 4] !== LETTER_E) return false;
          side = view.getInt32(at + 5, true) === BUY ? 0 : 1;
          if (side === 1) {
            if (bytes[at + 5] !== FIXSTR + 4) return false;
            if (view.getInt32(at + 6, true) !== SELL) return false;
          }
          at += 9 + side;
          break;
        case TYPE:
          param = Param.TYPE;
          if (view.getInt32(at + 4, true) !== LIMIT_1) return false;
          if (view.getInt32(at + 7, true) !== LIMIT_2) return false;
          at += 11;
          break;
        case QUANTITY_1: {
          param = Param.QUANTITY;
          if (view.getInt32(at + 5, true) !== QUANTITY_2) return false;
          if (view.getInt32(at + 1, true) !== QUAN) return false;
          const bytesOfIt = size(at + 9);
          quantity = integer(at + 9, bytesOfIt);
          if (quantity < 1 || quantity > QUANTITY_MAX) return false;
          at += 9 + bytesOfIt;
          break;
        }
        case PRICE_1: {
          param = Param.PRICE;
          if (view.getInt32(at + 2, true) !== PRICE_2) return false;
          const bytesOfIt = size(at + 6);
          price = integer(at + 6, bytesOfIt);
          if (price < 1 || price > PRICE_MAX) return false;
          at += 6 + bytesOfIt;
          break;
        }
        default:
          return false;
      }
      if ((seen & (1 << param)) !== 0 || at > length) return false;
      seen |= 1 << param;
    }
    if (at !== length) return false;
    const { idBytes } = request;
    for (let i = 4; i < end; i++) idBytes[i - 4] = bytes[i];
    request.idLength = end - 4;
    request.method = OrderMethod.PLACE;
    request.symbol = symbol;
    request.side = side;
    request.quantity = quantity;
    request.price = price;
    return true;
  };
}
