/**
 * One WebSocket connection: who it is, what it may do, and the way back for its answers.
 *
 * As an `Origin` of commands it is told of all that its commands did in a tick at once, and writes the
 * acknowledgements in one corked burst: one system call, however many orders.
 */
import type { ServerWebSocket } from "bun";
import type { ApiKey } from "../identity/api-key.ts";
import type { User } from "../identity/user.ts";
import type { Encoding } from "../protocol/encoding.ts";
import type { ErrorBody } from "../protocol/errors.ts";
import type { Permission } from "../protocol/schemas/auth.ts";
import type { Endpoint } from "../protocol/schemas.ts";
import type { InboundBatch, Origin, Replies } from "../router/inbound-ring.ts";
import { CONNECTION_FAILURES_BURST, CONNECTION_FAILURES_PER_SECOND } from "./admission.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { UserLimits } from "./user-limits.ts";

export type Socket = ServerWebSocket<Session>;

/** Close codes of the wire contract. */
export const CloseCode = {
  RESTART: 1012,
  NO_LOGIN: 4001,
  KEY_REVOKED: 4003,
  SLOW_CONSUMER: 4008,
} as const;

/** Writes the reply of a command from its event. */
export interface ReplyWriter {
  reply(session: Session, batch: InboundBatch, index: number, event: number): void;
  storageFailed(session: Session, batch: InboundBatch, index: number): void;
  /** The same as an object. */
  outcome(event: number): { result: object } | { error: ErrorBody };
}

export interface Login {
  user: User;
  key: ApiKey;
  /** The user's default account. */
  account: number;
  mayTrade: boolean;
  permissions: readonly Permission[];
  cancelOnDisconnect: boolean;
}

export class Session implements Origin {
  batch = 0;
  last = -1;

  socket: Socket | null = null;
  login: Login | null = null;
  limits: UserLimits;
  readonly loginFailures: TokenBucket;
  /** Channels subscribed to, as `channel.symbol`. */
  readonly subscriptions = new Set<string>();
  /** Accounts whose `user_data` this connection hears. */
  readonly listening: number[] = [];
  #delivering: InboundBatch | null = null;
  #first = -1;
  #replies: Replies | null = null;

  constructor(
    readonly endpoint: Endpoint,
    /** Of what the server pushes. */
    readonly encoding: Encoding,
    readonly address: string,
    readonly openedAt: number,
    limits: UserLimits,
    readonly writer: ReplyWriter,
  ) {
    this.limits = limits;
    this.loginFailures = new TokenBucket(
      CONNECTION_FAILURES_PER_SECOND,
      CONNECTION_FAILURES_BURST,
      openedAt,
    );
  }

  /** Text frame. A client that does not read is closed rather than told half. */
  sendText(frame: string): void {
    if (this.socket !== null && this.socket.sendText(frame) === 0) this.#slow();
  }

  /** Binary frame; the bytes are copied before this returns. */
  sendBinary(frame: Uint8Array): void {
    if (this.socket !== null && this.socket.sendBinary(frame) === 0) this.#slow();
  }

  send(frame: string | Uint8Array): void {
    if (typeof frame === "string") this.sendText(frame);
    else this.sendBinary(frame);
  }

  /** Gathers what `write` sends into as few system calls as possible. */
  cork(write: () => void): void {
    this.socket?.cork(write);
  }

  close(code: number, reason: string): void {
    this.socket?.close(code, reason);
  }

  /** Bytes that the client has not read yet. */
  buffered(): number {
    return this.socket?.getBufferedAmount() ?? 0;
  }

  deliver(batch: InboundBatch, first: number, replies: Replies): void {
    if (this.socket === null) return;
    this.#first = first;
    this.#delivering = batch;
    this.#replies = replies;
    this.socket.cork(this.#writeReplies);
    this.#delivering = null;
  }

  #writeReplies = (): void => {
    const batch = this.#delivering as InboundBatch;
    const at = (this.#replies as Replies).at;
    for (let i = this.#first; i !== -1; i = batch.next[i]) this.writer.reply(this, batch, i, at[i]);
  };

  fail(batch: InboundBatch, first: number): void {
    for (let i = first; i !== -1; i = batch.next[i]) this.writer.storageFailed(this, batch, i);
  }

  #slow(): void {
    this.close(CloseCode.SLOW_CONSUMER, "slow consumer");
  }
}

/** Open connections by endpoint. */
export function countByEndpoint(sessions: Iterable<Session>): Record<Endpoint, number> {
  const counts = { orders: 0, "market-data": 0, "user-data": 0 };
  for (const session of sessions) counts[session.endpoint]++;
  return counts;
}
