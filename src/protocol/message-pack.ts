/** MessagePack of any message, by the library; the hot messages have their own coders. */
import { Decoder, Encoder } from "@msgpack/msgpack";
import { decodeUtf8, MalformedMessageError, scanMessagePack } from "./message-pack-shape.ts";

const encoder = new Encoder({ ignoreUndefined: true });
const decoder = new Decoder({ mapKeyConverter: memberName });

/** A key as a member's name: text, or `bin` that holds text. */
function memberName(key: unknown): string {
  const name = key instanceof Uint8Array ? decodeUtf8(key) : key;
  if (typeof name !== "string") throw new MalformedMessageError("a key is not text");
  // As a key of a plain object it would set the prototype instead of a member.
  if (name === "__proto__") throw new MalformedMessageError("a key is __proto__");
  return name;
}

/**
 * The value that JSON would have given: `bin` counts as text. Throws an `Error` on anything that is
 * not one whole valid value, on extension types, and on nesting deeper than any message.
 */
export function decodeMessagePack(bytes: Uint8Array): unknown {
  const hasBinary = scanMessagePack(bytes);
  const value = decoder.decode(bytes);
  return hasBinary ? withText(value) : value;
}

/** Encodes what JSON can hold, in the shortest forms; members that are undefined are left out. */
export function encodeMessagePack(value: unknown): Uint8Array {
  return encoder.encode(value);
}

/** Puts text for `bin` in place, throughout a freshly decoded value. */
function withText(value: unknown): unknown {
  if (value instanceof Uint8Array) return decodeUtf8(value);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = withText(value[i]);
  } else if (typeof value === "object" && value !== null) {
    const object = value as Record<string, unknown>;
    for (const key of Object.keys(object)) object[key] = withText(object[key]);
  }
  return value;
}
