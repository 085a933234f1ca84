/**
 * Follows one order in so many from its frame to its acknowledgement, and notes when each of its stages ended.
 *
 * ```
 *  frame ── taken in: noted ──► its tick is told ──► OrderTrace ──► export, which never waits
 * ```
 *
 * A count decides which orders are followed, before anything is allocated for them.
 */
import { EventKind } from "../core/event.ts";
import type { TickOutput, TickStage } from "../core/tick-output.ts";

/** Followed orders that may wait for their tick. Others are not followed then. */
export const NOTED_MAX = 1024;

/** Ends of stages, milliseconds of one clock that never goes back. */
export interface TracedMoments {
  readonly begun: number;
  readonly written: number;
  readonly waited: number;
  readonly matched: number;
  readonly durable: number;
  readonly answered: number;
}

/** The times of one order, from its frame to its acknowledgement. */
export interface OrderTrace extends TracedMoments {
  /** When the order's frame was first looked at, and when it was decoded. */
  readonly frame: number;
  readonly decoded: number;
  readonly account: number;
  readonly tick: number;
  readonly sequence: number;
  /** Commands in its tick. */
  readonly commands: number;
  /** 0, or the `Reject` with which the core refused the order. */
  readonly code: number;
}

interface Noted {
  /** Which part of the ring it waits in, and its record there. */
  readonly part: number;
  readonly record: number;
  readonly frame: number;
  readonly decoded: number;
  readonly account: number;
}

export class OrderTraces implements TickStage {
  /** One frame in so many is followed. */
  readonly every: number;
  readonly #export: (trace: OrderTrace) => void;
  #noted: Noted[] = [];
  #output: TickOutput | null = null;

  /** `sampleRatio`: more than 0, up to 1. */
  constructor(sampleRatio: number, onTrace: (trace: OrderTrace) => void) {
    this.every = Math.max(1, Math.round(1 / sampleRatio));
    this.#export = onTrace;
  }

  /** Takes note of an order to follow, which has been taken in. */
  note(noted: Noted): void {
    if (this.#noted.length < NOTED_MAX) this.#noted.push(noted);
  }

  /** Keeps what the tick did, for the `onTold` that comes next. */
  onTick(output: TickOutput): void {
    this.#output = output;
  }

  /** The tick with the commands of the ring's `part` is over: exports the traces of its orders. */
  onTold(moments: TracedMoments, part: number): void {
    if (this.#noted.length === 0 || this.#output === null) return;
    const { events, replies, tick, sequence, count } = this.#output;
    const { begun, written, waited, matched, durable, answered } = moments;
    const ends = { begun, written, waited, matched, durable, answered };
    const waiting: Noted[] = [];
    for (const noted of this.#noted) {
      if (noted.part !== part) {
        waiting.push(noted);
        continue;
      }
      const { frame, decoded, account, record } = noted;
      const e = replies[record];
      const code = events.kind(e) === EventKind.REJECT ? events.code(e) : 0;
      const place = { tick, sequence: sequence - count + 1 + record, commands: count };
      this.#export({ frame, decoded, account, ...ends, ...place, code });
    }
    this.#noted = waiting;
  }
}
