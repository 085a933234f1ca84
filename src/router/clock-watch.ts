/**
 * Watches the clock that ticks are stamped with. Once a second it compares the wall clock with the monotonic one,
 * which nobody can set, and with the last tick's time, which never goes back:
 *
 * ```
 *   wall clock      ──┬──────┐               ┌── jumped: the two clocks went apart within a second
 *   monotonic clock ──┴──────┴───────────────┴──
 *   last tick       ─────────────────── ahead: stamped while the wall clock was wrong
 * ```
 */
import { elapsed } from "../lib/elapsed.ts";
import type { Log } from "../lib/log.ts";

const WATCH_INTERVAL_MS = 1000;

/** A correction of the wall clock by less is no jump. */
const JUMP_MS = 3000;

/** How long a jump is reported, unless the clock jumps back earlier. */
const JUMP_TOLD_MS = 3_600_000;

export interface ClockWatchParts {
  /** The last tick's time, milliseconds since 1970; 0 before the first. */
  stamped(): number;
  log: Log;
  /** The wall clock, milliseconds since 1970. */
  now?: () => number;
  /** The monotonic clock, milliseconds. */
  elapsed?: () => number;
}

export class ClockWatch {
  readonly #stamped: () => number;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #elapsed: () => number;
  /** How far the wall clock is ahead of the monotonic clock: at the start, and at the last look. */
  readonly #firstOffset: number;
  #offset: number;
  /** `at`: milliseconds of the monotonic clock. */
  #jump: { milliseconds: number; at: number } | null = null;
  #isAhead = false;
  #timer: Timer | null = null;

  constructor(parts: ClockWatchParts) {
    this.#stamped = parts.stamped;
    this.#log = parts.log;
    this.#now = parts.now ?? Date.now;
    this.#elapsed = parts.elapsed ?? elapsed;
    this.#firstOffset = this.#now() - this.#elapsed();
    this.#offset = this.#firstOffset;
  }

  /** Looks now, and from now on once a second. */
  start(): void {
    this.check();
    this.#timer = setInterval(() => this.check(), WATCH_INTERVAL_MS);
    // A process with nothing else to do is not kept alive.
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  check(): void {
    this.#lookForJump();
    this.#lookAhead();
  }

  /** By how many milliseconds the last tick's time is ahead of the wall clock; 0 when it is by JUMP_MS at most. */
  ahead(): number {
    const ahead = this.#stamped() - this.#now();
    return ahead > JUMP_MS ? ahead : 0;
  }

  /** What is wrong with the clock and what to do about it; null when nothing is. */
  reason(): string | null {
    const ahead = this.ahead();
    if (ahead > 0) {
      return (
        `the journal's time is ${seconds(ahead)} s ahead of the wall clock and never goes back: orders are stamped with it, and ` +
        "a GTD order must expire after it. If the wall clock is wrong, set it; if it is right, wait until it has caught up"
      );
    }
    if (this.#jump === null) return null;
    const { milliseconds } = this.#jump;
    const direction = milliseconds > 0 ? "forward" : "back";
    const cause = milliseconds > 0 ? "it was set, or the machine was suspended" : "it was set";
    return `the wall clock jumped ${direction} by ${seconds(Math.abs(milliseconds))} s: ${cause}. Check that it is right`;
  }

  #lookForJump(): void {
    const offset = this.#now() - this.#elapsed();
    const moved = offset - this.#offset;
    this.#offset = offset;
    if (Math.abs(moved) > JUMP_MS) {
      const isBack = Math.abs(offset - this.#firstOffset) <= JUMP_MS;
      this.#jump = isBack ? null : { milliseconds: moved, at: this.#elapsed() };
      this.#log.warn({ milliseconds: Math.round(moved) }, "the wall clock jumped");
    } else if (this.#jump !== null && this.#elapsed() - this.#jump.at > JUMP_TOLD_MS) {
      this.#jump = null;
    }
  }

  /** Logs once when the last tick's time is ahead of the wall clock, and once when it no longer is. */
  #lookAhead(): void {
    const ahead = this.ahead();
    if (ahead > 0 === this.#isAhead) return;
    this.#isAhead = ahead > 0;
    if (this.#isAhead) {
      this.#log.warn(
        { aheadMs: Math.round(ahead), stamped: new Date(this.#stamped()).toISOString() },
        "the journal's time is ahead of the wall clock",
      );
    } else {
      this.#log.info({}, "the wall clock has reached the journal's time");
    }
  }
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 1000);
}
