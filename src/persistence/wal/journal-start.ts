/** Where a reading of the journal begins, and which files it needs from there on. */

import { damaged } from "./damage.ts";
import {
  HASH_INTS,
  PREVIOUS_HASH_BYTE,
  SEGMENT_FIRST_SEQUENCE_BYTE,
  SEGMENT_FIRST_TICK_BYTE,
  segmentName,
} from "./layout.ts";
import type { SegmentFiles } from "./segment-files.ts";
import type { JournalPosition } from "./segment-reader.ts";
import { headerFault } from "./segment-reader.ts";

/** The first segment to read, and what its first batch must continue. */
export interface JournalStart extends JournalPosition {
  segment: number;
  /** Time of the tick before, milliseconds since 1970; 0 when there is none or it is unknown. */
  timestamp: number;
  /** 16 bytes; null = what the first segment says. */
  exchangeId: Uint8Array | null;
  /** Why every segment from here on is needed; for messages. */
  because: string | null;
}

/** A reading from segment 1 on. */
export function beginning(because: string | null = null): JournalStart {
  const chain = new Int32Array(HASH_INTS);
  return {
    segment: 1,
    nextTick: 1,
    nextSequence: 1,
    chain,
    timestamp: 0,
    exchangeId: null,
    because,
  };
}

/**
 * A reading from the oldest segment that is there, at the place that its header says. If the header is damaged,
 * the reading reports it.
 */
export function oldestStart(files: SegmentFiles): JournalStart {
  const segment = files.numbers()[0] ?? 1;
  const start = { ...beginning(), segment };
  if (segment === 1) return start;
  const header = files.header(segment);
  if (headerFault(header) !== null) return start;
  const { ints, doubles } = header;
  const hash = PREVIOUS_HASH_BYTE >> 2;
  return {
    ...start,
    nextTick: doubles[SEGMENT_FIRST_TICK_BYTE >> 3] as number,
    nextSequence: doubles[SEGMENT_FIRST_SEQUENCE_BYTE >> 3] as number,
    chain: ints.slice(hash, hash + HASH_INTS),
  };
}

/**
 * Throws when a segment is missing: one of those to be read (up to `through`), or one between two older ones. It also
 * throws when the segment that a snapshot ends with is missing and no later one is there, because then nothing shows
 * where the journal ends. `numbers`: the segments that are there, in order.
 */
export function checkNoneMissing(
  files: SegmentFiles,
  numbers: readonly number[],
  start: JournalStart,
  through?: number,
): void {
  const because = start.because === null ? "" : ` (${start.because})`;
  const missing = (number: number, rest: string, advice?: string): Error => {
    const reason = `the file is missing; ${rest}${because}`;
    const more = advice === undefined ? {} : { advice };
    return damaged(files.path(number), { kind: "missing-segment", offset: 0, reason, ...more });
  };
  const first = numbers[0] ?? Number.POSITIVE_INFINITY;
  if (first > start.segment && first !== Number.POSITIVE_INFINITY) {
    throw missing(start.segment, `the next one there is ${segmentName(first)}`);
  }
  numbers.forEach((number, index) => {
    const expected = first + index;
    if (number === expected) return;
    const next = `the next one there is ${segmentName(number)}`;
    throw missing(expected, next, expected < start.segment ? OLDER_MISSING : undefined);
  });
  const last = numbers.at(-1) ?? 0;
  const end = through ?? start.segment - 1;
  if (last >= end) return;
  throw missing(
    end,
    last === 0 ? "no other one is there" : `the last one there is ${segmentName(last)}`,
  );
}

const OLDER_MISSING =
  "Nothing was changed. Put the missing file back from a copy or an archive. It is older than the " +
  "snapshot: if it is lost, move those before it out of the directory too.";
