/**
 * Uploads what the archive lacks: each sealed segment on disk, and the newest snapshot.
 *
 * ```
 *   compress ─► put ─► read back ─► manifest ─► confirmed
 * ```
 *
 * How far it has come is kept in the bucket alone: in the manifest, and in objects that the manifest does not
 * name yet. After a restart it goes on from there.
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

/** The archive holds another history than the data directory. */
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
  /** Key of 32 bytes that encrypts users and keys; null = they are not archived. */
  archiveKey?: Uint8Array | null;
  /** Called for each segment that the archive has now. The archive no longer needs the local file. */
  onConfirmed?(segment: number): void;
  log: Log;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export class ArchiveWriter {
  readonly uploads: ArchiveUploads;
  /** The archive has every segment on disk up to this number; 0 = none, or not known yet. */
  confirmedSegment = 0;
  /**
   * Tick of the newest snapshot that the archive has; 0 = none, or not known yet. Older ones are never
   * uploaded.
   */
  confirmedSnapshot = 0;
  readonly #options: ArchiveWriterOptions;
  readonly #store: ObjectStore;
  readonly #log: Log;
  /** Null before the manifest was read, and while the archive is empty. */
  #index: ArchiveIndex | null = null;
  #indexIsRead = false;
  /** Why the manifest cannot be used; null while it can. */
  #damage: string | null = null;
  /** The copy of users and keys that the archive has; null = not known yet, or none. */
  #identity: Uint8Array | null = null;
  /** The highest segment on disk that was compared with the archive's and is the same. */
  #comparedSegment = 0;

  constructor(options: ArchiveWriterOptions) {
    const { store, retentionDays, log, now = Date.now } = options;
    this.#options = options;
    this.#store = store;
    this.#log = log;
    this.uploads = new ArchiveUploads(store, { retentionDays, now, log });
  }

  /**
   * Uploads everything that the archive lacks. Rejects with `ObjectStoreError`, `ContentError` when a file is
   * damaged, `ArchiveConflictError`, the manifest's errors, or the system's error. The next call goes on where this
   * one ended.
   */
  async catchUp(): Promise<void> {
    try {
      if (!this.#indexIsRead) await this.#readIndex();
      await this.#archiveSegments();
      await this.#archiveSnapshot();
    } catch (error) {
      if (error instanceof ManifestDamagedError) this.#damage = error.message;
      // A manifest whose answer was lost may have been written, and somebody else may have written one.
      this.#indexIsRead = false;
      throw error;
    }
  }

  /**
   * Archives a copy of users and keys, unless the archive has the same copy, or segments that are not known here. Every
   * account in the copy must have been opened within the archived segments. Rejects as `catchUp` does.
   */
  async archiveIdentity(copy: Uint8Array): Promise<void> {
    const { archiveKey } = this.#options;
    const last = await this.#index?.lastSegment();
    if (!archiveKey || !this.#index || !last) return;
    // The copy is named after the archive's last segment. An exchange that does not have that one was restored to an earlier
    // moment, or runs on a copy: it must not replace the users of the archive's history by its own.
    if (last.number > this.confirmedSegment) return;
    const { exchangeId } = this.#index;
    this.#identity ??= await readIdentity(this.#store, archiveKey, exchangeId, last.last_tick);
    if (this.#identity !== null && Buffer.from(copy).equals(this.#identity)) return;
    const { key, bytes } = await sealIdentity(archiveKey, exchangeId, last.last_tick, copy);
    const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
    const entry = { compressed_bytes: bytes.length, compressed_sha256: sha256 };
    await this.#requireOnlyWriter(this.#index);
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
    // There may be objects even where there is no manifest.
    this.#index ??= await rebuildIndex(this.#store, this.#log);
    this.confirmedSnapshot = (await this.#index?.lastSnapshot())?.tick ?? 0;
    this.#damage = null;
    this.#comparedSegment = 0;
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

  /** Makes sure that the archive's segment `shared` is the one on disk. */
  async #compare(shared: number): Promise<void> {
    if (shared <= this.#comparedSegment) return;
    if (this.#index)
      await requireSameHistory(this.#index, this.#store.url, this.#options.walDir, shared);
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

  /** Archives the newest snapshot only: a restore needs no other. */
  async #archiveSnapshot(): Promise<void> {
    const tick = Math.max(0, ...this.#options.snapshots());
    if (tick <= this.confirmedSnapshot) return;
    const packed = await packSnapshot(join(this.#options.snapshotDir, snapshotName(tick)), tick);
    const { next_segment, chain_hash } = packed.entry;
    const last = (await this.#index?.lastSegment())?.number ?? 0;
    // Its last segments were sealed after this attempt listed them. The next attempt archives it.
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
    this.#index ??= ArchiveIndex.begin(this.#store, packed.exchangeId);
    requireExchange(this.#index, this.#store.url, packed.exchangeId);
    await this.#requireOnlyWriter(this.#index);
    await this.uploads.store(packed);
    await this.#index.add([packed.entry]);
    const { bytes, compressed_bytes } = packed.entry;
    const milliseconds = Math.round(elapsed() - started);
    this.#log.info({ object: packed.key, bytes, compressed_bytes, milliseconds }, "archived");
  }

  /**
   * A copy of this exchange that archives to the same place would overwrite objects that count as archived. The next
   * attempt reads the manifest that is there, and compares histories.
   */
  async #requireOnlyWriter(index: ArchiveIndex): Promise<void> {
    if (await index.isCurrent()) return;
    this.#indexIsRead = false;
    throw new ArchiveConflictError(
      `${this.#store.url}: the manifest is not the one that this exchange wrote or read last. Does another exchange ` +
        "archive to the same bucket and prefix? Stop it; it is tried again.",
    );
  }

  #conflict(what: string): ArchiveConflictError {
    return conflict(this.#store.url, what);
  }

  #confirm(segment: number): void {
    if (segment <= this.confirmedSegment) return;
    this.confirmedSegment = segment;
    this.#options.onConfirmed?.(segment);
  }
}

/**
 * Rejects with `ArchiveConflictError` unless the archive's segment of that number is the one in `walDir`, or the archive
 * has none. It compares the hashes at their ends, which cover everything before them too. They differ when an exchange
 * was restored to an earlier time and went on: its new segments must not count as archived.
 */
export async function requireSameHistory(
  index: ArchiveIndex,
  url: string,
  walDir: string,
  number: number,
): Promise<void> {
  const known = await index.segment(number);
  if (!known) return;
  const { exchangeId, chainHash } = await scanSegmentFile(
    join(walDir, segmentName(number)),
    number,
  );
  requireExchange(index, url, exchangeId);
  if (known.chain_hash !== chainHash) {
    throw conflict(url, `segment ${number} there is not the one here`);
  }
}

function requireExchange(index: ArchiveIndex, url: string, exchangeId: string): void {
  const there = index.exchangeId;
  if (there !== exchangeId) {
    throw conflict(url, `it is of exchange ${there}, and this is ${exchangeId}`);
  }
}

function conflict(url: string, what: string): ArchiveConflictError {
  return new ArchiveConflictError(
    `${url} holds another history: ${what}. Nothing was uploaded. ` +
      "Give this exchange a persistence.cloud.prefix of its own.",
  );
}
