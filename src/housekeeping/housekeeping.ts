/**
 * Keeps the journal short and archived while the exchange runs, all of it beside the ticks:
 *
 * ```
 *  Snapshots ── a new one ──► archive, if there is one ── confirmed ──► retention removes what nobody needs
 * ```
 */
import { basename } from "node:path";
import type { Config } from "../config/config.ts";
import type { Core } from "../core/create.ts";
import { encodeCopy, type IdentityCopy } from "../identity/identity-copy.ts";
import type { Log } from "../lib/log.ts";
import { Serial } from "../lib/serial.ts";
import { archiveStateBody } from "../persistence/archive/archive-state.ts";
import type { Archiver } from "../persistence/archive/archiver.ts";
import type { PersistenceBackend } from "../persistence/backend.ts";
import type { CloudPersistence } from "../persistence/cloud.ts";
import { applyRetention } from "../persistence/retention.ts";
import { SnapshotStore } from "../persistence/snapshot/snapshot-store.ts";
import type { ControlPort } from "../router/control.ts";
import {
  assertUsable,
  BackupRefused,
  type BackupReply,
  type BackupSource,
  writeBackup,
} from "./backup.ts";
import { Sealing } from "./sealing.ts";
import { runSnapshotProcess } from "./snapshot-process.ts";
import { type NewestSnapshot, Snapshots } from "./snapshots.ts";

/** How long a stop of the exchange waits for the last snapshot, and for its upload. */
const LAST_SNAPSHOT_TIMEOUT_MS = 10_000;
const LAST_UPLOAD_TIMEOUT_MS = 3_000;
/** How long an operator waits for a push, which goes on after that. */
const PUSH_TIMEOUT_MS = 20_000;

export interface HousekeepingParts {
  config: Config["persistence"];
  core: Core;
  control: ControlPort;
  backend: PersistenceBackend;
  /** The backend again, if it has an archive; null = it has none. */
  archive: CloudPersistence | null;
  /** A copy of users and keys, for the archive. */
  copyIdentity(): IdentityCopy;
  /** The command that takes a snapshot, without its request. */
  snapshotProgram: readonly string[];
  /** The snapshot that this start began with. */
  last: Omit<NewestSnapshot, "bytes">;
  /** Ticks of the snapshots that this start could not use. */
  refused: ReadonlySet<number>;
  log: Log;
}

export class Housekeeping {
  readonly snapshots: Snapshots;
  /** Null with backend "local". */
  readonly archiver: Archiver | null;
  readonly #parts: HousekeepingParts;
  readonly #sealing: Sealing;
  readonly #store: SnapshotStore;
  readonly #retention = new Serial();
  /** Why nothing more may be done with the journal; null while the exchange runs. */
  #over: Error | null = null;
  #isBackingUp = false;

