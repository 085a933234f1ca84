/**
 * The process that takes a snapshot: `waiver snapshot-worker REQUEST`, a `SnapshotRequest` as JSON. It
 * replays the sealed segments since the last snapshot into a state of its own, checks it against what the
 * live exchange noted of its state in the journal, and writes it. So every snapshot is an independent replay,
 * and whatever goes wrong here, the exchange goes on. Prints a `SnapshotTaken` as JSON, or exits with 1.
 */
import { hashText } from "./core/state-hash.ts";
import { createReplay } from "./execution/replay.ts";
import type { SnapshotRequest, SnapshotTaken } from "./housekeeping/snapshot-request.ts";
import { rebuild, snapshotInfo } from "./persistence/rebuild.ts";
import { writeSnapshot } from "./persistence/snapshot/write-snapshot.ts";
import { diskFileSystem } from "./persistence/wal/file-system.ts";
import { ExchangeState } from "./records/exchange-state.ts";

function takeSnapshot(request: SnapshotRequest): SnapshotTaken {
  const start = performance.now();
  const { walDir, snapshotDir, symbolsMax, through, pauseMs } = request;
  const state = new ExchangeState(symbolsMax);
  const parent = process.ppid;
  // Nobody waits for the snapshot any more, and the next start may be at work on these files.
  const onProgress = (): void => {
    if (process.ppid !== parent) throw new Error("the exchange is gone");
  };
  const { reading } = rebuild(
    { walDirectory: walDir, snapshotDirectory: snapshotDir, through },
    { apply: createReplay(state), snapshots: state, onProgress },
  );
  const hash = state.core.stateHash();
  const stateHash = hashText(hash);
  if (request.stateHash !== undefined && request.stateHash !== stateHash) {
    throw new Error(
      `after tick ${reading.report.lastTick} the replay's state hash is ${stateHash}, and the exchange's was ` +
        request.stateHash,
    );
  }
  const info = snapshotInfo(reading, { stateHash: hash, symbolsMax });
  const sections = state.sections();
  const { file, bytes } = writeSnapshot(snapshotDir, info, sections, diskFileSystem, pauseMs);
  return {
    file,
    tick: info.tick,
    sequence: info.sequence,
    stateHash,
    bytes,
    commands: reading.report.commands,
    milliseconds: Math.round(performance.now() - start),
  };
}

try {
  const request = JSON.parse(process.argv.at(-1) ?? "") as SnapshotRequest;
  process.stdout.write(`${JSON.stringify(takeSnapshot(request))}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
