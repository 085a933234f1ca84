/** The building blocks of the message schemas: one function for each kind of field. */
import { Kind, type TSchema, type TUnsafe, Type, TypeRegistry } from "@sinclair/typebox";
import { parseNetwork } from "../../lib/ip-address.ts";

/** Largest price, in cents, and largest quantity, in shares: 31 bits. */
export const PRICE_MAX = 0x7fff_ffff;
export const QUANTITY_MAX = 0x7fff_ffff;

const SYMBOL_CHARACTERS_MAX = 32;
export const NAME_CHARACTERS_MAX = 64;
export const REQUEST_ID_CHARACTERS_MAX = 64;
const CREDENTIAL_CHARACTERS_MAX = 256;
export const TEXT_CHARACTERS_MAX = 1024;
export const BATCH_ORDERS_MAX = 100;
export const SYMBOLS_PER_REQUEST_MAX = 4096;
export const ROWS_MAX = 1000;
export const LEVELS_MAX = 1000;
/** Used when a request does not say how many. */
export const ROWS_DEFAULT = 50;
export const LEVELS_DEFAULT = 20;
export const TIMEOUT_MS_MAX = 86_400_000;
/** The last time that a JavaScript `Date` can hold, in the year 275760. */
const DATE_TIME_MAX = 8_640_000_000_000_000;

/** Printable ASCII without space, double quote and backslash, so that it never needs escaping in JSON. */
const CLIENT_ORDER_ID_PATTERN = "^[!#-\\[\\]-~]{1,64}$";

/** A ticker, which is a name of a symbol beside `SYMBOL_<n>`. */
export const TICKER_PATTERN = "^[A-Z0-9]{1,16}$";
const ASCII_PATTERN = "^[\\x00-\\x7f]*$";

/** The key of a schema's member that holds another schema; the published documents show that one instead. */
export const PUBLISHED_AS = "x-published-as";

const CLOSED = { additionalProperties: false } as const;

/** The params of a request. Members that are not in `properties` are refused. */
export function params<T extends Record<string, TSchema>>(properties: T, title?: string) {
  return Type.Object(properties, title === undefined ? CLOSED : { ...CLOSED, title });
}

export const optional = Type.Optional;

export function price(description: string) {
  return Type.Integer({ minimum: 1, maximum: PRICE_MAX, description: `${description}, cents` });
}

export function quantity(description: string) {
  return Type.Integer({ minimum: 1, maximum: QUANTITY_MAX, description: `${description}, shares` });
}

/** A whole number that is never negative. */
export function count(description: string, maximum: number = Number.MAX_SAFE_INTEGER) {
  return Type.Integer({ minimum: 0, maximum, description });
}

/** A whole number from 1. */
export function positive(description: string, maximum: number = Number.MAX_SAFE_INTEGER) {
  return Type.Integer({ minimum: 1, maximum, description });
}

/** A whole number that may be negative, such as an amount of cash. */
export function amount(description: string) {
  return Type.Integer({
    minimum: -Number.MAX_SAFE_INTEGER,
    maximum: Number.MAX_SAFE_INTEGER,
    description,
  });
}

export const timestamp = (description = "milliseconds since 1970") => count(description);
/** A time in a request that is later shown to people, so it must fit into a `Date`. */
export const dateTime = (description = "milliseconds since 1970") =>
  count(description, DATE_TIME_MAX);
export const tick = () => count("number of the tick");

/**
 * Whether `text` has `min` to `max` characters. As in JSON Schema these are code points, while `length` counts UTF-16 units.
 */
export function hasCharacters(text: string, min: number, max: number): boolean {
  const units = text.length;
  // A character has one or two units, so for most texts the length is enough.
  if (units < min || units > 2 * max) return false;
  if (units <= max && units >= 2 * min) return true;
  let characters = 0;
  for (const _character of text) characters++;
  return characters >= min && characters <= max;
}

/** Schemas of `text` need a kind of their own, because TypeBox counts UTF-16 units. */
const TEXT = "Text";
TypeRegistry.Set<{ minLength: number; maxLength: number }>(
  TEXT,
  ({ minLength, maxLength }, value) =>
    typeof value === "string" && hasCharacters(value, minLength, maxLength),
);

/** Text of any characters. */
export function text(
  description: string,
  maxLength: number,
  minLength = 1,
  options: { writeOnly?: true; expected?: string } = {},
) {
  const type = { type: "string", minLength, maxLength, ...options, description };
  return Type.Unsafe<string>({ [Kind]: TEXT, ...type });
}

/** Text of 1 to `maxLength` ASCII characters. */
function ascii(description: string, maxLength: number) {
  return Type.String({ minLength: 1, maxLength, pattern: ASCII_PATTERN, description });
}

export const symbol = (description = "`SYMBOL_<n>`") => ascii(description, SYMBOL_CHARACTERS_MAX);
/** In a request: a symbol's name or its ticker. */
export const symbolParam = (description = "`SYMBOL_<n>` or a ticker") => symbol(description);
export const orderId = () => ascii("`ord_<n>`", NAME_CHARACTERS_MAX);
export const accountId = (description = "`acc_<n>`") => ascii(description, NAME_CHARACTERS_MAX);

export function clientOrderId(description: string) {
  return Type.String({ pattern: CLIENT_ORDER_ID_PATTERN, description });
}

/** An API key, a secret, a login name or a password. `writeOnly` keeps its value out of error details. */
export function credential(description: string) {
  return text(description, CREDENTIAL_CHARACTERS_MAX, 1, { writeOnly: true });
}

/** The kind of `network`. */
const NETWORK = "Network";
TypeRegistry.Set(NETWORK, (_, value) => typeof value === "string" && isNetwork(value));

/** Whether a text of at most 64 characters is an IP address or a network. An address with a zone is not. */
function isNetwork(text: string): boolean {
  return text.length <= NAME_CHARACTERS_MAX && parseNetwork(text) !== null;
}

/** A network of addresses, IPv4 or IPv6, or one address. */
export function network() {
  const expected = "a network or an address such as 192.0.2.0/24, 2001:db8::/32 or 192.0.2.1";
  return Type.Unsafe<string>({ [Kind]: NETWORK, type: "string", expected, description: "network" });
}

export const flag = (description: string) => Type.Boolean({ description });

/** One of the given words. */
export function choice<const T extends readonly string[]>(
  words: T,
  description: string,
): TUnsafe<T[number]> {
  const literals = words.map((word) => Type.Literal(word));
  return Type.Unsafe<T[number]>(Type.Union(literals, { description }));
}

export function nullable<T extends TSchema>(schema: T, description: string) {
  return Type.Union([schema, Type.Null()], { description });
}

/** The account's last event that a state includes. */
export const eventSeq = () =>
  count("number of the account's last event that this includes; 0 before the first");

/** How many rows a page may have. */
export const limit = (description: string) => optional(positive(description, ROWS_MAX));
/** Where a page begins: `next` of the page before it. */
export const before = () => optional(positive("`next` of the page before"));
export const next = () => optional(positive("there is more: ask with `before`"));

/** Price levels `[[price, quantity], …]`, best first. */
export function levels(description: string) {
  return Type.Array(Type.Tuple([price("price"), count("total quantity, shares")]), {
    description,
  });
}
