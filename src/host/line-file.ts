/**
 * A file of lines that a crash leaves behind: it grows by a line for each change, and is written anew with what still counts
 * when that is less than half of it. The lines are written, not flushed: a power failure may take the last of them.
 */
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import type { Log } from "../lib/log.ts";

/** Below this size it is not written anew. */
const FILE_BYTES = 1 << 20;

export interface LineFileParts {
  path: string;
  log: Pick<Log, "warn">;
  /** What is logged, once, when the disk takes no line. */
  warning: string;
  /** All that counts now, each a line without its end. */
  all(): string[];
}

export class LineFile {
  readonly #parts: LineFileParts;
  /** Null after a fault of the disk. */
  #file: number | null = null;
  #isTold = false;
  #bytes = 0;
  #rewriteAt = FILE_BYTES;

  constructor(parts: LineFileParts) {
    this.#parts = parts;
  }

  /** The text that the file has; empty when there is none. Throws what the file system says. */
  read(): string {
    const { path } = this.#parts;
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /**
   * Adds a line, which `all` already has. Never throws: the exchange goes on when the disk is full, and what is not written is
   * written with the rest as soon as the disk takes it.
   */
  append(line: string): void {
    try {
      if (this.#file === null || this.#bytes >= this.#rewriteAt) this.rewrite();
      else this.#bytes += writeWhole(this.#file, `${line}\n`);
      this.#isTold = false;
    } catch (error) {
      this.close();
      const { log, warning } = this.#parts;
      if (!this.#isTold) log.warn({ error: String(error) }, warning);
      this.#isTold = true;
    }
  }

  /** Writes the file anew. Throws what the file system says; the file before it is then still there. */
  rewrite(): void {
    this.close();
    const { path, all } = this.#parts;
    const unfinished = `${path}.tmp`;
    const lines = all().map((line) => `${line}\n`);
    const file = openSync(unfinished, "w", 0o600);
    try {
      this.#bytes = writeWhole(file, lines.join(""));
      renameSync(unfinished, path);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    this.#file = file;
    this.#rewriteAt = Math.max(FILE_BYTES, 2 * this.#bytes);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

/** Returns how many bytes that were. A disk that is nearly full takes a part of them before it says so. */
function writeWhole(file: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  return bytes.length;
}
