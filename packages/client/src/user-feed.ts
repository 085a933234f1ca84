/**
 * The events of the account: each once and in order, across connections and crashes of the exchange.
 *
 * ```
 *  connection ─► snapshot as of event n ─┬─ nothing known: it is the start, n + 1, n + 2, …
 *                                        ├─ n is less than the last one known: a new start
 *                                        └─ else user_data.resume from the last one known
 *                                             ├─ it is the same: go on after it
 *                                             ├─ it came later: a new start with the snapshot
 *                                             └─ 41001: events are lost, the next snapshot is a new start
 * ```
 *
 * An exchange that was restored to an earlier moment gives the numbers of the events that it lost to others. So the last
 * event known is asked for again: an event that came later than what is known is of another history.
 */
import { isExchangeError, isPassing } from "./errors.ts";
import type { BalancePush, OrderPush, PositionPush, SnapshotPush } from "./messages.ts";
import type { RpcSocket } from "./rpc-socket.ts";

/**
 * `event` says which kind it is. A "snapshot" is a new start: it includes all earlier events, except those that
 * are lost.
 */
export type UserEvent = SnapshotPush | OrderPush | BalancePush | PositionPush;

export interface UserListener {
  push(event: UserEvent): void;
  /** Told whether the pushed events give the present state of the account. */
  onLive(isLive: boolean): void;
}

const RETRY_MS = 1_000;

export class UserFeed {
  readonly #timeoutMs: number;
  readonly #listener: UserListener;
  #socket: RpcSocket | undefined;
  /** The snapshot of this connection. */
  #snapshot: SnapshotPush | undefined;
  /** The last event that was pushed; undefined before the first. */
  #seq: number | undefined;
  /** The exchange's time of the last event or snapshot that was pushed. */
  #timestamp = 0;
  /** Whether it is still to be seen on this connection that the last event known is the exchange's event of that number. */
  #isDoubted = false;
  #isResuming = false;
  #isLive = false;
  /** The feed is live when this event has been pushed. */
  #liveAt = Number.POSITIVE_INFINITY;

  /**
   * `fromSeq`: number of the first wanted event, 0 or 1 for all events. Without it the feed begins with a
   * snapshot.
   */
  constructor(timeoutMs: number, listener: UserListener, fromSeq?: number) {
    this.#timeoutMs = timeoutMs;
    this.#listener = listener;
    this.#seq = fromSeq === undefined ? undefined : Math.max(0, fromSeq - 1);
  }

  onConnect(): void {
    this.onLost();
    this.#snapshot = undefined;
    // Of the event before `fromSeq` nothing is known that could be compared.
    this.#isDoubted = (this.#seq ?? 0) > 0 && this.#timestamp > 0;
  }

  onLost(): void {
    this.#socket = undefined;
    this.#isResuming = false;
    this.#liveAt = Number.POSITIVE_INFINITY;
    this.#setLive(false);
  }

  onOpen(socket: RpcSocket): void {
    this.#socket = socket;
    this.#begin();
  }

  onPush(stream: string, data: unknown): void {
    if (stream !== "user_data") return;
    const event = data as UserEvent;
    if (event.event !== "snapshot") return this.#onEvent(event);
    // A user's own account comes first.
    if (this.#snapshot !== undefined) return;
    this.#snapshot = event;
    this.#begin();
  }

  /**
   * Goes on from the snapshot of this connection, as soon as there is one. Missing events are asked for when
   * the line is open.
   */
  #begin(): void {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return;
    const seq = this.#seq;
    // If the exchange has not come to the last known event, it has lost that part of the history.
    if (seq === undefined || snapshot.seq < seq) {
      this.#start(snapshot);
      this.#setLive(true);
    } else if (snapshot.seq === seq && !this.#isDoubted) {
      this.#setLive(true);
    } else if (this.#socket !== undefined && !this.#isLive) {
      void this.#resume(this.#socket, seq);
    }
  }

  /** Pushes the snapshot of this connection in place of everything that is known. */
  #start(snapshot: SnapshotPush): void {
    this.#isDoubted = false;
    this.#seq = snapshot.seq;
    this.#timestamp = snapshot.timestamp;
    this.#listener.push(snapshot);
  }

  #onEvent(event: Exclude<UserEvent, SnapshotPush>): void {
    const seq = this.#seq;
    if (seq === undefined || event.seq < seq) return;
    if ("account_id" in event && event.account_id !== this.#snapshot?.account_id) return;
    if (this.#isDoubted) {
      // Later events are sent again after this one.
      if (event.seq === seq) this.#compare(event);
    } else if (event.seq === seq + 1) {
      this.#seq = event.seq;
      this.#timestamp = event.timestamp;
      this.#listener.push(event);
      if (event.seq >= this.#liveAt) this.#setLive(true);
    } else if (event.seq > seq && this.#isLive && this.#socket !== undefined) {
      this.#liveAt = Number.POSITIVE_INFINITY;
      this.#setLive(false);
      void this.#resume(this.#socket, seq);
    }
  }

  /** Compares the last event known with the exchange's event of that number. */
  #compare({ seq, timestamp }: Exclude<UserEvent, SnapshotPush>): void {
    this.#isDoubted = false;
    const isOther = timestamp > this.#timestamp;
    if (isOther && this.#snapshot !== undefined) this.#start(this.#snapshot);
    if ((this.#seq ?? seq) >= this.#liveAt) this.#setLive(true);
  }

  /** Asks for the events after `seq`, the last one known, and for that one too while it is in doubt. */
  async #resume(socket: RpcSocket, seq: number): Promise<void> {
    if (this.#isResuming) return;
    this.#isResuming = true;
    try {
      const params = { from_seq: this.#isDoubted ? seq : seq + 1 };
      const { last_seq: last } = await socket.request("user_data.resume", params, this.#timeoutMs);
      if (socket !== this.#socket) return;
      this.#liveAt = last;
      if (!this.#isDoubted && (this.#seq ?? 0) >= last) this.#setLive(true);
    } catch (error) {
      if (socket === this.#socket) this.#onRefused(socket, error);
    } finally {
      if (socket === this.#socket) this.#isResuming = false;
    }
  }

  #onRefused(socket: RpcSocket, error: unknown): void {
    if (isPassing(error)) {
      const again = () => socket === this.#socket && !this.#isLive && this.#begin();
      setTimeout(again, error.retryAfterMs ?? RETRY_MS);
      return;
    }
    // The missing events are lost. A new connection begins with its snapshot.
    if (isExchangeError(error, "REPLAY_UNAVAILABLE", "INVALID_PARAMETER")) this.#seq = undefined;
    socket.close();
  }

  #setLive(isLive: boolean): void {
    if (isLive === this.#isLive) return;
    this.#isLive = isLive;
    this.#listener.onLive(isLive);
  }
}
