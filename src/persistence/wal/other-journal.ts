import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { StorageFailedError } from "../backend.ts";
import { diskFileSystem } from "./file-system.ts";
import { SegmentFiles } from "./segment-files.ts";

/**
 * Throws `StorageFailedError` when the data directory has a journal of its own beside the configured one in
 * `directory`: otherwise a backup that is started with the configuration of its exchange would go on with the
 * exchange's journal.
 */
export function requireNoOtherJournal(dataDirectory: string, directory: string): void {
  const own = join(dataDirectory, "wal");
  if (!existsSync(own) || realpathSync(own) === realpathSync(directory)) return;
  if (new SegmentFiles(own, diskFileSystem).numbers().length === 0) return;
  throw new StorageFailedError(
    `there is a journal in ${own}, and persistence.local.wal_dir is ${directory}: it is unknown which one is current. To start ` +
      "on a backup or a copy, leave wal_dir and snapshot_dir out of the configuration, or move its wal and snapshots to " +
      "new directories that they name. Where the journal was moved on purpose, move what is left of it away",
  );
}
