/** The two encodings of one protocol: JSON in text frames, MessagePack in binary frames. */
export const ENCODINGS = ["json", "msgpack"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The names under which a WebSocket upgrade chooses one (`Sec-WebSocket-Protocol`). */
export const SUBPROTOCOLS = {
  json: "waiver.json",
  msgpack: "waiver.msgpack",
} as const satisfies Record<Encoding, string>;
