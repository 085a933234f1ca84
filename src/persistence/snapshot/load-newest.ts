/** Loads the newest snapshot that can be used into a state. */

import { type SnapshotTarget, StorageFailedError } from "../backend.ts";
import type { SnapshotInfo } from "../snapshot.ts";
import { SnapshotUnusableError } from "../snapshot.ts";
import { segmentName } from "../wal/layout.ts";
import type { SegmentFiles } from "../wal/segment-files.ts";
import { continuityFault, headerFault, identityFault } from "../wal/segment-reader.ts";
import { EXCHANGE_ID_BYTE, NEXT_SEGMENT_BYTE } from "./layout.ts";
import type { SnapshotFile } from "./snapshot-file.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

/** A snapshot that could not be used. */
export interface RefusedSnapshot {
  tick: number;
  file: string;
  reason: string;
  /** The file itself is unusable, and will be at the next start too. */
  isHopeless: boolean;
  /** It is of another exchange than the journal. */
  isForeign: boolean;
}

export interface LoadedSnapshot {
  /** The loaded snapshot; null when there was none, or none that could be used. */
  loaded: { file: string; info: SnapshotInfo } | null;
  /** Newest first. */
  refused: RefusedSnapshot[];
}

/**
 * Loads the newest snapshot that is whole, fits the journal `files`, and that `target` loads without an error.
 * Snapshots after the end of segment `through` are passed over. Changes no file. Throws `StorageFailedError`
 * when none can be used and one of them is of another exchange: it is then unknown whether the snapshots or the
 * journal are in the wrong place.
 */
export function loadNewest(
  store: SnapshotStore,
  files: SegmentFiles,
  target: SnapshotTarget,
  through = Number.POSITIVE_INFINITY,
): LoadedSnapshot {
  const refused: RefusedSnapshot[] = [];
  for (const tick of store.ticks()) {
    const file = store.path(tick);
    try {
      const info = load(store, tick, files, target, through);
      if (info !== null) return { loaded: { file, info }, refused };
    } catch (error) {
      const isKnown = error instanceof SnapshotUnusableError;
      const isHopeless = isKnown && error.kind !== "newer-version";
      const reason = isKnown ? `${error.reason} (byte ${error.offset})` : String(error);
      const isForeign = isKnown && error.kind === "other-exchange";
      refused.push({ tick, file, reason, isHopeless, isForeign });
    }
  }
  const foreign = refused.find((each) => each.isForeign);
  if (foreign !== undefined) throw mixed(foreign, files);
  return { loaded: null, refused };
}

function mixed({ file }: RefusedSnapshot, files: SegmentFiles): Error {
  return new StorageFailedError(
    `${file} is of another exchange than the journal in ${files.directory}, and no other snapshot can be used. Nothing was ` +
      "changed. Check that wal_dir and snapshot_dir are of the same exchange, or move the snapshots away",
  );
}

function load(
  store: SnapshotStore,
  tick: number,
  files: SegmentFiles,
  target: SnapshotTarget,
  through: number,
): SnapshotInfo | null {
  const snapshot = store.open(tick);
  try {
    if (snapshot.info.nextSegment > through + 1) return null;
    checkFits(snapshot, files);
    try {
      target.load(snapshot);
      snapshot.verifyRest();
    } catch (error) {
      target.reset();
      throw error;
    }
    return snapshot.info;
  } finally {
    snapshot.close();
  }
}

/**
 * A snapshot fits when the next segment continues it. Where there is no next segment yet, the one that the
 * snapshot ends with must at least be of this exchange.
 */
function checkFits({ info, file }: SnapshotFile, files: SegmentFiles): void {
  const { nextSegment, exchangeId, tick, sequence, chain } = info;
  const there = new Set(files.numbers());
  const number = [nextSegment, nextSegment - 1].find(
    (each) => there.has(each) && headerFault(files.header(each)) === null,
  );
  if (number === undefined) return;
  const header = files.header(number);
  if (identityFault(header, number, exchangeId)?.kind === "foreign-journal") {
    const reason = `${segmentName(number)} is of another exchange`;
    throw new SnapshotUnusableError(file, EXCHANGE_ID_BYTE, reason, "other-exchange");
  }
  if (number !== nextSegment) return;
  const position = { nextTick: tick + 1, nextSequence: sequence + 1, chain };
  const fault = continuityFault(header, position);
  if (fault === null) return;
  const reason = `${segmentName(number)} does not continue it: ${fault.reason}`;
  throw new SnapshotUnusableError(file, NEXT_SEGMENT_BYTE, reason, "foreign");
}
