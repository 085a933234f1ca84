/** Uploads packed files. An upload counts only after the object was read back whole. */

import type { Log } from "../../lib/log.ts";
import { hashObject } from "./compressed-file.ts";
import { ContentError } from "./content-error.ts";
import { type ObjectStore, ObjectStoreError } from "./object-store.ts";

const DAY_MS = 86_400_000;

/** An object to upload, with the length and hash that it must have when it is read back. */
export interface Upload {
  key: string;
  pieces: readonly Uint8Array[];
  entry: { compressed_bytes: number; compressed_sha256: string };
}

export interface UploadOptions {
  /** For how many days nobody may remove an object; 0 = the server is not asked for that. */
  retentionDays: number;
  now: () => number;
  log: Log;
}

export class ArchiveUploads {
  /** Objects and bytes uploaded since the start. */
  uploads = 0;
  bytes = 0;
  /** When the last upload ended, milliseconds since 1970. */
  lastUploadAt: number | null = null;
  retention: "on" | "off" | "unsupported";
  readonly #store: ObjectStore;
  readonly #options: UploadOptions;

  constructor(store: ObjectStore, options: UploadOptions) {
    this.#store = store;
    this.#options = options;
    this.retention = options.retentionDays > 0 ? "on" : "off";
  }

  /**
   * Uploads an object and reads it back. An object that the store already has whole, from an earlier attempt,
   * is not sent again. Rejects with `ObjectStoreError` or `ContentError`.
   */
  async store({ key, entry, pieces }: Upload): Promise<void> {
    const { compressed_bytes: bytes, compressed_sha256: sha256 } = entry;
    const store = this.#store;
    if ((await store.size(key)) === bytes && (await hashObject(store, key)) === sha256) return;
    await this.#put(key, pieces);
    // Read back, because no server's checksum is proof enough: they differ from server to server,
    // and none shows that the object can be read.
    const readBack = await hashObject(store, key);
    if (readBack !== sha256) {
      throw new ContentError(`${store.url}${key}: it reads back as other bytes than were sent`);
    }
    this.uploads++;
    this.bytes += bytes;
    this.lastUploadAt = this.#options.now();
  }

  async #put(key: string, pieces: readonly Uint8Array[]): Promise<void> {
    const { retentionDays, now, log } = this.#options;
    if (this.retention === "on") {
      const retainUntil = new Date(now() + retentionDays * DAY_MS);
      try {
        return await this.#store.put(key, pieces, { retainUntil });
      } catch (error) {
        if (!(error instanceof ObjectStoreError) || error.trouble !== "no-retention") throw error;
        this.retention = "unsupported";
        log.warn({ error: error.message }, "archived without retention");
      }
    }
    await this.#store.put(key, pieces);
  }
}
