/**
 * The signatures that were taken, so that none is taken twice: as long as the clock lets one in, by whatever connection
 * it comes, and also when the exchange was killed and started meanwhile.
 *
 * ```
 *   take ─► memory, and a line "<api_key> <timestamp>" at the end of the file
 *   open ◄─ the file's lines; too old ones are left out, and the file is written anew
 * ```
 *
 * The lines are written, not flushed: a power failure may take the last of them. It takes longer than they count.
 */

import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import type { Log } from "../lib/log.ts";

/** The file in the data directory. */
export const USED_SIGNATURES_FILE = "used-signatures";

/** How far a signature's timestamp may be from the exchange's clock, either way. */
export const SIGNATURE_WINDOW_MS = 5000;
/** The file is written anew when it has so many bytes, and as many as what still counts twice. */
const FILE_BYTES = 1 << 20;

export interface UsedSignaturesParts {
  path: string;
  log: Pick<Log, "warn">;
  /** Milliseconds since 1970. */
  now(): number;
}

export class UsedSignatures {
  readonly #parts: UsedSignaturesParts;
  /** By `<api_key> <timestamp>`, which stands for the signature: when it was taken, in that order. */
  readonly #taken = new Map<string, number>();
  #clock = 0;
  /** Null after a fault of the disk, which is told once. */
  #file: number | null = null;
  #isTold = false;
  #bytes = 0;
  #rewriteAt = FILE_BYTES;

  private constructor(parts: UsedSignaturesParts) {
    this.#parts = parts;
  }

  /** Throws what the file system says when the file can be neither read nor written. */
  static open(parts: UsedSignaturesParts): UsedSignatures {
    const used = new UsedSignatures(parts);
    const text = existsSync(parts.path) ? readFileSync(parts.path, "utf8") : "";
    const lines = [...text.matchAll(/^(\S+) (\d{1,15})$/gm)];
    // When these were taken the clock was so far at least: a clock that was set back makes none of them good again.
    for (const [, , timestamp] of lines) {
      used.#clock = Math.max(used.#clock, Number(timestamp) - SIGNATURE_WINDOW_MS);
    }
    const now = used.now();
    for (const [line, , timestamp] of lines) {
      if (Number(timestamp) >= now - SIGNATURE_WINDOW_MS) used.#taken.set(line, now);
    }
    used.#rewrite();
    return used;
  }

  /** The clock that timestamps are held against, milliseconds since 1970: the wall clock, but it never goes back. */
  now(): number {
    this.#clock = Math.max(this.#clock, this.#parts.now());
    return this.#clock;
  }

  /** False when a signature of this key with this timestamp, which is within the window, was taken before. */
  take(apiKey: string, timestamp: number): boolean {
    const now = this.now();
    this.#forget(now);
    const line = `${apiKey} ${timestamp}`;
    if (this.#taken.has(line)) return false;
    this.#taken.set(line, now);
    this.#append(`${line}\n`);
    return true;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  /** A timestamp is at most one window after the moment it was taken, and one window later nobody takes it. */
  #forget(now: number): void {
    for (const [line, takenAt] of this.#taken) {
      if (takenAt >= now - 2 * SIGNATURE_WINDOW_MS) break;
      this.#taken.delete(line);
    }
  }

  /** Logins go on when the disk is full: what is lost is lost for a restart within seconds only. */
  #append(text: string): void {
    try {
      if (this.#file === null || this.#bytes >= this.#rewriteAt) this.#rewrite();
      else this.#bytes += writeSync(this.#file, text);
      this.#isTold = false;
    } catch (error) {
      this.close();
      if (!this.#isTold) this.#parts.log.warn({ error: String(error) }, "signature not kept");
      this.#isTold = true;
    }
  }

  #rewrite(): void {
    this.close();
    const unfinished = `${this.#parts.path}.tmp`;
    const text = [...this.#taken.keys()].map((line) => `${line}\n`).join("");
    const file = openSync(unfinished, "w", 0o600);
    try {
      this.#bytes = writeSync(file, text);
      renameSync(unfinished, this.#parts.path);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    this.#file = file;
    this.#rewriteAt = Math.max(FILE_BYTES, 2 * this.#bytes);
  }
}
