/** Recovery: loads the newest snapshot and runs the journal's ticks since then through core and records. */
import type { Core } from "../core/create.ts";
import { hashText } from "../core/state-hash.ts";
import type { TickStage } from "../core/tick-output.ts";
import type { Log } from "../lib/log.ts";
import { runSteps, runStepsBeside } from "../lib/steps.ts";
import type { Store } from "../lib/store.ts";
import type {
  CommandBatch,
  PersistenceBackend,
  RecoveryProgress,
  RecoveryReport,
  SnapshotTarget,
} from "../persistence/backend.ts";
import type { Sequencer } from "../router/sequencer.ts";
import { ExecutionManager } from "./execution-manager.ts";
import type { StateCheck } from "./state-check.ts";

/** What batches are replayed into. */
export interface Replayed {
  core: Core;
  check: StateCheck;
  /** The records, which are made from the outputs of ticks. */
  records: readonly TickStage[];
}

/**
 * Makes a function that applies a batch of the journal as its tick did. It throws `StateDivergedError` when the state
 * before the batch is not what the exchange noted, and also whatever a stage throws.
 */
export function createReplay({ core, check, records }: Replayed): (batch: CommandBatch) => void {
  const manager = new ExecutionManager({
    core,
    beforeReplies: records,
    afterReplies: [],
    onBug(error) {
      throw error;
    },
  });
  return (batch) => {
    check.compare(batch);
    manager.apply(batch);
    manager.tell(batch, () => undefined);
  };
}

export interface RecoveryParts extends Replayed {
  backend: PersistenceBackend;
  sequencer: Sequencer;
  snapshots?: SnapshotTarget;
  /** Tables that the replay fills, from their starts on. With them, a thread reads the journal ahead of the replay. */
  replayed?: readonly Store[];
  onProgress?: ((progress: RecoveryProgress) => void) | undefined;
  log: Log;
}

/**
 * Recovers the state and leaves the backend open for the next tick. No client is told anything. Throws
 * `JournalDamagedError` or `StateDivergedError`.
 */
export function recover(parts: RecoveryParts): RecoveryReport {
  return runSteps(recovery(parts));
}

/**
 * `recover`, but signals and requests get their turn after each segment. Rejects with the reason of `signal` when that
 * is aborted; no file has been changed then.
 */
export function recoverBeside(parts: RecoveryParts, signal: AbortSignal): Promise<RecoveryReport> {
  return runStepsBeside(recovery(parts), signal);
}

function* recovery({
  backend,
  sequencer,
  snapshots,
  replayed: tablesAhead,
  onProgress,
  log,
  ...replayed
}: RecoveryParts): Generator<void, RecoveryReport> {
  const start = performance.now();
  const report = yield* backend.recoverInSteps({
    apply: createReplay(replayed),
    ...(snapshots && { snapshots }),
    ...(tablesAhead && { tablesAhead }),
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
