/**
 * Decides when clients that have logged in get their snapshot: at once, or when their user's weight bucket has something
 * left. The snapshot is charged to this bucket, so that many logins do not get for nothing what would be refused as a query.
 * A login itself never has to wait.
 */

import type { TickLoop } from "../../execution/tick-loop.ts";
import type { MonotonicClock } from "../../lib/clocks.ts";
import type { Caller } from "../../trading/caller.ts";
import { betweenTicks } from "../../trading/durable-reads.ts";
import { afterMs } from "./after-ms.ts";
import type { Session } from "./session.ts";

export interface SnapshotTurnsParts extends MonotonicClock {
  loop: Pick<TickLoop, "read">;
  /** Sends a connection its snapshot. Returns what that weighs. */
  tell(session: Session): number;
  later?(run: () => void, ms: number): void;
}

/** Shared by all connections of a user. */
type UserLimits = Caller["limits"];

interface Waiting {
  readonly session: Session;
  readonly caller: Caller;
}

export class SnapshotTurns {
  readonly #parts: SnapshotTurnsParts;
  /** Connections that wait, by user, in the order in which they came. */
  readonly #waiting = new Map<UserLimits, Waiting[]>();

  constructor(parts: SnapshotTurnsParts) {
    this.#parts = parts;
  }

  join(session: Session): void {
    const { caller } = session;
    const waiting = this.#waiting.get(caller.limits);
    if (waiting !== undefined) {
      waiting.push({ session, caller });
      return;
    }
    this.#waiting.set(caller.limits, [{ session, caller }]);
    this.#serve(caller.limits);
  }

  #serve(limits: UserLimits): void {
    const { loop, later = afterMs } = this.#parts;
    betweenTicks(loop, () => {
      const waiting = this.#waiting.get(limits) ?? [];
      const wait = this.#tellWaiting(waiting, limits);
      if (waiting.length > 0) later(() => this.#serve(limits), wait);
      else this.#waiting.delete(limits);
    });
  }

  /**
   * Sends snapshots to the connections that are still there, as long as the bucket has something left. Returns how many
   * milliseconds the others have to wait.
   */
  #tellWaiting(waiting: Waiting[], { weights }: UserLimits): number {
    const { monotonic, tell } = this.#parts;
    const now = monotonic();
    let wait = 0;
    let next = 0;
    for (const { session, caller } of waiting) {
      const isThere = session.socket !== null && session.caller === caller;
      wait = isThere ? weights.wait(now) : 0;
      if (wait > 0) break;
      if (isThere) weights.take(now, tell(session));
      next++;
    }
    waiting.splice(0, next);
    return wait;
  }
}
