/**
 * The `user_data` stream: what happens to an account, for the connections of its user that listen.
 *
 * ```
 *  login ─► snapshot as of event n ─► n + 1, n + 2, … live
 *  resume from k ─► answer ─► k … from the records, in slices ─► caught up: live again
 * ```
 *
 * Live events are published to a topic of the account. A connection that catches up is not subscribed to it: it reads
 * also the new events from the records, so that it gets each event once.
 */
import { EventKind } from "../../core/event.ts";
import type { TickOutput, TickStage } from "../../core/tick-output.ts";
import type { CoreView } from "../../core/view.ts";
import type { TickLoop } from "../../execution/tick-loop.ts";
import { type Publish, Topics } from "../../market-data/topics.ts";
import { pushFrame } from "../../protocol/envelope.ts";
import { accountName } from "../../protocol/names.ts";
import type { PushData } from "../../protocol/schemas.ts";
import type { AccountStreams } from "../../records/account-streams.ts";
import { cashOf, positionsOf } from "../../trading/account-queries.ts";
import { betweenTicks } from "../../trading/durable-reads.ts";
import { newestOpenOrders } from "../../trading/order-queries.ts";
import { CloseCode } from "./close-code.ts";
import type { HeardAccount, Session } from "./session.ts";
import { UserDataEvents } from "./user-data-events.ts";

/** Events that are written at once to a connection that catches up. */
const SLICE_EVENTS = 64;
/** Events of an account in a tick that are published at once. With more, its listeners catch up from the records. */
const PUBLISHED_MAX = 512;
/**
 * How many of the oldest kept events a listener skips, when it catches up and the records do not have the whole tick.
 */
const HEADROOM = 512;
/** With more unread bytes a connection that catches up has to read first. Far fewer than count as slow. */
const UNREAD_BYTES_MAX = 32 * 1024;

export interface UserDataParts {
  view: CoreView;
  streams: AccountStreams;
  loop: Pick<TickLoop, "read" | "isAhead">;
  publish: Publish;
}

export class UserData implements TickStage {
  readonly #parts: UserDataParts;
  readonly #events: UserDataEvents;
  /** By account: those who hear it live. */
  readonly #topics: Topics;
  /** By account that is heard live: the last event that was told. */
  readonly #told = new Map<number, number>();
  /** By account that is heard live: who hears it. */
  readonly #live = new Map<number, Set<Session>>();

  constructor(parts: UserDataParts) {
    this.#parts = parts;
    this.#events = new UserDataEvents(parts.streams);
    this.#topics = new Topics(parts.publish, "user", parts.view.accountsMax);
  }

