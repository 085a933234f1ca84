/**
 * The exchange for programs, in browsers, Node and Bun. Names, units and errors are those of the exchange's protocol:
 * prices in cents, quantities in shares, times in milliseconds since 1970.
 */
export { answered } from "./answered.ts";
export type { Backoff } from "./backoff.ts";
export type { Encoding } from "./codec.ts";
export {
  ConnectionError,
  type ErrorDetails,
  ExchangeError,
  isExchangeError,
  isPassing,
  OutcomeUnknownError,
  type RefusalOf,
  SlowConsumerError,
} from "./errors.ts";
export type { LineState } from "./line.ts";
export type { Holding, LiveAccount } from "./live-account.ts";
export type { LiveOrderBook } from "./live-order-book.ts";
export { bookChecksum, type Level } from "./local-book.ts";
export type { LoginInfo } from "./login.ts";
export * from "./messages.ts";
export type { Auth, ClientOptions, TradingOptions } from "./options.ts";
export { newClientOrderId } from "./order-entry.ts";
export {
  type ClientState,
  createPublicClient,
  type PublicClient,
  type StateChange,
  type StreamOptions,
} from "./public-client.ts";
export type { RequestMethod } from "./requests.ts";
export {
  type BegunSession,
  beginSession,
  endSession,
  readSession,
  type SessionInfo,
  type SessionLogin,
} from "./sessions.ts";
export type { OnFull, Stream, TopicStream } from "./stream.ts";
export type { Channel, ChannelData, Interval } from "./topics.ts";
export {
  createTradingClient,
  type TradingClient,
  type UserEventsOptions,
} from "./trading-client.ts";
export type { UserEvent } from "./user-feed.ts";
export type { WebSocketClass, WebSocketLike } from "./web-socket.ts";
