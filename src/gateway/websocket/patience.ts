/**
 * Closes connections that get too many refusals, because a client that goes on regardless costs time for nothing. The
 * refusals of all connections of a user, or of an address without a login, count together, so that many connections get no
 * more than one. A connection with few refusals of its own stays open, whatever the others do.
 */

import { CloseCode } from "../../protocol/close-codes.ts";
import type { Caller } from "../../trading/caller.ts";
import type { RefusedFrames, Session } from "./session.ts";

/**
 * A connection is closed after more than `REFUSALS_MAX` refusals within a window, or after more than `OWN_MIN` when all
 * connections of its user together have more than `REFUSALS_MAX`.
 */
const REFUSALS_MAX = 1000;
const OWN_MIN = 32;
/** Length of a window, milliseconds. */
const WINDOW_MS = 1000;

type Window = Pick<RefusedFrames, "since" | "count">;

export class Patience {
  readonly #monotonic: () => number;
  /** The present window of each user, or of each address without a login. */
  readonly #ofCallers = new WeakMap<Caller["limits"], Window>();

  /** `monotonic`: milliseconds of a clock that never goes back. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Counts a refusal of this weight, and closes the connection when it has too many. */
  spend(session: Session, weight: number): void {
    const own = this.refusedOf(session);
    const { limits } = session.caller;
    const all = this.#ofCallers.get(limits) ?? { since: own.since, count: 0 };
    this.#ofCallers.set(limits, all);
    this.#renew(all);
    own.count += weight;
    all.count += weight;
    if (own.count <= REFUSALS_MAX && (all.count <= REFUSALS_MAX || own.count <= OWN_MIN)) return;
    session.close(CloseCode.BEYOND_LIMIT, "went on beyond the limit");
  }

  /** The refusals of a connection in the present window. */
  refusedOf(session: Session): RefusedFrames {
    session.refused ??= { since: this.#monotonic(), count: 0, told: 0 };
    if (this.#renew(session.refused)) session.refused.told = 0;
    return session.refused;
  }

  /** Begins another window if the present one is over. Returns whether it did. */
  #renew(window: Window): boolean {
    const now = this.#monotonic();
    if (now - window.since < WINDOW_MS) return false;
    window.since = now;
    window.count = 0;
    return true;
  }
}
