/** What is used of a WebSocket, and the platform's own. */

export interface WebSocketLike {
  readonly readyState: number;
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
}

/** Of browsers, Node and Bun, or one of a package such as `ws`. */
export type WebSocketClass = new (url: string, protocols: never) => WebSocketLike;

export const OPEN = 1;

/** Throws `TypeError` where the platform has none. */
export function platformWebSocket(): WebSocketClass {
  const { WebSocket } = globalThis as unknown as { WebSocket?: WebSocketClass };
  if (WebSocket !== undefined) return WebSocket;
  throw new TypeError(
    "There is no WebSocket here: use Node 22, start Node 20 with --experimental-websocket, or give `webSocket`",
  );
}

/**
 * Begins to connect. `headers` can be sent by Node and Bun; a browser throws, for it takes nothing but subprotocols.
 */
export function openWebSocket(
  Socket: WebSocketClass,
  url: string,
  subprotocol: string,
  headers: Readonly<Record<string, string>> | undefined,
): WebSocketLike {
  if (headers === undefined) return new Socket(url, subprotocol as never);
  try {
    return new Socket(url, { protocols: [subprotocol], headers } as never);
  } catch (error) {
    throw new TypeError(
      "A WebSocket here sends no headers, so no token: log in with a key, or by the cookie",
      {
        cause: error,
      },
    );
  }
}