  onTick({ events }: TickOutput): void {
    if (this.#topics.isSilent) return;
    const end = events.end();
    for (let e = 0; e < end; e = events.next(e)) {
      // Every account with an event in the tick has a CASH at the end of it.
      if (events.kind(e) !== EventKind.CASH) continue;
      const account = events.holdingAccount(e);
      if (this.#topics.isHeard(account)) this.#publish(account);
    }
  }

  /**
   * Publishes the new events of an account to its listeners. When these are many, the listeners catch up in slices
   * instead. One tick may have more events of an account than are kept: then the first of them are left out, and the
   * gap in `seq` shows it.
   */
  #publish(account: number): void {
    const { streams } = this.#parts;
    const told = this.#told.get(account) ?? streams.lastSeq(account);
    if (told === streams.lastSeq(account)) return;
    const oldest = streams.oldestSeq(account);
    const from = Math.max(told + 1, oldest);
    if (streams.lastSeq(account) - from >= PUBLISHED_MAX) {
      // While they catch up the oldest events are forgotten.
      const first = told + 1 < oldest ? oldest + HEADROOM : from;
      for (const session of [...(this.#live.get(account) ?? [])]) {
        this.replay(session, account, first);
      }
      return;
    }
    this.#told.set(account, streams.lastSeq(account));
    streams.replay(account, from, (seq, at) => {
      this.#topics.publish(account, (encoding) => this.#events.encode(account, seq, at, encoding));
      return true;
    });
  }

  /** The session has logged in: it hears all accounts of its user, beginning with how they stand. */
  join(session: Session): void {
    const { loop } = this.#parts;
    const { caller } = session;
    betweenTicks(loop, () => {
      // After a failure of the journal nothing more will come.
      if (session.socket !== null && session.caller === caller && !loop.isAhead) {
        this.#join(session);
      }
    });
  }

  #join(session: Session): void {
    for (const account of session.login?.caller.user.accounts ?? []) {
      const snapshot = this.#snapshot(account);
      session.send(pushFrame(session.encoding, "user_data", snapshot));
      const heard = { account, next: 0, isScheduled: false };
      session.accounts ??= [];
      session.accounts.push(heard);
      this.#listen(session, heard);
    }
  }

  #snapshot(account: number): PushData<"snapshot"> {
    const { view, streams } = this.#parts;
    return {
      event: "snapshot",
      account_id: accountName(account),
      seq: streams.lastSeq(account),
      cash: cashOf(view, account),
      positions: positionsOf(view, account),
      ...newestOpenOrders(view, account),
      timestamp: view.timestamp(),
      tick: view.tick(),
    };
  }

  /** The session is gone, or another user's: it hears nothing more. */
  leave(session: Session): void {
    for (const heard of session.accounts ?? []) {
      if (heard.next === 0) this.#unlisten(session, heard);
    }
    session.accounts = null;
  }

  /** Tells the session the account's events from `from` on, which can still be read, and then goes on live. */
  replay(session: Session, account: number, from: number): void {
    session.accounts ??= [];
    let heard = session.accounts.find((each) => each.account === account);
    if (heard === undefined) {
      heard = { account, next: from, isScheduled: false };
      session.accounts.push(heard);
    } else if (heard.next === 0) {
      this.#unlisten(session, heard);
    }
    heard.next = from;
    this.#catchUp(session, heard);
  }

  /** The client has read what was waiting for it. */
  onDrain(session: Session): void {
    for (const heard of session.accounts ?? []) {
      if (heard.next !== 0 && !heard.isScheduled) this.#catchUp(session, heard);
    }
  }

  /** Writes a slice; then the next one is due, or the client has to read first, or it has caught up. */
  #catchUp(session: Session, heard: HeardAccount): void {
    const { streams } = this.#parts;
    const { account } = heard;
    // It read more slowly than the events come.
    if (heard.next < streams.oldestSeq(account)) {
      return session.close(CloseCode.SLOW_CONSUMER, "slow consumer");
    }
    session.cork(() => this.#writeSlice(session, heard));
    if (session.socket === null) return;
    if (heard.next > streams.lastSeq(account)) {
      heard.next = 0;
      return this.#listen(session, heard);
    }
    if (session.buffered() > UNREAD_BYTES_MAX || heard.isScheduled) return;
    heard.isScheduled = true;
    setImmediate(() => {
      heard.isScheduled = false;
      const isHeard = session.socket !== null && session.accounts?.includes(heard);
      if (isHeard && heard.next !== 0) this.#catchUp(session, heard);
    });
  }

  #writeSlice(session: Session, heard: HeardAccount): void {
    const { account } = heard;
    let left = SLICE_EVENTS;
    heard.next = this.#parts.streams.replay(account, heard.next, (seq, at) => {
      session.send(this.#events.encode(account, seq, at, session.encoding));
      return --left > 0;
    });
  }

  #listen(session: Session, { account }: HeardAccount): void {
    const { socket, encoding } = session;
    if (!this.#topics.isHeard(account)) {
      this.#told.set(account, this.#parts.streams.lastSeq(account));
    }
    socket?.subscribe(this.#topics.join(account, encoding));
    const live = this.#live.get(account) ?? new Set();
    this.#live.set(account, live.add(session));
  }

  #unlisten(session: Session, { account }: HeardAccount): void {
    const { socket, encoding } = session;
    this.#live.get(account)?.delete(session);
    socket?.unsubscribe(this.#topics.leave(account, encoding));
    if (this.#topics.isHeard(account)) return;
    this.#told.delete(account);
    this.#live.delete(account);
  }
}
