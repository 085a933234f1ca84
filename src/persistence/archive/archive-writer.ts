/**
 * Brings the archive up to what lies on disk: each sealed segment that it lacks, and the newest
 * snapshot.
 *
 * ```
 *   compress ─► put ─► read back ─► manifest ─► confirmed
 * ```
 *
 * Where it stands after a restart is in the bucket alone: in the manifest, and in objects that the
 * manifest does not name yet.
 */

import { join } from "node:path";
import { elapsed } from "../../lib/elapsed.ts";
import type { Log } from "../../lib/log.ts";
import { snapshotName } from "../snapshot/layout.ts";
import { segmentName } from "../wal/layout.ts";
import { ArchiveIndex } from "./archive-index.ts";
import { type Packed, packSegment, packSnapshot, scanSegmentFile } from "./archive-object.ts";
import { ArchiveUploads } from "./archive-uploads.ts";
import { readIdentity, sealIdentity } from "./identity-object.ts";
import { type ArchiveEntry, ManifestDamagedError } from "./manifest.ts";
import type { ObjectStore } from "./object-store.ts";
import { rebuildIndex } from "./rebuild-index.ts";

/** The archive holds another history than this directory. */
export class ArchiveConflictError extends Error {
  override readonly name = "ArchiveConflictError";
}

