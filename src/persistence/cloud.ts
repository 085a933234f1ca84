/**
 * Persistence on a local disk with an archive on S3. The journal is the same as without an archive. After
 * `archiver.start()` the archiver copies sealed segments, outside the tick path.
 */
import type { Log } from "../lib/log.ts";
import { Archiver } from "./archive/archiver.ts";
import type { ObjectStore } from "./archive/object-store.ts";
import { type LocalOptions, LocalPersistence } from "./local.ts";
import { SnapshotStore } from "./snapshot/snapshot-store.ts";
import { diskFileSystem } from "./wal/file-system.ts";
import { SegmentFiles } from "./wal/segment-files.ts";

export interface CloudOptions extends LocalOptions {
  snapshotDirectory: string;
  store: ObjectStore;
  uploadIntervalMs: number;
  /** 0 = the server is not asked for retention. */
  retentionDays: number;
  /** Key of 32 bytes that encrypts users and keys; null = they are not archived. */
  archiveKey: Uint8Array | null;
  log: Log;
}

/** What the archiver needs of the running exchange. */
export interface ArchiveHost {
  /** Ends the current segment between two ticks; resolves when it is sealed, or when it never can be. */
  seal(): Promise<void>;
  /** Called when the archive has one more segment and no longer needs the local file. */
  confirmed(): void;
  /** A copy of users and keys. */
  copyIdentity(): Promise<Uint8Array>;
}

export class CloudPersistence extends LocalPersistence {
  /** It runs on after the journal is closed, to upload the last snapshot. Whoever started it closes it. */
  readonly archiver: Archiver;
  #host: ArchiveHost | null = null;

  constructor({
    store,
    uploadIntervalMs,
    retentionDays,
    archiveKey,
    log,
    ...journal
  }: CloudOptions) {
    super(journal);
    const segments = new SegmentFiles(journal.directory, diskFileSystem);
    const snapshots = new SnapshotStore(journal.snapshotDirectory);
    this.archiver = new Archiver({
      store,
      walDir: journal.directory,
      snapshotDir: journal.snapshotDirectory,
      retentionDays,
      archiveKey,
      uploadIntervalMs,
      sealedSegments: () => segments.numbers().filter((number) => number <= this.sealedThrough()),
      snapshots: () => snapshots.ticks(),
      copyIdentity: () => this.#host?.copyIdentity() ?? null,
      rotate: async () => this.#host?.seal(),
      onConfirmed: () => this.#host?.confirmed(),
      log,
    });
  }

  /** Connects the archiver with the running exchange. */
  connect(host: ArchiveHost): void {
    this.#host = host;
  }
}
