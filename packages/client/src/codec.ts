/** Messages as frames: text frames carry JSON, binary frames MessagePack. */

export type Encoding = "json" | "msgpack";

export interface Codec {
  /** The WebSocket subprotocol that asks for it. */
  readonly subprotocol: string;
  encode(message: unknown): string | Uint8Array<ArrayBuffer>;
  decode(frame: string | ArrayBuffer): unknown;
}

const JSON_CODEC: Codec = {
  subprotocol: "waiver.json",
  encode: (message) => JSON.stringify(message),
  decode: (frame) => JSON.parse(frame as string),
};

/** MessagePack is loaded when it is first asked for. */
export async function loadCodec(encoding: Encoding): Promise<Codec> {
  if (encoding === "json") return JSON_CODEC;
  const { encode, decode } = await import("@msgpack/msgpack");
  return {
    subprotocol: "waiver.msgpack",
    encode: (message) => encode(message, { ignoreUndefined: true }),
    decode: (frame) => (typeof frame === "string" ? JSON.parse(frame) : decode(frame)),
  };
}
