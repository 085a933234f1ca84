/** The part of a WebSocket that the client uses, and the platform's own class. */

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

/** The class of browsers, Node and Bun, or of a package such as `ws`. */
export type WebSocketClass = new (url: string, protocols: never) => WebSocketLike;

export const OPEN = 1;

/** The platform's WebSocket. Throws `TypeError` when it has none. */
export function platformWebSocket(): WebSocketClass {
  const { WebSocket } = globalThis as unknown as { WebSocket?: WebSocketClass };
  if (WebSocket !== undefined) return WebSocket;
  throw new TypeError(
    "There is no WebSocket here: use Node 22, start Node 20 with --experimental-websocket, or give `webSocket`",
  );
}

/** Begins to connect. Node and Bun can send `headers`. A browser cannot, and throws `TypeError`. */
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
