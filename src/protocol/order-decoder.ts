/**
 * Decodes order requests from MessagePack into an `OrderRequest`, without making objects or strings.
 *
 * It reads the usual form of the hot methods, and returns false for everything else: for invalid messages and for unusual
 * ones (`bin`, `str16`, floats, long maps, repeated keys). The caller then takes the general path, which also finds the words
 * for an error. True means that the general path would accept the message with the same contents. A test compares the two.
 */
import { Phrase } from "./byte-reader.ts";
import { keepsRules, METHOD_NAMES, Member, PARAM_NAMES, Param } from "./hot-order.ts";
import { fixstr, MessagePackReader } from "./message-pack-reader.ts";
import {
  ABSENT,
  ACCOUNT_PREFIX,
  NOT_OF_FORM,
  NUMBER_MAX,
  ORDER_NUMBER_MAX,
  ORDER_PREFIX,
  ORDER_TYPES,
  SELF_TRADE_MODES,
  SIDES,
  SYMBOL_PREFIX,
  TIMES_IN_FORCE,
} from "./names.ts";
import {
  CLIENT_ORDER_ID_BYTES_MAX,
  OrderMethod,
  type OrderRequest,
  POST_ONLY_FLAG,
} from "./order-request.ts";
import {
  NAME_CHARACTERS_MAX,
  PRICE_MAX,
  QUANTITY_MAX,
  REQUEST_ID_CHARACTERS_MAX,
} from "./schemas/fields.ts";
import { createUsualMessagePackReader } from "./usual-order-message-pack.ts";

const METHOD_KEY = fixstr("method");
const PARAMS_KEY = fixstr("params");
/** The index is the `OrderMethod` - 1. */
const METHODS = METHOD_NAMES.map(fixstr);

const KEYS = PARAM_NAMES.map(fixstr);

/** Param by its key's length and the low five bits of the key's first letter; -1 for none. */
const PARAM_BY_HEAD = new Int8Array(1024).fill(-1);
for (let param = 0; param < PARAM_NAMES.length; param++) {
  const name = PARAM_NAMES[param];
  PARAM_BY_HEAD[(name.length << 5) | (name.charCodeAt(0) & 31)] = param;
}

const SIDE_WORDS = SIDES.map(fixstr);
const TYPE_WORDS = ORDER_TYPES.map(fixstr);
const TIME_WORDS = TIMES_IN_FORCE.map(fixstr);
const SELF_TRADE_WORDS = SELF_TRADE_MODES.map(fixstr);
const SYMBOL_NAME = new Phrase(SYMBOL_PREFIX);
const ORDER_NAME = new Phrase(ORDER_PREFIX);
const ACCOUNT_NAME = new Phrase(ACCOUNT_PREFIX);

const STR8 = 0xd9;
const FALSE = 0xc2;
const TRUE = 0xc3;
/** The head of a `fixstr` of two characters. */
const ID_HEAD = 0xa2;
const LETTER_D = 0x64;
const LETTER_I = 0x69;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;

const sharedReader = new MessagePackReader();
const readUsualOrder = createUsualMessagePackReader(sharedReader);

/**
 * Reads the message in the first `length` bytes into `request`. When it returns false, the general path has to read the
 * message, and the contents of `request` mean nothing. Never throws, and never uses bytes beyond `length`.
 */
export function decodeOrderMsgpack(
  bytes: Uint8Array,
  length: number,
  request: OrderRequest,
): boolean {
  const reader = sharedReader;
  request.clear();
  if (!reader.load(bytes, length)) return false;
  if (readUsualOrder(length, request)) return true;
  let seen = 0;
  let params = 0;
  for (let left = reader.map(); left > 0; left--) {
    let member: number = Member.ID;
    if (reader.take(PARAMS_KEY)) {
      member = Member.PARAMS;
      params = readParams(reader, request);
      if (params < 0) return false;
    } else if (reader.take(METHOD_KEY)) {
      member = Member.METHOD;
      if (!readMethod(reader, request)) return false;
    } else if (!takesIdKey(reader) || !readId(reader, request)) {
      return false;
    }
    if ((seen & member) !== 0) return false;
    seen |= member;
  }
  const complete = reader.at === reader.end && (seen & Member.NEEDED) === Member.NEEDED;
  return complete && keepsRules(request, params);
}

function takesIdKey(reader: MessagePackReader): boolean {
  return reader.byte() === ID_HEAD && reader.byte() === LETTER_I && reader.byte() === LETTER_D;
}

function readMethod(reader: MessagePackReader, request: OrderRequest): boolean {
  request.method = reader.word(METHODS) + 1;
  return request.method !== OrderMethod.NONE;
}

/**
 * Reads the params. Returns the mask of those that are there; -1 when the general path has to read them.
 *
 * It is one flat loop: with a function for each value, a message took 145 ns instead of 115.
 */
