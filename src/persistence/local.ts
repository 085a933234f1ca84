/** Persistence on a local disk: journal and snapshots in directories that no other process may use. */

import { journalDescriptors } from "../host/descriptor-reserve.ts";
import type { RecoveryReport, RecoveryTarget } from "./backend.ts";
import { diskFileSystem } from "./wal/file-system.ts";
import type { JournalOptions } from "./wal/journal.ts";
import { Journal } from "./wal/journal.ts";
import { DirectoryLocks } from "./wal/lock.ts";
import { requireNoOtherJournal } from "./wal/other-journal.ts";
import { requireRestored } from "./wal/restore-mark.ts";

/**
 * Descriptors kept for a segment with its writer, the flush of a directory, and the pipes of a process that
 * takes a snapshot.
 */
const SPARE_DESCRIPTORS = 16;

export interface LocalOptions extends JournalOptions {
  /**
   * The directory of the exchange's other files. It is locked together with those of the journal and the
   * snapshots.
   */
  dataDirectory?: string;
  /**
   * Called when the directories are locked and nothing is read yet. An error that it throws stops the recovery:
   * it finds faults that would otherwise show only after a recovery of minutes.
   */
  beforeReading?: () => void;
}

export class LocalPersistence extends Journal {
  /** All directories that are written to. */
  readonly #directories: readonly string[];
  readonly #dataDirectory: string | undefined;
  readonly #beforeReading: () => void;
  #locks: DirectoryLocks | null = null;

  constructor(options: LocalOptions) {
    super(options, diskFileSystem);
    const { dataDirectory, directory, snapshotDirectory } = options;
    this.#dataDirectory = dataDirectory;
    this.#beforeReading = options.beforeReading ?? (() => undefined);
    this.#directories = [dataDirectory, directory, snapshotDirectory].filter(
      (each) => each !== undefined,
    );
  }

  /** Also throws `JournalLockedError` when another process has one of the directories. */
  override *recoverInSteps(target: RecoveryTarget): Generator<void, RecoveryReport> {
    for (const directory of this.#directories) this.fileSystem.makeDirectory(directory);
    this.#locks = new DirectoryLocks(this.#directories);
    let isRecovered = false;
    try {
      this.#beforeReading();
      requireRestored(this.directory, this.fileSystem);
      if (this.#dataDirectory !== undefined) {
        requireNoOtherJournal(this.#dataDirectory, this.directory);
      }
      const report = yield* super.recoverInSteps(target);
      isRecovered = true;
      return report;
    } finally {
      if (!isRecovered) this.#release();
    }
  }

  override open(): void {
    super.open();
    journalDescriptors.keep(SPARE_DESCRIPTORS);
  }

  override async close(): Promise<void> {
    try {
      await super.close();
    } finally {
      journalDescriptors.keep(0);
      this.#release();
    }
  }

  #release(): void {
    this.#locks?.release();
    this.#locks = null;
  }
}
