/**
 * A file that survives a crash of the process. It grows by a line for each change. When it has doubled, it is written anew
 * with the lines that still count. Lines are written but not flushed, so a loss of power may take the last ones.
 */
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import type { Log } from "../lib/log.ts";

/** A smaller file is not written anew. */
const FILE_BYTES = 1 << 20;

export interface LineFileParts {
  path: string;
  log: Pick<Log, "warn">;
  /** Message that is logged when a line cannot be written; not again before one could be written. */
  warning: string;
  /** All lines that count now, without their ends. */
  all(): string[];
}

export class LineFile {
  readonly #parts: LineFileParts;
  /** Null before the first line, and after a fault of the disk. */
  #file: number | null = null;
  #isTold = false;
  #bytes = 0;
  #rewriteAt = FILE_BYTES;

  constructor(parts: LineFileParts) {
    this.#parts = parts;
  }

  /**
   * The lines of the file that are of `form`, and the beginning of a last line that a crash has torn; nothing when there is no
   * file. Warns of other lines: the file is damaged. Throws what the file system says.
   */
  read(form: RegExp): { lines: RegExpExecArray[]; torn: string } {
    const { path, log } = this.#parts;
    const all = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
    const torn = all.pop() ?? "";
    const lines = all.map((line) => form.exec(line)).filter((line) => line !== null);
    const damaged = all.length - lines.length;
    if (damaged > 0) log.warn({ path, lines: damaged }, "damaged lines were left out");
    return { lines, torn };
  }

  /**
   * Adds a line, which `all` has to contain already. Never throws: the exchange goes on when the disk is full. The next call
   * then writes the whole file anew, with the lines that are missing.
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

  /** Writes the file anew. Throws what the file system says; the old file is then still there. */
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

/** Returns the length in bytes. One `writeSync` is not enough: a nearly full disk takes a part before it fails. */
function writeWhole(file: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  return bytes.length;
}
