/**
 * Where the journal's segments come from. The next one is made ready while the current one fills:
 * zero-filled, flushed, named, and its name flushed, all beside the ticks.
 *
 * ```
 *   wal_next.tmp ──zeros, a piece at a time──► flush ──rename──► wal_000008.log ──► directory flush
 *   a crash here leaves a file that nobody reads                a crash here leaves an unused segment
 * ```
 *
 * Zeros and not a hole: a flush of blocks that exist already need not touch the file's metadata.
 */

import { join } from "node:path";
import type { FileSystem } from "./file-system.ts";
import { segmentName } from "./layout.ts";
import { Segment } from "./segment.ts";

/** Under this name a segment is filled; it is never read. */
export const UNFINISHED_NAME = "wal_next.tmp";

/** Each piece is flushed by itself, so that a tick's flush never waits behind a whole segment. */
const PIECE_BYTES_MAX = 1024 * 1024;

interface PreparedFile {
  number: number;
  file: number;
  /** Whether the directory has its name for good. */
  named: boolean;
}

export class SegmentSupply {
  /** Segments that were not ready in time. */
  late = 0;
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #segmentBytes: number;
  #prepared: PreparedFile | null = null;
  #running: Promise<void> | null = null;
  #stopping = false;
  #failure: Error | null = null;

  constructor(fileSystem: FileSystem, directory: string, segmentBytes: number) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
  }

  /** Makes the first segment after a start, zero-filled and durable, and waits for it. */
  first(number: number): Segment {
    const segment = this.#create(number);
    for (const { bytes, position } of this.#zeros()) {
      this.#fileSystem.writeAtAndWait(segment.file, bytes, position);
    }
    segment.syncAndWait();
    return segment;
  }

  /** Begins to prepare a segment unless one is ready or under way. `number` tells its number then. */
  prepare(number: () => number): void {
    if (this.#prepared !== null || this.#running !== null || this.#failure !== null) return;
    this.#running = this.#prepare(number)
      .catch((error: Error) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#running = null;
      });
  }

  /**
   * The segment `number`, prepared or else made now. One made now grows as it is written: its
   * flushes are slower, but the tick waits for a file name and not for a segment full of zeros.
   * Throws what preparing it failed with.
   */
  next(number: number): Segment {
    if (this.#failure !== null) throw this.#failure;
    const prepared = this.#prepared;
    if (prepared === null) {
      this.late++;
      return this.#create(number);
    }
    this.#prepared = null;
    if (!prepared.named) {
      this.late++;
      this.#fileSystem.syncDirectoryAndWait(this.#directory);
    }
    return new Segment(this.#fileSystem, this.#path(number), number, prepared.file);
  }

  /** Ends what is under way and removes what was not used. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    const prepared = this.#prepared;
    if (prepared === null) return;
    this.#prepared = null;
    this.#fileSystem.close(prepared.file);
    this.#fileSystem.remove(this.#path(prepared.number));
  }

  #create(number: number): Segment {
    const path = this.#path(number);
    const file = this.#fileSystem.open(path, "create");
    this.#fileSystem.syncDirectoryAndWait(this.#directory);
    return new Segment(this.#fileSystem, path, number, file);
  }

  async #prepare(number: () => number): Promise<void> {
    const unfinished = join(this.#directory, UNFINISHED_NAME);
    const file = this.#fileSystem.open(unfinished, "create");
    let prepared: PreparedFile;
    try {
      for (const { bytes, position } of this.#zeros()) {
        if (this.#stopping) break;
        await this.#fileSystem.writeAt(file, bytes, position);
        await this.#flush(file);
      }
      if (this.#stopping) {
        this.#fileSystem.close(file);
        this.#fileSystem.remove(unfinished);
        return;
      }
      // From here to the next `await` nothing else runs: the number stays the next one.
      prepared = { number: number(), file, named: false };
      this.#fileSystem.rename(unfinished, this.#path(prepared.number));
    } catch (error) {
      this.#fileSystem.close(file);
      throw error;
    }
    this.#prepared = prepared;
    await this.#fileSystem.syncDirectory(this.#directory);
    prepared.named = true;
  }

  /** The zeros of a segment, in pieces. */
  *#zeros(): Generator<{ bytes: Uint8Array; position: number }> {
    const zeros = new Uint8Array(Math.min(this.#segmentBytes, PIECE_BYTES_MAX));
    for (let position = 0; position < this.#segmentBytes; position += zeros.length) {
      yield { bytes: zeros.subarray(0, this.#segmentBytes - position), position };
    }
  }

  #flush(file: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#fileSystem.fdatasync(file, (error) => (error ? reject(error) : resolve()));
    });
  }

  #path(number: number): string {
    return join(this.#directory, segmentName(number));
  }
}
