/** Encodes and decodes MessagePack with the library. Hot messages have encoders and decoders of their own. */
import { Decoder, Encoder } from "@msgpack/msgpack";
import { decodeUtf8, MalformedMessageError, scanMessagePack } from "./message-pack-shape.ts";

const encoder = new Encoder({ ignoreUndefined: true });
const decoder = new Decoder({ mapKeyConverter: memberName });

/** The member's name for a key, which may be text, or a `bin` that contains text. */
function memberName(key: unknown): string {
  const name = key instanceof Uint8Array ? decodeUtf8(key) : key;
  if (typeof name !== "string") throw new MalformedMessageError("a key is not text");
  // On a plain object, this key would set the prototype and not a member.
  if (name === "__proto__") throw new MalformedMessageError("a key is __proto__");
  return name;
}

/**
 * Decodes one value, as JSON would have it: `bin` becomes text. Throws an `Error` for anything but exactly one valid value, for
 * extension types, and for more than `MESSAGE_DEPTH_MAX` levels.
 */
export function decodeMessagePack(bytes: Uint8Array): unknown {
  const hasBinary = scanMessagePack(bytes);
  const value = decoder.decode(bytes);
  return hasBinary ? withText(value) : value;
}

/** Encodes a value that JSON can hold, in the shortest form. Members that are undefined are left out. */
export function encodeMessagePack(value: unknown): Uint8Array {
  return encoder.encode(value);
}

/** Replaces each `bin` in a decoded value with its text, in place. */
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
