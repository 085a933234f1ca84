/** Replays the journal in a core of its own, to see again what happened. */

import type { Core } from "../../core/create.ts";
import { createReplay } from "../../execution/replay.ts";
import type { JournalBatch } from "../../persistence/backend.ts";
import { loadNewest } from "../../persistence/snapshot/load-newest.ts";
import { SnapshotStore } from "../../persistence/snapshot/snapshot-store.ts";
import { diskFileSystem } from "../../persistence/wal/file-system.ts";
import type { JournalStart } from "../../persistence/wal/journal-start.ts";
import { readLiveJournal } from "../../persistence/wal/live-reader.ts";
import { SegmentFiles } from "../../persistence/wal/segment-files.ts";
import { ExchangeState } from "../../records/exchange-state.ts";
import { isBefore, type JournalRange } from "../journal-range.ts";

/** A journal with its snapshots, and the number of symbols of the exchange that wrote them. */
export interface JournalSource {
  walDir: string;
  snapshotDir: string;
  /** The exchange's `players.symbols_max`, or more: how many symbols there can be. */
  symbolsMax: number;
}

/** The first segments are gone, and no snapshot lies before what is asked for. */
export class JournalStartMissingError extends Error {
  override readonly name = "JournalStartMissingError";
}

/**
 * Applies the journal tick by tick, and calls `onTick` after each, while its events are in the core, until that
 * returns false. Begins with the newest usable snapshot before `range.from`; without one, with tick 1. Returns
 * the core. Throws `JournalDamagedError`, `StateDivergedError` when this core comes to another state than the
 * exchange did, and `JournalStartMissingError`.
 */
export function replayJournal(
  source: JournalSource,
  { from }: JournalRange,
  onTick: (core: Core, batch: JournalBatch) => boolean,
): Core {
  const state = new ExchangeState(source.symbolsMax);
  const { core, check } = state;
  const replay = createReplay({ core, check, records: [] });
  const start = from === undefined ? undefined : loadBefore(source, { from }, state);
  const take = (batch: JournalBatch): boolean => {
    if (batch.tick !== core.view.tick() + 1) throw startMissing(source, batch.tick);
    replay(batch);
    return onTick(core, batch);
  };
  readLiveJournal(source.walDir, take, diskFileSystem, start);
  return core;
}

/** Fills the state from the newest snapshot before `range`; undefined when there is none that can be used. */
function loadBefore(
  { walDir, snapshotDir }: JournalSource,
  range: JournalRange,
  state: ExchangeState,
): JournalStart | undefined {
  const store = new SnapshotStore(snapshotDir);
  const { loaded } = loadNewest(store, new SegmentFiles(walDir, diskFileSystem), {
    load(snapshot) {
      if (!isBefore(range, snapshot.info)) throw new RangeError("it is of a later time");
      state.load(snapshot);
    },
    reset: () => state.reset(),
  });
  if (loaded === null) return undefined;
  const { nextSegment, tick, sequence, timestamp, chain, exchangeId } = loaded.info;
  return {
    segment: nextSegment,
    nextTick: tick + 1,
    nextSequence: sequence + 1,
    ...{ chain, timestamp, exchangeId },
    because: null,
  };
}

function startMissing({ walDir, snapshotDir }: JournalSource, tick: number): Error {
  const oldest = new SnapshotStore(snapshotDir).ticks().at(-1);
  const later =
    oldest === undefined
      ? ""
      : `Begin with a snapshot, of which the oldest is of tick ${oldest}, or `;
  return new JournalStartMissingError(
    `${walDir}: the journal begins with tick ${tick}, because older segments were removed. ` +
      `${later}put them back from the archive`,
  );
}
