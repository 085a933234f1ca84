/** A part of the journal: from one place to another, both included. */

import type { JournalPlace } from "../persistence/wal/verify.ts";

/** A place in the journal, by tick, sequence number or time. */
export interface JournalPoint {
  by: keyof JournalPlace;
  value: number;
}

export interface JournalRange {
  /** Where the part begins; undefined = at the first record. */
  from?: JournalPoint | undefined;
  /** Where the part ends; undefined = at the last record. */
  to?: JournalPoint | undefined;
}

export function isBefore(range: JournalRange, place: JournalPlace): boolean {
  return range.from !== undefined && place[range.from.by] < range.from.value;
}

/**
 * Whether `place` is after the range. Then all later records are too, because tick, sequence number and time
 * only grow.
 */
export function isAfter(range: JournalRange, place: JournalPlace): boolean {
  return range.to !== undefined && place[range.to.by] > range.to.value;
}
