/**
 * One WebSocket connection: whose it is, and how to send to it. It is small, because most of many connections are idle.
 */
import type { ServerWebSocket } from "bun";
import type { TickOutput } from "../../core/tick-output.ts";
import type { MarketTopic } from "../../market-data/broadcaster.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import type { Endpoint } from "../../protocol/schemas.ts";
import type { InboundBatch, ReplyTo } from "../../router/inbound-ring.ts";
import type { Caller } from "../../trading/caller.ts";
import type { Login } from "../../trading/login.ts";
import type { TokenBucket } from "../../trading/token-bucket.ts";
import { CloseCode } from "./close-code.ts";
import { type EndReason, ownReason } from "./end-reason.ts";
import { COMPRESSED_BYTES_MIN } from "./publisher.ts";
import type { UserDataGroup } from "./user-data-group.ts";

export type Socket = ServerWebSocket<Session>;

/** Writes the answers to a connection's orders. */
export interface OrderReplies {
  /** The tick is durable: the outcome of record `first` and those linked to it by `batch.next`. */
  onReplies(session: Session, batch: InboundBatch, first: number, output: TickOutput): void;
  /** The batch could not be made durable: none of its commands counts. */
  onFailed(session: Session, batch: InboundBatch, first: number): void;
}

/** An account that a connection hears. */
export interface HeardAccount {
  readonly account: number;
  /** With whom it hears live; null while it catches up. */
  group: UserDataGroup<Session> | null;
  /** The event to be told next while it catches up. */
  next: number;
  /** A slice is on its way. */
  isScheduled: boolean;
}

/** The frames of a connection that went beyond the limit, lately. */
export interface RefusedFrames {
  /** When this window began, on a clock that never goes back. */
  since: number;
  count: number;
  /** How many of them were answered. */
  told: number;
}

/** What has come in since the connection was last looked at. */
export interface Heard {
  frames: number;
  bytes: number;
  /** A whole message is among it. */
  hasMessage: boolean;
}

/** Each member that is null at first belongs to one part of the gateway, which sets it when it needs it. */
export class Session implements ReplyTo {
  batch = 0;
  last = -1;
  /** Null before the connection is open, and from its end on. */
  socket: Socket | null = null;
  login: Login | null = null;
  /** Why the exchange has ended it; null when it has not. */
  ended: EndReason | null = null;
  /** By account whose open orders its end cancels: the user on whose word. Null as long as nobody has asked for it. */
  cancelsOnDisconnect: Map<number, number> | null = null;
  /** Frames beyond the limit, lately. */
  refused: RefusedFrames | null = null;
  /** Frames that were let in though its address had nothing left. */
  graceFrames = 0;
  /** Sweeps since the last frame that came in. */
  silentSweeps = 0;
  /** Sweeps since it last read something, while more waits for it than may. */
  unreadSweeps = 0;
  /** The other end, as `peerKey` names it; null when that is not known. */
  peer: string | null = null;
  /** Where the last look found its connection; -1 before that. */
  descriptor = -1;
  /** Its client may send compressed frames. */
  isCompressed = false;
  readonly heard: Heard = { frames: 0, bytes: 0, hasMessage: false };
  /** Bytes that the system has received on it, as of the last look; and those of a message that is not whole yet. */
  received = 0;
  halfRead = 0;
  /** Wrong logins. */
  loginFailures: TokenBucket | null = null;
  /** Its shard of all connections, while it is open. */
  shard = 0;
  /** Topics of market data, by the names that the client knows. */
  subscriptions: Map<string, MarketTopic> | null = null;
  /** Whether it gets conflated topics where there are such, because its user's topics carry more than he may have. */
  isConflated = false;
  /** Topics that it has asked for, and is going to be told of. */
  joining: MarketTopic[] | null = null;
  /** Accounts whose `user_data` it hears. */
  accounts: HeardAccount[] | null = null;

  /**
   * `encoding`: of what the server pushes. `openedAt`: milliseconds of a clock that never goes back. `caller`: who
   * asks, and pays for each frame; a stranger until somebody has logged in.
   */
  constructor(
    readonly endpoint: Endpoint,
    readonly encoding: Encoding,
    readonly address: string,
    readonly openedAt: number,
    public caller: Caller,
    private readonly replies: OrderReplies,
  ) {}

  /** Text frame. A client that does not read is closed rather than told half. */
  sendText(frame: string): void {
    if (this.socket !== null && this.socket.sendText(frame) === 0) this.closeAsSlow();
  }

  /** Binary frame; the bytes are copied before this returns. */
  sendBinary(frame: Uint8Array): void {
    if (this.socket !== null && this.socket.sendBinary(frame) === 0) this.closeAsSlow();
  }

  send(frame: string | Uint8Array): void {
    if (typeof frame === "string") this.sendText(frame);
    else this.sendBinary(frame);
  }

  /** As `send`, for what everybody may know: compressed, when it is long and the client has asked for that. */
  sendPublic(frame: string | Uint8Array): void {
    if (this.socket === null) return;
    const isCompressed = frame.length >= COMPRESSED_BYTES_MIN;
    const { socket } = this;
    const sent =
      typeof frame === "string"
        ? socket.sendText(frame, isCompressed)
        : socket.sendBinary(frame, isCompressed);
    if (sent === 0) this.closeAsSlow();
  }

  /** Gathers what `write` sends into as few system calls as possible. */
  cork(write: () => void): void {
    this.socket?.cork(write);
  }

  close(code: CloseCode, reason: string): void {
    this.ended ??= ownReason(code);
    this.socket?.close(code, reason);
  }

  ping(): void {
    this.socket?.ping();
  }

  /** Ends the connection without a close frame, for a client that does not read. Unsent bytes are dropped. */
  terminate(why: EndReason): void {
    this.ended ??= why;
    this.socket?.terminate();
  }

  /** Bytes that are kept for it: not read by the client yet, or of a message that it has not sent to its end. */
  owed(): number {
    return this.buffered() + this.halfRead;
  }

  /** Bytes that the client has not read yet. */
  buffered(): number {
    return this.socket?.getBufferedAmount() ?? 0;
  }

  onReplies(batch: InboundBatch, first: number, output: TickOutput): void {
    if (this.socket !== null) this.replies.onReplies(this, batch, first, output);
  }

  onFailed(batch: InboundBatch, first: number): void {
    this.replies.onFailed(this, batch, first);
  }

  /** For a client that does not read, or not as fast as there is to tell. */
  closeAsSlow(): void {
    this.close(CloseCode.SLOW_CONSUMER, "slow consumer");
  }
}
