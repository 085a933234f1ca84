/** Persistence in memory, for tests: the journal as it is on disk, without the disk. */

import type { JournalOptions } from "../../src/persistence/wal/journal.ts";
import { Journal } from "../../src/persistence/wal/journal.ts";
import { MemoryFileSystem } from "./wal/memory-file-system.ts";

export class MemoryPersistence extends Journal {
  /**
   * Starts empty, or from what an earlier instance left: `new MemoryPersistence(earlier.disk)` is a
   * restart after `kill -9`; `earlier.disk.crash()` before it makes it one after a power failure.
   */
  constructor(
    readonly disk: MemoryFileSystem = new MemoryFileSystem(),
    options: Partial<JournalOptions> = {},
  ) {
    super(
      {
        directory: "wal",
        snapshotDirectory: "snapshots",
        segmentBytes: 1024 * 1024,
        flush: "blocking",
        ...options,
      },
      disk,
    );
  }
}
