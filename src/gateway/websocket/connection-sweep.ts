/**
 * Looks over the open connections ten times a second, and ends those that may not stay: those without a login in time, or
 * whose login has expired, those whose peers are gone, and those that do not read.
 */
import type { Clocks } from "../../lib/clocks.ts";
import { CloseCode } from "../../protocol/close-codes.ts";
import { endOf } from "../../trading/login.ts";
import { STRANGER_FRAME_BYTES_MAX } from "./frame-gate.ts";
import type { Session } from "./session.ts";

/** How often connections should be looked over, milliseconds. */
export const SWEEP_INTERVAL_MS = 100;

export interface SweepLimits {
  loginTimeoutMs: number;
  /** Whether market data needs no login. */
  anonymousMarketData: boolean;
  /** A connection with more unread bytes is slow. */
  backpressureLimitBytes: number;
  /** How long a slow connection may go without reading anything. */
  slowConsumerMs: number;
  /**
   * Bytes of all connections together that clients have not read, or of messages that are not complete. Above it, the
   * connections with the most are closed.
   */
  bufferBytesTotal: number;
  /** A client that is silent for so many milliseconds is pinged, and after twice as long given up. */
  heartbeatIntervalMs: number;
}

export interface SweepParts extends Clocks {
  limits: SweepLimits;
}

/**
 * How many bytes of an unfinished message a client without a login may have sent: a longest frame, and room for
 * characters of several bytes and for messages that came since the last look.
 */
const STRANGER_HALF_READ_MAX = 4 * STRANGER_FRAME_BYTES_MAX;

export class ConnectionSweep {
  readonly #parts: SweepParts;
  readonly #heartbeatSweeps: number;
  readonly #slowSweeps: number;
  /**
   * Bytes that clients have not read, and bytes of messages that are not complete, of all connections, as of the last sweep.
   */
  unreadBytes = 0;
  halfReadBytes = 0;

  constructor(parts: SweepParts) {
    this.#parts = parts;
    this.#heartbeatSweeps = Math.ceil(parts.limits.heartbeatIntervalMs / SWEEP_INTERVAL_MS);
    this.#slowSweeps = Math.ceil(parts.limits.slowConsumerMs / SWEEP_INTERVAL_MS);
  }

  sweep(sessions: ReadonlySet<Session>): void {
    const { limits, now, monotonic } = this.#parts;
    const time = now();
    const latest = monotonic() - limits.loginTimeoutMs;
    let unread = 0;
    let halfRead = 0;
    for (const session of sessions) {
      if (this.#isOver(session, time, latest)) continue;
      if (this.#isGone(session) || this.#isFlooding(session)) continue;
      unread += this.#unread(session);
      halfRead += session.halfRead;
    }
    this.unreadBytes = unread;
    this.halfReadBytes = halfRead;
    const owed = unread + halfRead;
    if (owed > limits.bufferBytesTotal) this.#closeDebtors(sessions, owed);
  }

  #isOver(session: Session, time: number, latest: number): boolean {
    const { login } = session;
    const end = login === null ? null : endOf(login);
    if (end !== null && time >= end) {
      const what = end === login?.expiresAt ? "session" : "API key";
      session.close(CloseCode.KEY_REVOKED, `${what} expired`);
      return true;
    }
    if (session.openedAt >= latest || this.#mayStay(session)) return false;
    session.close(CloseCode.NO_LOGIN, "no login in time");
    return true;
  }

  #mayStay({ login, endpoint }: Session): boolean {
    if (login !== null) return true;
    return endpoint === "market-data" && this.#parts.limits.anonymousMarketData;
  }

  /**
   * Ends a connection whose peer is gone, and returns whether it did. A peer counts as alive while something comes from it.
   * What we send proves nothing.
   */
  #isGone(session: Session): boolean {
    session.silentSweeps++;
    if (session.silentSweeps === this.#heartbeatSweeps) session.ping();
    if (session.silentSweeps < this.#heartbeatSweeps * 2) return false;
    session.terminate("gone");
    return true;
  }

  /** Ends the connection of a client without a login whose message is already too long. Returns whether it did. */
  #isFlooding(session: Session): boolean {
    if (session.login !== null || session.halfRead <= STRANGER_HALF_READ_MAX) return false;
    session.terminate("half_read");
    return true;
  }

  /** Bytes that the client has not read; 0 when the connection was closed for that. */
  #unread(session: Session): number {
    const unread = session.buffered();
    if (unread <= this.#parts.limits.backpressureLimitBytes) {
      session.unreadSweeps = 0;
      return unread;
    }
    session.unreadSweeps++;
    if (session.unreadSweeps < this.#slowSweeps) return unread;
    session.closeAsSlow();
    return 0;
  }

  /** Closes the connections with the most bytes until the others are within the total. */
  #closeDebtors(sessions: ReadonlySet<Session>, owed: number): void {
    const debtors = [...sessions]
      .map((session) => ({ session, bytes: session.owed() }))
      .sort((a, b) => b.bytes - a.bytes);
    let left = owed;
    for (const { session, bytes } of debtors) {
      if (left <= this.#parts.limits.bufferBytesTotal) break;
      left -= bytes;
      this.unreadBytes -= session.buffered();
      this.halfReadBytes -= session.halfRead;
      this.#closeDebtor(session);
    }
  }

  /**
   * Closes a connection with many bytes. It is ended without a reason when most of these are of an unfinished message: the
   * client would not read the reason, and the memory of the message is freed only with the connection.
   */
  #closeDebtor(session: Session): void {
    if (session.halfRead <= session.buffered()) {
      return session.closeAsSlow();
    }
    session.terminate("half_read");
  }
}
