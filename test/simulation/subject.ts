import { applyRetention, type RetentionRules } from "../../src/persistence/retention.ts";
import { SnapshotStore } from "../../src/persistence/snapshot/snapshot-store.ts";
import type { FileSystem } from "../../src/persistence/wal/file-system.ts";
import type { JournalOptions } from "../../src/persistence/wal/journal.ts";
import { Journal } from "../../src/persistence/wal/journal.ts";
import { SNAPSHOT_DIRECTORY, WAL_DIRECTORY } from "./ticks-state.ts";

/** The code under test. Tests of the simulation itself use broken code here. */
export interface Subject {
  journal(options: JournalOptions, disk: FileSystem): Journal;
  /** The view of the disk that the snapshot process has. */
  workerDisk(disk: FileSystem): FileSystem;
  retain(rules: RetentionRules, disk: FileSystem): Promise<unknown>;
}

export const PERSISTENCE: Subject = {
  journal: (options, disk) => new Journal(options, disk),
  workerDisk: (disk) => disk,
  retain: (rules, disk) =>
    applyRetention(WAL_DIRECTORY, new SnapshotStore(SNAPSHOT_DIRECTORY, disk), rules, disk),
};
