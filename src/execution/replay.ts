/** Recovery: the newest snapshot, and the journal's ticks through the core and all that is made from its events. */
import type { Core } from "../core/core.ts";
import { hashText } from "../core/state-hash.ts";
import type { Log } from "../lib/log.ts";
import type {
  PersistenceBackend,
  RecoveredBatch,
  RecoveryProgress,
  RecoveryReport,
  SnapshotTarget,
} from "../persistence/backend.ts";
import type { Sequencer } from "../router/sequencer.ts";
import type { StateCheck } from "./state-check.ts";
import type { TickListener } from "./tick-loop.ts";

/** What one batch is replayed into. */
export interface Replayed {
  core: Core;
  check: StateCheck;
  listeners: readonly TickListener[];
}

/** Applies a batch of the journal as its tick did. Throws `StateDivergedError`. */
export function replayBatch({ core, check, listeners }: Replayed, batch: RecoveredBatch): void {
  check.compare(batch);
  core.beginTick(batch.tick);
  for (let i = 0; i < batch.count; i++) core.apply(batch.ints, batch.doubles, i);
  for (const listener of listeners) listener.tick(batch);
}

export interface ReplayParts extends Replayed {
  backend: PersistenceBackend;
  sequencer: Sequencer;
  snapshots?: SnapshotTarget;
  onProgress?: ((progress: RecoveryProgress) => void) | undefined;
  log: Log;
}

/**
 * Leaves the backend open for the next tick. Throws `JournalDamagedError` or `StateDivergedError`, and tells
 * nobody anything.
 */
export function replay({
  backend,
  sequencer,
  snapshots,
  onProgress,
  log,
  ...replayed
}: ReplayParts): RecoveryReport {
  const start = performance.now();
  const report = backend.recover({
    apply: (batch) => replayBatch(replayed, batch),
    ...(snapshots && { snapshots }),
    ...(onProgress && { onProgress }),
    warn: (fields, message) => log.warn(fields, message),
  });
  if (report.torn !== null) {
    log.warn(report.torn, "torn tail cut off: a tick that nobody had been told of");
  }
  sequencer.resume(report.lastTick, report.lastSequence, report.lastTimestamp);
  const opening = performance.now();
  backend.open();
  const { segments, batches, commands, lastTick, snapshot, unusable, milliseconds } = report;
  for (const { file, reason, movedTo } of unusable) {
    log.warn({ file, reason, movedTo }, "snapshot could not be used");
  }
  const hash = hashText(replayed.core.stateHash());
  const end = performance.now();
  log.info(
    {
      snapshot: snapshot?.file ?? null,
      segments,
      ticks: batches,
      commands,
      lastTick,
      hash,
      snapshotMs: Math.round(milliseconds.snapshot),
      journalMs: Math.round(milliseconds.journal),
      openMs: Math.round(end - opening),
      milliseconds: Math.round(end - start),
    },
    "recovered",
  );
  return report;
}
