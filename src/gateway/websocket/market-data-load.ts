/**
 * Counts the frames on each user's topics. When there are more than his `market_data_per_second`, all of his
 * connections move to conflated topics, and back when there have been far fewer for some seconds. Connections without a
 * login have no such limit.
 */
import type { CoreView } from "../../core/view.ts";
import type { Clocks } from "../../lib/clocks.ts";
import { pushFrame } from "../../protocol/envelope.ts";
import type { PushData } from "../../protocol/schemas.ts";
import { exchangeTime } from "../../router/sequencer.ts";
import type { Caller } from "../../trading/caller.ts";
import type { Counters } from "../counters.ts";
import type { Session } from "./session.ts";
import type { Subscriptions } from "./subscriptions.ts";

const SECOND_MS = 1000;
/** How many topics are looked at in one slice. */
const TOPICS_AT_ONCE = 4096;
/** After so many seconds below half of the limit, a user gets every change again. */
const CALM_SECONDS = 5;

const MESSAGES = {
  conflated:
    "Your topics carry more than market_data_per_second: book, depth and bbo now tell the latest state once a second",
  exact: "book, depth and bbo tell every change again",
} as const;

/** Shared by all callers of a user. */
type UserLimits = Caller["limits"];

interface UserLoad {
  /** Frames a second, of all of the user's connections. */
  frames: number;
  sessions: Session[];
}

interface Conflated {
  calmSeconds: number;
}

export interface MarketDataLoadParts extends Clocks {
  subscriptions: Subscriptions;
  counters: Counters;
  view: CoreView;
}

export class MarketDataLoad {
  readonly #parts: MarketDataLoadParts;
  /** Users on conflated topics. */
  readonly #conflated = new Map<UserLimits, Conflated>();
  #pass: Iterator<void> | null = null;
  #passedAt = 0;

  constructor(parts: MarketDataLoadParts) {
    this.#parts = parts;
  }

  /** Call it several times a second. It looks at all sessions in slices, at most once a second. */
  look(sessions: ReadonlySet<Session>): void {
    if (this.#pass === null) {
      const now = this.#parts.monotonic();
      if (now - this.#passedAt < SECOND_MS) return;
      this.#passedAt = now;
      this.#pass = this.#lookAt([...sessions]);
    }
    if (this.#pass.next().done) this.#pass = null;
  }

  *#lookAt(sessions: readonly Session[]): Generator<void, void> {
    const loads = new Map<UserLimits, UserLoad>();
    let topics = 0;
    for (const session of sessions) {
      const { caller, subscriptions } = session;
      if (caller.user === null || subscriptions === null) continue;
      const load = loads.get(caller.limits) ?? { frames: 0, sessions: [] };
      loads.set(caller.limits, load);
      load.frames += this.#parts.subscriptions.carried(session);
      load.sessions.push(session);
      topics += subscriptions.size;
      if (topics < TOPICS_AT_ONCE) continue;
      topics = 0;
      yield;
    }
    for (const user of this.#conflated.keys()) if (!loads.has(user)) this.#conflated.delete(user);
    this.#parts.counters.conflated = 0;
    for (const [user, { frames, sessions }] of loads) {
      const isConflated = this.#isConflated(user, frames);
      if (isConflated) this.#parts.counters.conflated += sessions.length;
      for (const session of sessions) this.#move(session, isConflated);
    }
  }

  /** Whether the user is to be on conflated topics. */
  #isConflated(user: UserLimits, frames: number): boolean {
    const limit = user.limits.market_data_per_second;
    const conflated = this.#conflated.get(user);
    if (conflated === undefined) {
      if (frames > limit) this.#conflated.set(user, { calmSeconds: 0 });
      return frames > limit;
    }
    conflated.calmSeconds = frames <= limit / 2 ? conflated.calmSeconds + 1 : 0;
    if (conflated.calmSeconds >= CALM_SECONDS) this.#conflated.delete(user);
    return conflated.calmSeconds < CALM_SECONDS;
  }

  #move(session: Session, isConflated: boolean): void {
    if (session.isConflated === isConflated) return;
    const { subscriptions, view } = this.#parts;
    const timestamp = exchangeTime(this.#parts);
    subscriptions.move(session, isConflated, () => {
      const event = isConflated ? "conflated" : "exact";
      const message = MESSAGES[event];
      const data: PushData<"status"> = { event, message, timestamp, tick: view.tick() };
      session.send(pushFrame(session.encoding, "status", data));
    });
  }
}
