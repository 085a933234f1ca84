/** Which part of the journal is asked for: from one place to another, both included. */

import type { JournalPlace } from "../persistence/wal/verify.ts";

/** A place by one of the three. */
export interface JournalPoint {
  by: keyof JournalPlace;
  value: number;
}

export interface JournalRange {
  /** Absent: from the first record on. */
  from?: JournalPoint | undefined;
  /** Absent: up to the last. */
  to?: JournalPoint | undefined;
}

export function isBefore(range: JournalRange, place: JournalPlace): boolean {
  return range.from !== undefined && place[range.from.by] < range.from.value;
}

/** All three only grow, so no record after this one is asked for. */
export function isAfter(range: JournalRange, place: JournalPlace): boolean {
  return range.to !== undefined && place[range.to.by] > range.to.value;
}
