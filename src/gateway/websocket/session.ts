/**
 * One WebSocket connection: whose it is, and how to send to it. The object is small, because there may be many connections,
 * of which most are idle.
 */
import type { ServerWebSocket } from "bun";
import type { TickOutput } from "../../core/tick-output.ts";
import type { MarketTopic } from "../../market-data/broadcaster.ts";
import { CloseCode } from "../../protocol/close-codes.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import type { Endpoint } from "../../protocol/schemas.ts";
import type { InboundBatch, ReplyTo } from "../../router/inbound-ring.ts";
import type { Caller } from "../../trading/caller.ts";
import type { Login } from "../../trading/login.ts";
import type { TokenBucket } from "../../trading/token-bucket.ts";
import { type EndReason, ownReason } from "./end-reason.ts";
import { COMPRESSED_BYTES_MIN } from "./publisher.ts";
import type { UserDataGroup } from "./user-data-group.ts";

export type Socket = ServerWebSocket<Session>;

/** Writes the answers to a connection's orders. */
export interface OrderReplies {
  /** Called when the tick is durable: with the outcome of record `first` and of those linked to it by `batch.next`. */
  onReplies(session: Session, batch: InboundBatch, first: number, output: TickOutput): void;
  /** Called when the batch could not be made durable: none of its commands counts. */
  onFailed(session: Session, batch: InboundBatch, first: number): void;
}

/** The account whose events a connection gets, and how far it is. */
export interface HeardAccount {
  readonly account: number;
  /** The group with which it gets new events; null while it catches up. */
  group: UserDataGroup<Session> | null;
  /** Number of the next event to send while it catches up. */
  next: number;
  /** Whether a slice is about to be written. */
  isScheduled: boolean;
}

/** Refusals of a connection in the present window. */
export interface RefusedFrames {
  /** When the window began, on a clock that never goes back. */
  since: number;
  count: number;
  /** How many refused frames were answered. */
  told: number;
}

/** What has come on a connection since the last look at it. */
export interface Heard {
  frames: number;
  bytes: number;
  /** Whether a whole message was among it. */
  hasMessage: boolean;
}

/** The members that are null at first belong each to one part of the gateway, which sets them when it needs them. */
export class Session implements ReplyTo {
  batch = 0;
  last = -1;
  /** Null before the connection is open and after its end. */
  socket: Socket | null = null;
  login: Login | null = null;
  /** The account that the upgrade named: that of logins that name none. Null: it named none. */
  account: string | null = null;
  /** Why the exchange has ended the connection; null when it has not. */
  ended: EndReason | null = null;
  /**
   * Accounts whose open orders are cancelled when the connection ends, each with the number of the user who asked for it.
   * Null as long as nobody has asked.
   */
  cancelsOnDisconnect: Map<number, number> | null = null;
  /** Refusals in the present window; null before the first. */
  refused: RefusedFrames | null = null;
  /** Frames that were accepted although the address had nothing left. */
  graceFrames = 0;
  /** Sweeps since the last frame that came. */
  silentSweeps = 0;
  /** Sweeps since the client last read something, while more bytes wait for it than may. */
  unreadSweeps = 0;
  /** The client's address and port, as `peerKey` writes them; null when they are not known. */
  peer: string | null = null;
  /** The descriptor at which the last look found the connection; -1 before that. */
  descriptor = -1;
  /** Whether the client may send compressed frames. */
  isCompressed = false;
  readonly heard: Heard = { frames: 0, bytes: 0, hasMessage: false };
  /** Bytes that the system has received on the connection, and bytes of an unfinished message, both as of the last look. */
  received = 0;
  halfRead = 0;
  /** Limits wrong logins; null before the first. */
  loginFailures: TokenBucket | null = null;
  /** The connection's shard for market data, while it is open. */
  shard = 0;
  /** Topics of market data, by the names that clients use. */
  subscriptions: Map<string, MarketTopic> | null = null;
  /** Whether it gets conflated topics, where there are such, because its user's topics carry more than his limit. */
  isConflated = false;
  /** Topics that it has subscribed to and whose present state it will be sent. */
  joining: MarketTopic[] | null = null;
  /** The account whose `user_data` it gets, that of its login; null before the snapshot. */
  listening: HeardAccount | null = null;

  /**
   * `encoding` is that of pushes. `openedAt`: milliseconds of a clock that never goes back. `caller` is who asks and pays for
   * each frame; a caller without a login until somebody has logged in.
   */
  constructor(
    readonly endpoint: Endpoint,
    readonly encoding: Encoding,
    readonly address: string,
    readonly openedAt: number,
    public caller: Caller,
    private readonly replies: OrderReplies,
  ) {}

  /** Sends a text frame. A client that does not read is closed, so that it does not miss frames without knowing it. */
  sendText(frame: string): void {
    if (this.socket !== null && this.socket.sendText(frame) === 0) this.closeAsSlow();
  }

  /** Sends a binary frame. The bytes are copied before this returns. */
  sendBinary(frame: Uint8Array): void {
    if (this.socket !== null && this.socket.sendBinary(frame) === 0) this.closeAsSlow();
  }

  send(frame: string | Uint8Array): void {
    if (typeof frame === "string") this.sendText(frame);
    else this.sendBinary(frame);
  }

  /** As `send`, for a frame that everybody may know: it is compressed when it is long and the client has asked for that. */
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

  /** Bytes that are kept for the client: those that it has not read yet, and those of an unfinished message. */
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

  /** Closes the connection of a client that does not read, or reads too slowly. */
  closeAsSlow(): void {
    this.close(CloseCode.SLOW_CONSUMER, "slow consumer");
  }
}
