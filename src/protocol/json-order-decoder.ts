/**
 * Decodes order requests from JSON into an `OrderRequest`, as `order-decoder.ts` does from MessagePack. It reads the usual
 * form of the hot methods, and returns false for everything else, which the caller then decodes by the general path. True
 * means that the general path would accept the message with the same contents. A test compares the two.
 */
import { Phrase } from "./byte-reader.ts";
import { keepsRules, METHOD_NAMES, Member, PARAM_NAMES, Param } from "./hot-order.ts";
import { JsonReader, type TextInto } from "./json-reader.ts";
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
import { createUsualJsonReader } from "./usual-order-json.ts";

const key = (name: string): Phrase => new Phrase(`"${name}":`);
const word = (text: string): Phrase => new Phrase(`"${text}"`);

const METHOD_KEY = key("method");
const PARAMS_KEY = key("params");
const ID_KEY = key("id");
const METHODS = METHOD_NAMES.map(word);
const KEYS = PARAM_NAMES.map(key);

/** Param by the low five bits of each of its key's first two letters; -1 for none. */
const PARAM_BY_HEAD = new Int8Array(1024).fill(-1);
for (const [param, name] of PARAM_NAMES.entries()) {
  PARAM_BY_HEAD[((name.charCodeAt(0) & 31) << 5) | (name.charCodeAt(1) & 31)] = param;
}

const SIDE_WORDS = SIDES.map(word);
const TYPE_WORDS = ORDER_TYPES.map(word);
const TIME_WORDS = TIMES_IN_FORCE.map(word);
const SELF_TRADE_WORDS = SELF_TRADE_MODES.map(word);
const BOOLEANS = [new Phrase("false"), new Phrase("true")];
const SYMBOL_NAME = new Phrase(`"${SYMBOL_PREFIX}`);
const ORDER_NAME = new Phrase(`"${ORDER_PREFIX}`);
const ACCOUNT_NAME = new Phrase(`"${ACCOUNT_PREFIX}`);

const SPACE = 0x20;
const QUOTE = 0x22;
const DELETE = 0x7f;

/**
 * Makes the function that reads the message `text` into `request`. When it returns false, the general path has to read the
 * message, and the contents of `request` mean nothing. It never throws.
 */
export function createOrderJsonDecoder(
  textInto: TextInto,
): (text: string, request: OrderRequest) => boolean {
  const reader = new JsonReader(textInto);
  const readUsualOrder = createUsualJsonReader(reader);
  return (text, request) => {
    request.clear();
    if (!reader.loadText(text)) return false;
    return readUsualOrder(reader.end, request) || readOrder(reader, request);
  };
}

function readOrder(reader: JsonReader, request: OrderRequest): boolean {
  if (!reader.open()) return false;
  let seen = 0;
  let params = 0;
  let more = 1;
  for (; more === 1; more = reader.separator()) {
    let member: number = Member.ID;
    if (reader.take(PARAMS_KEY)) {
      member = Member.PARAMS;
      reader.space();
      params = readParams(reader, request);
      if (params < 0) return false;
    } else if (reader.take(METHOD_KEY)) {
      member = Member.METHOD;
      reader.space();
      request.method = reader.word(METHODS) + 1;
      if (request.method === OrderMethod.NONE) return false;
    } else if (!reader.take(ID_KEY) || !readId(reader, request)) {
      return false;
    }
    if ((seen & member) !== 0) return false;
    seen |= member;
  }
  const isComplete =
    more === 0 && reader.at === reader.end && (seen & Member.NEEDED) === Member.NEEDED;
  return isComplete && keepsRules(request, params);
}

/** Reads the params. Returns the mask of those that are there; -1 when the general path has to read them. */
function readParams(reader: JsonReader, request: OrderRequest): number {
  const { bytes } = reader;
  if (!reader.open()) return -1;
  let seen = 0;
  let more = 1;
  for (; more === 1; more = reader.separator()) {
    const { at } = reader;
    const param = PARAM_BY_HEAD[((bytes[at + 1] & 31) << 5) | (bytes[at + 2] & 31)];
    if (param < 0 || (seen & (1 << param)) !== 0 || !reader.take(KEYS[param])) return -1;
    seen |= 1 << param;
    reader.space();
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
      default:
        if (!readLessUsualParam(reader, param, request)) return -1;
    }
  }
  return more === 0 ? seen : -1;
}

function readLessUsualParam(reader: JsonReader, param: number, request: OrderRequest): boolean {
  switch (param) {
    case Param.STOP_PRICE:
      request.stopPrice = reader.integer();
      return request.stopPrice >= 1 && request.stopPrice <= PRICE_MAX;
    case Param.TIME_IN_FORCE:
      request.timeInForce = reader.word(TIME_WORDS);
      return request.timeInForce >= 0;
    case Param.POST_ONLY: {
      const value = reader.word(BOOLEANS);
      if (value === 1) request.flags = POST_ONLY_FLAG;
      return value >= 0;
    }
    case Param.CLIENT_ORDER_ID:
      return readClientOrderId(reader, request);
    case Param.SELF_TRADE:
      request.selfTrade = reader.word(SELF_TRADE_WORDS);
      return request.selfTrade >= 0;
    case Param.ACCOUNT_ID:
      request.account = readName(reader, ACCOUNT_NAME, NUMBER_MAX);
      return request.account !== ABSENT;
    default:
      request.order = readName(reader, ORDER_NAME, ORDER_NUMBER_MAX);
      if (request.order === 0) request.order = NOT_OF_FORM;
      return request.order !== ABSENT;
  }
}

/** Reads a name: its number after `prefix`, or NOT_OF_FORM for other text. ABSENT when it is no plain text or has no valid length. */
function readName(reader: JsonReader, prefix: Phrase, max: number): number {
  const start = reader.at;
  const number = reader.numberAfter(prefix);
  if (number >= 0 && number <= max) return number;
  reader.at = start;
  const size = reader.plainString();
  return size < 1 || size > NAME_CHARACTERS_MAX ? ABSENT : NOT_OF_FORM;
}

/** Reads the id and keeps its bytes, because the answer repeats them. */
function readId(reader: JsonReader, request: OrderRequest): boolean {
  reader.space();
  const start = reader.at;
  if (reader.bytes[start] === QUOTE) {
    const size = reader.plainString();
    if (size < 0 || size > REQUEST_ID_CHARACTERS_MAX) return false;
  } else if (reader.integer() < 0) {
    return false;
  }
  const length = reader.at - start;
  for (let i = 0; i < length; i++) request.idBytes[i] = reader.bytes[start + i];
  request.idLength = length;
  return true;
}

/** CLIENT_ORDER_ID_PATTERN: printable ASCII without space, double quote and backslash. */
function readClientOrderId(reader: JsonReader, request: OrderRequest): boolean {
  const start = reader.at + 1;
  const size = reader.plainString();
  if (size < 1 || size > CLIENT_ORDER_ID_BYTES_MAX) return false;
  for (let i = 0; i < size; i++) {
    const byte = reader.bytes[start + i];
    if (byte <= SPACE || byte >= DELETE) return false;
    request.clientOrderId[i] = byte;
  }
  request.clientOrderIdLength = size;
  return true;
}
