/** The HTTP part of a WebSocket: builds the upgrade request, and finds the end of its answer. */
import { randomBytes } from "node:crypto";
import { type Encoding, SUBPROTOCOLS } from "../../src/protocol/encoding.ts";

/** An upgrade request to `path`, for example "/orders". */
export function upgradeRequest(host: string, path: string, encoding: Encoding): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    `Sec-WebSocket-Protocol: ${SUBPROTOCOLS[encoding]}`,
    "",
    "",
  ].join("\r\n");
}

/**
 * Where the frames begin in the first bytes from the server. These must contain the whole head of the answer. Throws if
 * the server refused the upgrade.
 */
export function upgradeEnd(bytes: Uint8Array): number {
  const head = new TextDecoder("latin1").decode(bytes);
  const end = head.indexOf("\r\n\r\n");
  if (end < 0 || !head.startsWith("HTTP/1.1 101 ")) {
    throw new Error(`Upgrade refused: ${head.slice(0, 200)}`);
  }
  return end + 4;
}