export interface ArchiveWriterOptions {
  store: ObjectStore;
  walDir: string;
  snapshotDir: string;
  /** 0 = the server is not asked for retention. */
  retentionDays: number;
  /** Numbers of the segments on disk that are sealed, in order. */
  sealedSegments(): number[];
  /** Ticks of the snapshots on disk. */
  snapshots(): number[];
  /** Seals users and keys, 32 bytes; null = they are not archived. */
  archiveKey?: Uint8Array | null;
  /** Told after each segment that the archive has: it need not stay here for the archive's sake. */
  onConfirmed?(segment: number): void;
  log: Log;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export class ArchiveWriter {
  readonly uploads: ArchiveUploads;
  /** The archive has every segment on disk up to this number; 0 = none, or not known yet. */
  confirmedSegment = 0;
  /** Tick of the last snapshot that the archive has: it never asks for an earlier one. */
  confirmedSnapshot = 0;
  readonly #options: ArchiveWriterOptions;
  readonly #store: ObjectStore;
  readonly #log: Log;
  /** Null before it was read, and in an archive that has nothing yet. */
  #index: ArchiveIndex | null = null;
  #indexIsRead = false;
  /** Why the manifest cannot be used; null while it can. */
  #damage: string | null = null;
  /** The copy of users and keys that the archive has; null = not known yet, or none. */
  #identity: Uint8Array | null = null;
  /** The highest segment on disk that was found to be the archive's, too. */
  #comparedSegment = 0;

  constructor(options: ArchiveWriterOptions) {
    const { store, retentionDays, log, now = Date.now } = options;
    this.#options = options;
    this.#store = store;
    this.#log = log;
    this.uploads = new ArchiveUploads(store, { retentionDays, now, log });
  }

  /**
   * Rejects with `ObjectStoreError`, `ContentError` when a file is damaged, `ArchiveConflictError`,
   * or the system's error; the next call goes on where this one ended.
   */
  async catchUp(): Promise<void> {
    try {
      if (!this.#indexIsRead) await this.#readIndex();
      await this.#archiveSegments();
      await this.#archiveSnapshot();
    } catch (error) {
      if (error instanceof ManifestDamagedError) {
        this.#damage = error.message;
        this.#indexIsRead = false;
      }
      throw error;
    }
  }

  /**
   * Archives a copy of users and keys, unless the archive has just that. All accounts in it must have been opened
   * within the segments that the archive has. Rejects as `catchUp` does.
   */
  async archiveIdentity(copy: Uint8Array): Promise<void> {
    const { archiveKey } = this.#options;
    const last = await this.#index?.lastSegment();
    if (!archiveKey || !this.#index || !last) return;
    const { exchangeId } = this.#index;
    this.#identity ??= await readIdentity(this.#store, archiveKey, exchangeId, last.last_tick);
    if (this.#identity !== null && Buffer.from(copy).equals(this.#identity)) return;
    const { key, bytes } = await sealIdentity(archiveKey, exchangeId, last.last_tick, copy);
    const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
    const entry = { compressed_bytes: bytes.length, compressed_sha256: sha256 };
    await this.uploads.store({ key, pieces: [bytes], entry });
    this.#identity = copy;
    this.#log.info({ object: key, bytes: bytes.length }, "archived users and keys");
  }

  /** Segments on disk that the archive does not have, as far as is known. */
  lackingSegments(): number[] {
    return this.#options.sealedSegments().filter((number) => number > this.confirmedSegment);
  }

  segmentPath(number: number): string {
    return join(this.#options.walDir, segmentName(number));
  }

  async #readIndex(): Promise<void> {
    if (this.#damage !== null) {
      this.#log.warn({ error: this.#damage }, "the archive's manifest is made anew");
      this.#index = null;
    } else {
      this.#index = await ArchiveIndex.open(this.#store);
    }
    // Without a manifest there may still be objects.
    this.#index ??= await rebuildIndex(this.#store, this.#log);
    this.confirmedSnapshot = (await this.#index?.lastSnapshot())?.tick ?? 0;
    this.#damage = null;
    this.#indexIsRead = true;
  }

  async #archiveSegments(): Promise<void> {
    const last = (await this.#index?.lastSegment())?.number ?? 0;
    const lacking = this.lackingSegments();
    await this.#compare(lacking.findLast((number) => number <= last) ?? 0);
    for (const number of lacking) {
      const known = number <= last ? await this.#index?.segment(number) : null;
      if (!known) await this.#archiveSegment(number);
      this.#confirm(number);
    }
  }

  /**
   * Makes sure that the archive's segment `shared` is the one on disk, by the hash at its end, which
   * covers everything before it too. They differ where an exchange was restored to an earlier time and
   * went on: its own segments must not pass for archived.
   */
  async #compare(shared: number): Promise<void> {
    if (shared <= this.#comparedSegment) return;
    const known = await this.#index?.segment(shared);
    if (known) {
      const { exchangeId, chainHash } = await scanSegmentFile(this.segmentPath(shared), shared);
      this.#requireSameExchange(exchangeId);
      if (known.chain_hash !== chainHash) {
        throw this.#conflict(`segment ${shared} there is not the one here`);
      }
    }
    this.#comparedSegment = shared;
  }

  async #archiveSegment(number: number): Promise<void> {
    const last = await this.#index?.lastSegment();
    if (last && number > last.number + 1) {
      throw this.#conflict(
        `segments ${last.number + 1} to ${number - 1} are neither there nor here`,
      );
    }
    const packed = await packSegment(this.segmentPath(number), number);
    if (last?.number === number - 1 && packed.entry.previous_hash !== last.chain_hash) {
      throw this.#conflict(`segment ${number} here does not continue segment ${last.number} there`);
    }
    await this.#archive(packed);
    this.#comparedSegment = Math.max(this.#comparedSegment, number);
  }

  /** Of several new snapshots only the last: restoring needs no other. */
  async #archiveSnapshot(): Promise<void> {
    const tick = Math.max(0, ...this.#options.snapshots());
    if (tick <= this.confirmedSnapshot) return;
    const packed = await packSnapshot(join(this.#options.snapshotDir, snapshotName(tick)), tick);
    const { next_segment, chain_hash } = packed.entry;
    const last = (await this.#index?.lastSegment())?.number ?? 0;
    // The segments up to it were sealed after they were counted: next time.
    if (next_segment > last + 1) return;
    const before = await this.#index?.segment(next_segment - 1);
    if (before && before.chain_hash !== chain_hash) {
      throw this.#conflict(`the snapshot of tick ${tick} does not continue its segments`);
    }
    await this.#archive(packed);
    this.confirmedSnapshot = tick;
  }

  async #archive(packed: Packed<ArchiveEntry>): Promise<void> {
    const started = elapsed();
    this.#requireSameExchange(packed.exchangeId);
    await this.uploads.store(packed);
    this.#index ??= ArchiveIndex.begin(this.#store, packed.exchangeId);
    await this.#index.add([packed.entry]);
    const { bytes, compressed_bytes } = packed.entry;
    const milliseconds = Math.round(elapsed() - started);
    this.#log.info({ object: packed.key, bytes, compressed_bytes, milliseconds }, "archived");
  }

  #requireSameExchange(exchangeId: string): void {
    const there = this.#index?.exchangeId ?? exchangeId;
    if (there === exchangeId) return;
    throw this.#conflict(`it is of exchange ${there}, and this is ${exchangeId}`);
  }

  #conflict(what: string): ArchiveConflictError {
    return new ArchiveConflictError(
      `${this.#store.url} holds another history: ${what}. Nothing was uploaded. ` +
        "Give this exchange a persistence.cloud.prefix of its own.",
    );
  }

  #confirm(segment: number): void {
    if (segment <= this.confirmedSegment) return;
    this.confirmedSegment = segment;
    this.#options.onConfirmed?.(segment);
  }
}
