/** Writes a snapshot file. It gets its name only when it is whole. */

import { join } from "node:path";
import type { SnapshotInfo } from "../snapshot.ts";
import type { FileSystem } from "../wal/file-system.ts";
import { diskFileSystem } from "../wal/file-system.ts";
import type { SectionPlace } from "./layout.ts";
import {
  headerBytes,
  NAME_BYTES_MAX,
  SECTION_BYTES_MAX,
  SECTIONS_MAX,
  snapshotHeader,
  snapshotName,
} from "./layout.ts";

/** A part of the state. */
export interface SnapshotSection {
  /** 1 to 56 ASCII characters, unique among the sections. */
  name: string;
  /**
   * Its bytes in pieces of any size. Each piece is read before the next one is asked for, so its memory may
   * be reused.
   */
  bytes: Iterable<Uint8Array>;
}

/** Each piece is flushed by itself, so that the journal's flushes never wait behind a whole snapshot. */
const PIECE_BYTES = 1024 * 1024;

/** The suffix of an unfinished file. */
export const UNFINISHED = ".tmp";

/**
 * Writes the snapshot of `info.tick` into `directory`, durable with its name, and gives its path and
 * length. One of the same tick is replaced. It pauses for `pauseMs` after each piece, because the journal's
 * flushes wait for its own. Throws the operating system's error, after it has removed what was written.
 */
export function writeSnapshot(
  directory: string,
  info: SnapshotInfo,
  sections: readonly SnapshotSection[],
  fileSystem: FileSystem = diskFileSystem,
  pauseMs = 0,
): { file: string; bytes: number } {
  checkNames(sections);
  const path = join(directory, snapshotName(info.tick));
  const unfinished = path + UNFINISHED;
  fileSystem.makeDirectory(directory);
  // A writer that was killed may have left one.
  if (fileSystem.exists(unfinished)) fileSystem.remove(unfinished);
  const file = fileSystem.open(unfinished, "create");
  let bytes: number;
  try {
    try {
      bytes = writeContent(fileSystem, file, info, sections, pauseMs);
    } finally {
      fileSystem.close(file);
    }
    fileSystem.rename(unfinished, path);
  } catch (error) {
    discard(fileSystem, unfinished);
    throw error;
  }
  fileSystem.syncDirectoryAndWait(directory);
  return { file: path, bytes };
}

/**
 * Writes the sections and then the header, which holds their hashes. Until the header is written the file is no
 * snapshot.
 */
function writeContent(
  fileSystem: FileSystem,
  file: number,
  info: SnapshotInfo,
  sections: readonly SnapshotSection[],
  pauseMs: number,
): number {
  const output = new PieceWriter(fileSystem, file, headerBytes(sections.length), pauseMs);
  const places: Omit<SectionPlace, "offset">[] = [];
  for (const { name, bytes } of sections) {
    const hasher = new Bun.CryptoHasher("sha256");
    const start = output.position;
    for (const piece of bytes) {
      hasher.update(piece);
      output.write(piece);
    }
    const length = output.position - start;
    if (length > SECTION_BYTES_MAX) {
      throw new RangeError(`section ${name} has ${length} bytes, more than ${SECTION_BYTES_MAX}`);
    }
    places.push({ name, length, hash: hasher.digest() });
  }
  output.flush();
  fileSystem.writeAtAndWait(file, snapshotHeader(info, places), 0);
  fileSystem.fdatasyncAndWait(file);
  return output.position;
}

/** Gathers bytes into pieces, and writes and flushes these one by one. */
class PieceWriter {
  /** Where the next byte goes. */
  position: number;
  readonly #fileSystem: FileSystem;
  readonly #file: number;
  readonly #piece = new Uint8Array(PIECE_BYTES);
  readonly #pauseMs: number;
  #filled = 0;

  constructor(fileSystem: FileSystem, file: number, position: number, pauseMs: number) {
    this.#fileSystem = fileSystem;
    this.#file = file;
    this.position = position;
    this.#pauseMs = pauseMs;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + PIECE_BYTES - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      this.position += part.length;
      at += part.length;
      if (this.#filled === PIECE_BYTES) this.flush();
    }
  }

  flush(): void {
    const bytes = this.#piece.subarray(0, this.#filled);
    this.#fileSystem.writeAtAndWait(this.#file, bytes, this.position - bytes.length);
    this.#fileSystem.fdatasyncAndWait(this.#file);
    this.#filled = 0;
    Bun.sleepSync(this.#pauseMs);
  }
}

function checkNames(sections: readonly SnapshotSection[]): void {
  const names = new Set(sections.map(({ name }) => name));
  if (names.size !== sections.length || sections.length > SECTIONS_MAX) {
    throw new RangeError(
      `${sections.length} sections: expected ${SECTIONS_MAX} names at most, each once`,
    );
  }
  for (const name of names) {
    if (/^[!-~]+$/.test(name) && name.length <= NAME_BYTES_MAX) continue;
    throw new RangeError(`section "${name}": expected 1 to ${NAME_BYTES_MAX} ASCII characters`);
  }
}

/** Removes an unfinished file. An error of the removal is dropped: the first failure is the one to report. */
function discard(fileSystem: FileSystem, path: string): void {
  try {
    fileSystem.remove(path);
  } catch {
    // The file stays until the next start removes it.
  }
}