function readParams(reader: MessagePackReader, request: OrderRequest): number {
  const bytes = reader.bytes;
  let left = reader.map();
  if (left < 0) return -1;
  let seen = 0;
  for (; left > 0; left--) {
    const at = reader.at;
    const param = PARAM_BY_HEAD[((bytes[at] & 31) << 5) | (bytes[at + 1] & 31)];
    if (param < 0 || (seen & (1 << param)) !== 0 || !reader.take(KEYS[param])) return -1;
    seen |= 1 << param;
    switch (param) {
      case Param.SYMBOL:
        // A ticker is left to the general path, which keeps its text.
        request.symbol = reader.numberAfter(SYMBOL_NAME);
        if (request.symbol < 0 || request.symbol > NUMBER_MAX) return -1;
        break;
      case Param.SIDE:
        request.side = reader.word(SIDE_WORDS);
        if (request.side < 0) return -1;
        break;
      case Param.TYPE:
        request.type = reader.word(TYPE_WORDS);
        if (request.type < 0) return -1;
        break;
      case Param.QUANTITY:
        request.quantity = reader.integer();
        if (request.quantity < 1 || request.quantity > QUANTITY_MAX) return -1;
        break;
      case Param.PRICE:
        request.price = reader.integer();
        if (request.price < 1 || request.price > PRICE_MAX) return -1;
        break;
      case Param.ACCOUNT_ID:
        request.account = readName(reader, ACCOUNT_NAME, NUMBER_MAX);
        if (request.account === ABSENT) return -1;
        break;
      default:
        if (!readLessUsualParam(reader, param, request)) return -1;
    }
  }
  return seen;
}

function readLessUsualParam(
  reader: MessagePackReader,
  param: number,
  request: OrderRequest,
): boolean {
  switch (param) {
    case Param.STOP_PRICE:
      request.stopPrice = reader.integer();
      return request.stopPrice >= 1 && request.stopPrice <= PRICE_MAX;
    case Param.TIME_IN_FORCE:
      request.timeInForce = reader.word(TIME_WORDS);
      return request.timeInForce >= 0;
    case Param.POST_ONLY:
      return readPostOnly(reader, request);
    case Param.CLIENT_ORDER_ID:
      return readClientOrderId(reader, request);
    case Param.SELF_TRADE:
      request.selfTrade = reader.word(SELF_TRADE_WORDS);
      return request.selfTrade >= 0;
    default:
      request.order = readName(reader, ORDER_NAME, ORDER_NUMBER_MAX);
      if (request.order === 0) request.order = NOT_OF_FORM;
      return request.order !== ABSENT;
  }
}

/** Reads a name: its number after `prefix`, or NOT_OF_FORM for other ASCII text. ABSENT when it is neither or has no valid length. */
function readName(reader: MessagePackReader, prefix: Phrase, max: number): number {
  const start = reader.at;
  const number = reader.numberAfter(prefix);
  if (number >= 0 && number <= max) return number;
  reader.at = start;
  const size = reader.string();
  if (size < 1 || size > NAME_CHARACTERS_MAX || !reader.isAscii(size)) return ABSENT;
  reader.at += size;
  return NOT_OF_FORM;
}

function readPostOnly(reader: MessagePackReader, request: OrderRequest): boolean {
  const value = reader.byte();
  if (value === TRUE) request.flags = POST_ONLY_FLAG;
  return value === TRUE || value === FALSE;
}

/** Reads the id and keeps its bytes with their header, because the answer repeats them. */
function readId(reader: MessagePackReader, request: OrderRequest): boolean {
  const start = reader.at;
  const head = reader.bytes[start];
  if (head >> 5 !== 5 && head !== STR8) {
    if (reader.integer() < 0) return false;
  } else {
    const size = reader.string();
    if (size < 0 || size > REQUEST_ID_CHARACTERS_MAX || !reader.isAscii(size)) return false;
    reader.at += size;
  }
  const length = reader.at - start;
  for (let i = 0; i < length; i++) request.idBytes[i] = reader.bytes[start + i];
  request.idLength = length;
  return true;
}

/** CLIENT_ORDER_ID_PATTERN: printable ASCII without space, double quote and backslash. */
function readClientOrderId(reader: MessagePackReader, request: OrderRequest): boolean {
  const size = reader.string();
  if (size < 1 || size > CLIENT_ORDER_ID_BYTES_MAX) return false;
  for (let i = 0; i < size; i++) {
    const byte = reader.bytes[reader.at + i];
    if (byte <= SPACE || byte >= DELETE || byte === QUOTE || byte === BACKSLASH) return false;
    request.clientOrderId[i] = byte;
  }
  request.clientOrderIdLength = size;
  reader.at += size;
  return true;
}
