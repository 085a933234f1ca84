/** The options of a client. */
import type { Backoff } from "./backoff.ts";
import type { Encoding } from "./codec.ts";
import type { WebSocketClass } from "./web-socket.ts";

export interface ClientOptions {
  /** The exchange's URL without a path: `wss://host:port` or `https://host:port`; in a page, `location.origin`. */
  readonly url: string;
  /** Default "json". "msgpack" is smaller and quicker to write; its codec is loaded when it is needed. */
  readonly encoding?: Encoding;
  /** How long one request may take, including the wait for a line. Default 10 s. */
  readonly requestTimeoutMs?: number;
  /** How long to look an order up and send it again when its answer was lost. Default 30 s. */
  readonly orderTimeoutMs?: number;
  /** Silence after which a line is "stale". Default 2 s. */
  readonly staleAfterMs?: number;
  /** Silence after which a line is given up and opened again. Default 10 s. */
  readonly lostAfterMs?: number;
  /** Waits between attempts to connect. Default 250 ms, doubled up to 30 s. */
  readonly backoff?: Backoff;
  /** For a platform without WebSockets, such as Node 20 without `--experimental-websocket`. */
  readonly webSocket?: WebSocketClass;
}

/** How to log in. */
export type Auth =
  | {
      readonly apiKey: string;
      readonly apiSecret: string;
      /** Default "signature", which does not send the secret; "secret" for a page that has no WebCrypto. */
      readonly loginWith?: "signature" | "secret";
    }
  /** The token of a session. Browsers cannot send it with a WebSocket. */
  | { readonly token: string }
  /** The session cookie of the page's own origin, see `beginSession`. */
  | { readonly cookie: true };

export interface TradingOptions extends ClientOptions {
  readonly auth: Auth;
  /** Which of the user's accounts the client is about; default the first. */
  readonly accountId?: string;
  /** All orders of the account are cancelled when the line for orders ends. */
  readonly cancelOnDisconnect?: boolean;
}

export const REQUEST_TIMEOUT_MS = 10_000;
export const ORDER_TIMEOUT_MS = 30_000;
export const STALE_AFTER_MS = 2_000;
export const LOST_AFTER_MS = 10_000;

/** The URL with another scheme, without a slash at its end. Throws `TypeError` for any other text. */
export function baseUrl(url: string, kind: "ws" | "http"): string {
  const match = /^(?:ws|http)(s?):\/\/([^/?#]+)\/?$/.exec(url);
  if (match === null) {
    throw new TypeError(
      `url must be ws://, wss://, http:// or https:// with a host and no path, got "${url}"`,
    );
  }
  return `${kind}${match[1]}://${match[2]}`;
}
