/** Persistence on a local disk: the journal in a directory that no other process may use meanwhile. */

import type { RecoveryReport, RecoveryTarget } from "./backend.ts";
import type { FileSystem } from "./wal/file-system.ts";
import { diskFileSystem } from "./wal/file-system.ts";
import type { JournalOptions } from "./wal/journal.ts";
import { Journal } from "./wal/journal.ts";
import { DirectoryLock } from "./wal/lock.ts";

export class LocalPersistence extends Journal {
  #lock: DirectoryLock | null = null;

  constructor(options: JournalOptions, fileSystem: FileSystem = diskFileSystem) {
    super(options, fileSystem);
  }

  /** Also throws `JournalLockedError` when another process has the directory. */
  override recover(target: RecoveryTarget): RecoveryReport {
    this.fileSystem.makeDirectory(this.directory);
    this.#lock = new DirectoryLock(this.directory);
    try {
      return super.recover(target);
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  override async close(): Promise<void> {
    try {
      await super.close();
    } finally {
      this.#release();
    }
  }

  #release(): void {
    this.#lock?.release();
    this.#lock = null;
  }
}
