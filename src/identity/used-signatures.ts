/**
 * The signatures that were taken, so that none is taken twice: as long as the clock lets one in, by whatever connection
 * it comes, and also when the exchange was killed and started meanwhile. They are remembered for a minute by a clock that
 * is never set, so that a wall clock set back by less lets none in again. One that was ahead keeps nobody out when it is
 * right again.
 *
 * ```
 *   take ─► memory, and a line "<api_key> <timestamp>" at the end of the file
 *   open ◄─ the file's lines; too old ones are left out, and the file is written anew
 * ```
 *
 * The lines are written, not flushed: a power failure may take the last of them. It takes longer than they count.
 */

import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import type { Clocks } from "../lib/clocks.ts";
import type { Log } from "../lib/log.ts";

/** The file in the data directory. */
export const USED_SIGNATURES_FILE = "used-signatures";

/** How far a signature's timestamp may be from the exchange's clock, either way. */
export const SIGNATURE_WINDOW_MS = 5000;
/** How long a signature is remembered. */
const REMEMBERED_MS = 60_000;
/** The file is written anew when it has so many bytes, and as many as what still counts twice. */
const FILE_BYTES = 1 << 20;

export interface UsedSignaturesParts extends Clocks {
  path: string;
  log: Pick<Log, "warn">;
}

export class UsedSignatures {
  readonly #parts: UsedSignaturesParts;
  /** By `<api_key> <timestamp>`, which stands for the signature: when it was taken, in that order. */
  readonly #taken = new Map<string, number>();
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
    const [now, openedAt] = [parts.now(), parts.monotonic()];
    for (const [line, , timestamp] of text.matchAll(/^(\S+) (\d{1,15})$/gm)) {
      // What is further from the clock is not let in before it would be forgotten.
      const counts = Math.abs(Number(timestamp) - now) <= REMEMBERED_MS - SIGNATURE_WINDOW_MS;
      if (counts) used.#taken.set(line, openedAt);
    }
    used.#rewrite();
    return used;
  }

  /** False when a signature of this key with this timestamp, which is within the window, was taken before. */
  take(apiKey: string, timestamp: number): boolean {
    const now = this.#parts.monotonic();
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

  #forget(now: number): void {
    for (const [line, takenAt] of this.#taken) {
      if (now - takenAt < REMEMBERED_MS) break;
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
