/** Messages as WebSocket frames: text frames carry JSON, binary frames MessagePack. */
import type { Encoding } from "../protocol/encoding.ts";
import { decodeMessagePack, encodeMessagePack } from "../protocol/message-pack.ts";

export function encodeFrame(message: unknown, encoding: Encoding): string | Uint8Array {
  return encoding === "json" ? JSON.stringify(message) : encodeMessagePack(message);
}

export function decodeFrame(frame: string | ArrayBuffer): unknown {
  return typeof frame === "string" ? JSON.parse(frame) : decodeMessagePack(new Uint8Array(frame));
}
