/**
 * The `user_data` stream: the events of an account, for the connections that have logged in for it on `/user-data`.
 *
 * ```
 *  login ─► snapshot as of event n, when it is paid for ─► n + 1, n + 2, … live
 *  resume from k ─► answer ─► k … from the records, in slices ─► caught up: live again
 * ```
 *
 * Live events are published to topics of the account (`user-data-group.ts`). A connection that catches up is subscribed to
 * none: it also gets the new events from the records, so that it gets each event once. When very much has to be written,
 * that takes several turns of the event loop, in which accounts take turns, so that ticks run in between.
 */
import { EventKind } from "../../core/event.ts";
import type { TickOutput, TickStage } from "../../core/tick-output.ts";
import type { CoreView } from "../../core/view.ts";
import type { TickLoop } from "../../execution/tick-loop.ts";
import type { MonotonicClock } from "../../lib/clocks.ts";
import { Turns } from "../../lib/turns.ts";
import type { Publish } from "../../market-data/topics.ts";
import { pushFrame } from "../../protocol/envelope.ts";
import { accountName } from "../../protocol/names.ts";
import { methods, type PushData } from "../../protocol/schemas.ts";
import { weightOf } from "../../protocol/weight.ts";
import type { AccountStreams } from "../../records/account-streams.ts";
import { cashOf, positionsOf } from "../../trading/account-queries.ts";
import { newestOpenOrders } from "../../trading/order-queries.ts";
import type { HeardAccount, Session } from "./session.ts";
import { SnapshotTurns } from "./snapshot-turns.ts";
import { UserDataEvents } from "./user-data-events.ts";
import { UserDataGroup } from "./user-data-group.ts";

/** How many events are written at once to a connection that catches up. */
const SLICE_EVENTS = 64;
/** How many events of an account in a tick are published at once. With more, its listeners catch up from the records. */
const PUBLISHED_MAX = 512;
/**
 * How many of the oldest kept events a listener skips, when it catches up and the records do not have the whole tick.
 */
const HEADROOM = 512;
/** The most events to listeners that are written in a turn of the event loop, and how many events one more socket counts as. */
const WRITTEN_MAX = 2048;
const SOCKET_WEIGHT = 8;
/** With more unread bytes, a connection that catches up has to read first. This is far less than a slow connection has. */
const UNREAD_BYTES_MAX = 32 * 1024;

export interface UserDataParts extends MonotonicClock {
  view: CoreView;
  streams: AccountStreams;
  loop: Pick<TickLoop, "read" | "isAhead">;
  publish: Publish;
  /** Runs in the next turn of the event loop. */
  nextTurn?(run: () => void): void;
  /** Runs `run` after so many milliseconds. */
  later?(run: () => void, ms: number): void;
}

export class UserData implements TickStage {
  readonly #parts: UserDataParts;
  readonly #events: UserDataEvents;
  readonly #snapshots: SnapshotTurns;
  /** Groups that get new events, by account. */
  readonly #groups = new Map<number, UserDataGroup<Session>[]>();
  #groupsMade = 0;
  /** Turns for writing, by account. */
  readonly #turns: Turns<number>;
  /** Events to listeners that were written since the start, with the weight of their sockets. */
  #written = 0;

