/**
 * Persistence on a local disk with an archive on S3. The journal is the local one's in every way; the
 * archiver copies what is sealed, beside the ticks and after `archiver.start()`.
 */
import type { Log } from "../lib/log.ts";
import { Archiver } from "./archive/archiver.ts";
import type { ObjectStore } from "./archive/object-store.ts";
import { LocalPersistence } from "./local.ts";
import { SnapshotStore } from "./snapshot/snapshot-store.ts";
import { diskFileSystem } from "./wal/file-system.ts";
import type { JournalOptions } from "./wal/journal.ts";
import { SegmentFiles } from "./wal/segment-files.ts";

export interface CloudOptions extends JournalOptions {
  snapshotDirectory: string;
  store: ObjectStore;
  uploadIntervalMs: number;
  /** 0 = no retention is asked of the server. */
  retentionDays: number;
  log: Log;
}

/** Whoever runs the exchange. */
export interface ArchiveHost {
  /** Ends the segment in hand between two ticks; resolves when it is sealed, or cannot be any more. */
  seal(): Promise<void>;
  /** The archive has one more segment: it need not stay for the archive's sake. */
  confirmed(): void;
}

export class CloudPersistence extends LocalPersistence {
  /** Goes on when the journal is closed, for the last snapshot's sake; whoever started it closes it. */
  readonly archiver: Archiver;
  #host: ArchiveHost | null = null;

  constructor({ store, uploadIntervalMs, retentionDays, log, ...journal }: CloudOptions) {
    super(journal);
    const segments = new SegmentFiles(journal.directory, diskFileSystem);
    const snapshots = new SnapshotStore(journal.snapshotDirectory);
    this.archiver = new Archiver({
      store,
      walDir: journal.directory,
      snapshotDir: journal.snapshotDirectory,
      retentionDays,
      uploadIntervalMs,
      sealedSegments: () => segments.numbers().filter((number) => number <= this.sealedThrough()),
      snapshots: () => snapshots.ticks(),
      rotate: async () => this.#host?.seal(),
      onConfirmed: () => this.#host?.confirmed(),
      log,
    });
  }

  /** From now on there is somebody to ask and to tell. */
  connect(host: ArchiveHost): void {
    this.#host = host;
  }
}