  constructor(parts: HousekeepingParts) {
    const { config, core, control, backend, archive, snapshotProgram, last, log } = parts;
    const { walDir, snapshotDir } = config;
    this.#parts = parts;
    this.#sealing = new Sealing(control, backend);
    this.#store = new SnapshotStore(snapshotDir);
    this.archiver = archive?.archiver ?? null;
    archive?.connect({
      seal: () => this.#seal(),
      confirmed: () => this.#retain(),
      copyIdentity: () => encodeCopy(parts.copyIdentity()),
    });
    this.snapshots = new Snapshots(
      {
        core,
        control,
        backend,
        directories: { walDir, snapshotDir },
        intervalCommands: config.snapshotIntervalCommands,
        spacingMs: config.snapshotSpacingMs,
        changePercent: config.snapshotChangePercent,
        run: (request, signal) => runSnapshotProcess(snapshotProgram, request, signal),
        onTaken: () => this.#retain(),
        log,
      },
      { ...last, bytes: Bun.file(this.#store.path(last.tick)).size },
    );
  }

  /** Removes files that the limits of this start do not keep, and starts the archiver. */
  start(): void {
    this.#retain();
    this.archiver?.start();
  }

  /** Called when the storage has failed: nothing more is sealed. */
  storageFailed(error: Error): void {
    this.#over = error;
    this.snapshots.fail(error);
    this.#sealing.fail(error);
  }

  /** Called before the journal is closed: begins nothing more with it. */
  end(): void {
    this.#over ??= new Error("the exchange is shutting down");
    this.snapshots.end();
  }

  /**
   * Called after the journal was closed: takes the last snapshot, and uploads what the archive gets in time.
   */
  async close(): Promise<void> {
    await this.snapshots.takeLast(LAST_SNAPSHOT_TIMEOUT_MS);
    if (this.archiver !== null) {
      await Promise.race([this.archiver.push(), Bun.sleep(LAST_UPLOAD_TIMEOUT_MS)]);
      await Promise.race([this.archiver.close(), Bun.sleep(LAST_UPLOAD_TIMEOUT_MS)]);
    }
    await this.#retention.run(async () => undefined);
  }

  /** The answer of `POST /admin/v1/snapshot`. */
  async takeSnapshot(): Promise<object> {
    const { file, tick, sequence, stateHash, bytes, milliseconds } = await this.snapshots.take();
    return {
      file: basename(file),
      tick,
      seq: sequence,
      state_hash: stateHash,
      bytes,
      milliseconds,
    };
  }

  /**
   * The answer of `POST /admin/v1/archive/push`: the archive after the push, or after `PUSH_TIMEOUT_MS`; null
   * without an archive.
   */
  async pushArchive(): Promise<object | null> {
    const { archiver } = this;
    if (archiver === null) return null;
    await Promise.race([archiver.push(), Bun.sleep(PUSH_TIMEOUT_MS)]);
    return archiveStateBody(archiver.state());
  }

  /**
   * Copies the exchange as it is now to `directory`, while it goes on trading; one backup at a time. Rejects
   * with `BackupRefused`, or with the error for which there is no backup.
   */
  async backUp(
    directory: string,
    { dataDir, configuration, verify }: Pick<BackupSource, "dataDir" | "configuration" | "verify">,
  ): Promise<BackupReply> {
    if (this.#isBackingUp) throw new BackupRefused("Another backup is being made");
    this.#isBackingUp = true;
    const { config, core, log } = this.#parts;
    const assertGoesOn = (): void => {
      if (this.#over !== null) throw this.#over;
    };
    try {
      await assertUsable(directory, dataDir);
      // Retention waits for the backup, so nothing is removed that it copies.
      const reply = await this.#retention.run(async () => {
        assertGoesOn();
        const { through, seen } = await this.#sealing.seal(() => ({
          tick: core.view.tick(),
          sequence: core.view.sequence(),
          identity: this.#parts.copyIdentity(),
          exchangeId: this.#parts.backend.exchangeId(),
        }));
        const { walDir, snapshotDir } = config;
        const source = { dataDir, walDir, snapshotDir, configuration, assertGoesOn, verify };
        return writeBackup(directory, source, { through, ...seen });
      });
      log.info({ ...reply }, "backup made");
      return reply;
    } finally {
      this.#isBackingUp = false;
    }
  }

  /**
   * Ends the current segment between two ticks; resolves when it is sealed. Does nothing once the journal is
   * closed.
   */
  async #seal(): Promise<void> {
    if (this.#over === null) await this.#sealing.seal(() => undefined);
  }

  /** Removes files that nothing needs; runs never overlap. */
  #retain(): void {
    const { config, backend, refused, log } = this.#parts;
    const { archiver } = this;
    const removed = this.#retention.run(() =>
      applyRetention(config.walDir, this.#store, {
        walFilesMax: config.walFilesMax,
        snapshotsMax: config.snapshotsMax,
        refused,
        sealedThrough: backend.sealedThrough(),
        isSegmentArchived: (number) => archiver?.isSegmentArchived(number) ?? true,
        isSnapshotArchived: (tick) => archiver?.isSnapshotArchived(tick) ?? true,
      }),
    );
    removed.then(
      ({ segments, snapshots, unusable }) => {
        for (const { message } of unusable)
          log.warn({ error: message }, "a snapshot cannot be used");
        if (segments.length + snapshots.length > 0) log.info({ segments, snapshots }, "removed");
      },
      (error: Error) => log.error({ error: error.message }, "old files could not be removed"),
    );
  }
}