  constructor(parts: UserDataParts) {
    this.#parts = parts;
    this.#events = new UserDataEvents(parts.streams);
    this.#snapshots = new SnapshotTurns({ ...parts, tell: (session) => this.#join(session) });
    this.#turns = new Turns({
      slice: WRITTEN_MAX,
      spent: () => this.#written,
      goOn: parts.nextTurn ?? setImmediate,
    });
  }

  onTick({ events }: TickOutput): void {
    if (this.#groups.size === 0) return;
    const end = events.end();
    for (let e = 0; e < end; e = events.next(e)) {
      // Every account with an event in the tick has a CASH at the end of it.
      if (events.kind(e) !== EventKind.CASH) continue;
      for (const group of this.#groups.get(events.holdingAccount(e)) ?? []) this.#tellInTurn(group);
    }
  }

  /** Sends all groups what they were not sent yet, because the exchange ends. */
  settle(): void {
    for (const groups of this.#groups.values()) {
      for (const group of groups) this.#tell(group);
    }
  }

  #tellInTurn(group: UserDataGroup<Session>): void {
    if (group.isDue || group.told === this.#parts.streams.lastSeq(group.account)) return;
    group.isDue = true;
    this.#inTurn(group.account, () => {
      group.isDue = false;
      this.#tell(group);
    });
  }

  #inTurn(account: number, job: () => void): void {
    if (!this.#turns.take(account, job)) job();
  }

  /**
   * Publishes the new events of its account to a group. When these are many, the listeners catch up in slices instead. One
   * tick may have more events of an account than are kept. Then the first ones are left out, which the gap in `seq` shows.
   */
  #tell(group: UserDataGroup<Session>): void {
    const { streams, publish } = this.#parts;
    const { account, told, listeners } = group;
    const last = streams.lastSeq(account);
    if (told === last) return;
    const oldest = streams.oldestSeq(account);
    const from = Math.max(told + 1, oldest);
    if (last - from >= PUBLISHED_MAX) {
      // The oldest events may be forgotten while the listeners catch up.
      const first = told + 1 < oldest ? oldest + HEADROOM : from;
      for (const session of [...listeners]) this.replay(session, account, first);
      return;
    }
    group.told = last;
    this.#written += listeners.size * (SOCKET_WEIGHT + last - from + 1);
    streams.replay(account, from, (seq, at) => {
      group.publish(publish, (encoding) => this.#events.encode(account, seq, at, encoding));
      return true;
    });
  }

  /** Called when the session has logged in. It gets a snapshot of the account that it logged in for, and then its events. */
  join(session: Session): void {
    this.#snapshots.join(session);
  }

  /**
   * Sends the snapshot. Returns its weight: as for as many rows of `orders.open`. After a failure of the journal nothing is
   * sent.
   */
  #join(session: Session): number {
    if (this.#parts.loop.isAhead) return 0;
    const account = session.login?.caller.account;
    if (account === undefined) return 0;
    // The session has asked for all events from one on before its snapshot was sent.
    if (session.listening !== null) return 0;
    const snapshot = this.#snapshot(account);
    session.send(pushFrame(session.encoding, "user_data", snapshot));
    const heard: HeardAccount = { account, group: null, next: 0, isScheduled: false };
    session.listening = heard;
    this.#listen(session, heard);
    const rows = snapshot.orders.length + snapshot.positions.length;
    return weightOf(methods["orders.open"].cost, { limit: rows }, 0);
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

  /** Called when the session is closed, or has logged in again: it gets no more events. */
  leave(session: Session): void {
    if (session.listening !== null) this.#unlisten(session, session.listening);
    session.listening = null;
  }

  /**
   * Sends the session the account's events from `from` on, which must still be kept, and then new ones. `account` is that of
   * the session's login: a connection tells one account, because the events of an order do not say whose it is.
   */
  replay(session: Session, account: number, from: number): void {
    session.listening ??= { account, group: null, next: from, isScheduled: false };
    const heard = session.listening;
    this.#unlisten(session, heard);
    heard.next = from;
    this.#catchUpInTurn(session, heard);
  }

  /** Called when the client has read all that waited for it. */
  onDrain(session: Session): void {
    const heard = session.listening;
    if (heard !== null && heard.group === null) this.#catchUpInTurn(session, heard);
  }

  #catchUpInTurn(session: Session, heard: HeardAccount): void {
    if (heard.isScheduled) return;
    heard.isScheduled = true;
    this.#inTurn(heard.account, () => {
      heard.isScheduled = false;
      const isHeard = session.socket !== null && session.listening === heard;
      if (isHeard && heard.group === null) this.#catchUp(session, heard);
    });
  }

  /** Writes a slice. Then the next one is due, or the client has to read first, or it has caught up. */
  #catchUp(session: Session, heard: HeardAccount): void {
    const { streams } = this.#parts;
    const { account } = heard;
    // The client reads more slowly than events come.
    if (heard.next < streams.oldestSeq(account)) {
      return session.closeAsSlow();
    }
    session.cork(() => this.#writeSlice(session, heard));
    if (session.socket === null) return;
    if (heard.next > streams.lastSeq(account)) return this.#listen(session, heard);
    if (session.buffered() <= UNREAD_BYTES_MAX) this.#catchUpInTurn(session, heard);
  }

  #writeSlice(session: Session, heard: HeardAccount): void {
    const { account } = heard;
    let left = SLICE_EVENTS;
    heard.next = this.#parts.streams.replay(account, heard.next, (seq, at) => {
      session.send(this.#events.encode(account, seq, at, session.encoding));
      return --left > 0;
    });
    this.#written += SOCKET_WEIGHT + SLICE_EVENTS - left;
  }

  #listen(session: Session, heard: HeardAccount): void {
    const { socket, encoding } = session;
    const { account } = heard;
    const last = this.#parts.streams.lastSeq(account);
    const groups = this.#groups.get(account) ?? [];
    let group = groups.find((each) => !each.isFull && each.told === last);
    if (group === undefined) {
      group = new UserDataGroup(account, `user/${account}/${++this.#groupsMade}`, last);
      this.#groups.set(account, groups);
      groups.push(group);
    }
    heard.group = group;
    socket?.subscribe(group.join(session, encoding));
  }

  #unlisten(session: Session, heard: HeardAccount): void {
    const { socket, encoding } = session;
    const { account, group } = heard;
    if (group === null) return;
    heard.group = null;
    socket?.unsubscribe(group.leave(session, encoding));
    if (group.listeners.size > 0) return;
    const left = (this.#groups.get(account) ?? []).filter((each) => each !== group);
    if (left.length === 0) this.#groups.delete(account);
    else this.#groups.set(account, left);
  }
}
