/**
 * Makes the journal's segments. The next one is prepared while the current one fills: zero-filled, flushed,
 * named, and its name flushed, all beside the ticks.
 *
 * ```
 *   wal_next.tmp ──zeros, a piece at a time──► flush ──rename──► wal_000008.log ──► directory flush
 *   a crash here leaves a file that nobody reads                a crash here leaves an unused segment
 * ```
 *
 * Zeros and not a hole: a flush of blocks that exist already need not touch the file's metadata, and
 * the room is taken while there is some.
 *
 * A segment is as large as the flow asks for: one that was full makes the next four times as large, up to the
 * limit; one that was ended early, for a snapshot or the archive, makes it as large as what was in it.
 *
 * When a segment cannot be prepared, trading goes on: the supply tries again from time to time. A segment that
 * is not ready when it is needed is made then, and grows as it is written. A prepared segment has all the
 * descriptors that writing it takes. So the journal has its next segment even when connections have used up all
 * others.
 */

import { join } from "node:path";
import { isOutOfDescriptors } from "../../host/descriptor-reserve.ts";
import { type FileSystem, flushed } from "./file-system.ts";
import { segmentName } from "./layout.ts";
import { Segment } from "./segment.ts";

/** The name of a segment while it is filled; nobody reads it. */
export const UNFINISHED_NAME = "wal_next.tmp";

/** Between two attempts to prepare a segment. */
const RETRY_SPACING_MS = 1000;

/** Size of the first segment after a start, and of the smallest. */
const SEGMENT_BYTES_LEAST = 8 * 1024 * 1024;
/** How many times larger the segment after a full one is. */
const GROWTH = 4;

/**
 * Each piece is flushed by itself, so that a tick's flush waits behind no more than one, a fraction of a millisecond.
 */
const PIECE_BYTES = 256 * 1024;
/** The length of a segment is a multiple of this. */
const ROUND_BYTES = 1024 * 1024;

interface PreparedSegment {
  segment: Segment;
  /** Whether its name in the directory is durable. */
  named: boolean;
}

/** The segment that the journal leaves for the next one. */
export interface LeftSegment {
  /** Bytes that were written into it. */
  bytes: number;
  /** It had no room for more. */
  isFull: boolean;
}

/** The disk had no room for the file of a segment: nothing has been begun, and the one before can be written on. */
class NoFileError extends Error {
  override readonly name = "NoFileError";
}

/** Whether `next` failed because there was no descriptor or no room for the file: it may be called again. */
export function isNotBegun(error: unknown): boolean {
  return isOutOfDescriptors(error) || error instanceof NoFileError;
}

const FULL = new Set(["ENOSPC", "EDQUOT"]);

function isFull(error: unknown): error is Error {
  return error instanceof Error && "code" in error && FULL.has(String(error.code));
}

/** Counters that the supply counts and the journal keeps. */
export interface SupplyCounters {
  /** Segments that were not ready in time: a tick waited for their creation. */
  segmentsLate: number;
  /** Attempts to prepare a segment that failed. */
  preparationsFailed: number;
}

export class SegmentSupply {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #bytesMax: number;
  readonly #counters: SupplyCounters;
  readonly #now: () => number;
  /** Size of the next segment in bytes. */
  #bytes: number;
  #prepared: PreparedSegment | null = null;
  #running: Promise<void> | null = null;
  #stopping = false;
  /** The current segment was not prepared, so it still grows on the disk. */
  #isGrowing = false;
  #trouble: Error | null = null;
  #retryAt = 0;
  /** The directory could not be flushed: no later flush of it can be trusted. */
  #failure: Error | null = null;

  /** `bytesMax`: the largest size of a segment. `now`: a monotonic clock, in milliseconds. */
  constructor(
    fileSystem: FileSystem,
    directory: string,
    bytesMax: number,
    counters: SupplyCounters,
    now: () => number = () => performance.now(),
  ) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#bytesMax = bytesMax;
    this.#bytes = Math.min(SEGMENT_BYTES_LEAST, bytesMax);
    this.#counters = counters;
    this.#now = now;
  }

  /** Why the next segment could not be prepared; null once one could, and before the first attempt. */
  get trouble(): Error | null {
    return this.#trouble;
  }

  /**
   * Why a segment should not be ended before it is full; null when it may be. The rest of it has its room on
   * the disk already; a new one would have to grow on a disk that is full.
   */
  get shortage(): Error | null {
    return this.#prepared === null && isFull(this.#trouble?.cause) ? this.#trouble : null;
  }

  /** Makes the first segment after a start, zero-filled and durable, and waits for it. */
  first(number: number): Segment {
    const segment = this.#create(number);
    try {
      for (const { bytes, position } of zeros(segment.room)) {
        this.#fileSystem.writeAtAndWait(segment.file, bytes, position);
      }
      segment.syncAndWait();
    } catch (error) {
      segment.close();
      // A start that fails on a full disk must not leave the disk fuller.
      this.#discard(segment.path);
      throw error;
    }
    return segment;
  }

  /**
   * Begins to prepare a segment unless one is ready or under way, or an attempt has failed just now.
   * `number` gives its number when the file gets its name.
   */
  prepare(number: () => number): void {
    if (this.#prepared?.named || this.#running !== null) return;
    if (this.#trouble !== null && this.#now() < this.#retryAt) return;
    this.#running = this.#prepare(number)
      .then(
        () => {
          this.#trouble = null;
        },
        (error: Error) => {
          const message = `the next segment cannot be prepared: ${error.message}`;
          this.#trouble = new Error(message, { cause: error });
          this.#retryAt = this.#now() + RETRY_SPACING_MS;
          this.#counters.preparationsFailed++;
        },
      )
      .finally(() => {
        this.#running = null;
      });
  }

  /** As `prepare`, also when an attempt has failed just now. */
  prepareAgain(number: () => number): void {
    this.#retryAt = 0;
    this.prepare(number);
  }

  /**
   * The segment `number` after `left`, prepared or else made now. One made now grows as it is written: its
   * flushes are slower, but the tick waits for a file name and not for a segment full of zeros.
   * Throws what making or naming it failed with; see `isNotBegun`.
   */
  next(number: number, left: LeftSegment): Segment {
    if (this.#failure !== null) throw this.#failure;
    this.#fit(left);
    const prepared = this.#prepared;
    if (prepared === null) {
      const segment = this.#create(number);
      this.#counters.segmentsLate++;
      this.#isGrowing = true;
      return segment;
    }
    if (!prepared.named) {
      this.#fileSystem.syncDirectoryAndWait(this.#directory);
      this.#counters.segmentsLate++;
    }
    this.#prepared = null;
    this.#isGrowing = false;
    return prepared.segment;
  }

  /**
   * Chooses the size of the next segments: larger when `left` became full, otherwise about what `left` needed.
   */
  #fit({ bytes, isFull }: LeftSegment): void {
    const wanted = Math.ceil((bytes * (isFull ? GROWTH : 1)) / ROUND_BYTES) * ROUND_BYTES;
    this.#bytes = Math.min(Math.max(wanted, SEGMENT_BYTES_LEAST), this.#bytesMax);
  }

  /** Ends the preparation under way, and removes a segment that was not used. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    const prepared = this.#prepared;
    if (prepared === null) return;
    this.#prepared = null;
    prepared.segment.close();
    this.#fileSystem.remove(prepared.segment.path);
  }

  #create(number: number): Segment {
    const path = this.#path(number);
    const file = this.#open(path);
    try {
      const segment = new Segment(this.#fileSystem, path, number, file, this.#bytes);
      this.#fileSystem.syncDirectoryAndWait(this.#directory);
      return segment;
    } catch (error) {
      this.#fileSystem.close(file);
      // The file must not be in the way of the next attempt.
      if (isOutOfDescriptors(error)) this.#discard(path);
      throw error;
    }
  }

  #open(path: string): number {
    try {
      return this.#fileSystem.open(path, "create");
    } catch (error) {
      throw isFull(error) ? new NoFileError(error.message, { cause: error }) : error;
    }
  }

  async #prepare(number: () => number): Promise<void> {
    if (this.#prepared === null) await this.#fill(number);
    if (this.#prepared !== null) await this.#name(this.#prepared);
  }

  /** Makes a segment full of zeros under its name, unless the supply is stopped meanwhile. */
  async #fill(number: () => number): Promise<void> {
    await this.#requireRoom();
    const unfinished = join(this.#directory, UNFINISHED_NAME);
    // An earlier attempt may have failed to remove its file.
    if (this.#fileSystem.exists(unfinished)) this.#fileSystem.remove(unfinished);
    const file = this.#fileSystem.open(unfinished, "create");
    try {
      const room = this.#bytes;
      for (const { bytes, position } of zeros(room)) {
        if (this.#stopping) break;
        await this.#fileSystem.writeAt(file, bytes, position);
        await flushed(this.#fileSystem, file);
      }
      if (this.#stopping) {
        this.#fileSystem.close(file);
        this.#fileSystem.remove(unfinished);
        return;
      }
      // Nothing else runs from here until the caller is told, so this stays the next number.
      const next = number();
      const segment = new Segment(this.#fileSystem, this.#path(next), next, file, room);
      this.#fileSystem.rename(unfinished, segment.path);
      this.#prepared = { segment, named: false };
    } catch (error) {
      this.#fileSystem.close(file);
      this.#discard(unfinished);
      throw error;
    }
  }

  /** Makes the name of a segment durable. */
  async #name(prepared: PreparedSegment): Promise<void> {
    try {
      await this.#fileSystem.syncDirectory(this.#directory);
    } catch (error) {
      // Without a descriptor no flush was begun, so no failed flush can be concealed by a later one.
      if (!isOutOfDescriptors(error)) this.#failure = error as Error;
      throw error;
    }
    prepared.named = true;
  }

  /**
   * Throws when a segment full of zeros does not fit on the disk. Writing it anyway would fill the disk
   * completely, while the journal may need the last bytes for a segment that grows.
   */
  async #requireRoom(): Promise<void> {
    const needed = this.#bytes * (this.#isGrowing ? 2 : 1);
    const free = await this.#fileSystem.freeBytes(this.#directory);
    if (free >= needed) return;
    const message = `${free} bytes are free in ${this.#directory}, and ${needed} are needed`;
    throw Object.assign(new Error(message), { code: "ENOSPC" });
  }

  /** Removes a file that nobody will read. */
  #discard(path: string): void {
    try {
      this.#fileSystem.remove(path);
    } catch {
      // The next attempt removes it, or the next start.
    }
  }

  #path(number: number): string {
    return join(this.#directory, segmentName(number));
  }
}

/** `length` zeros, in pieces. */
function* zeros(length: number): Generator<{ bytes: Uint8Array; position: number }> {
  const piece = new Uint8Array(Math.min(length, PIECE_BYTES));
  for (let position = 0; position < length; position += piece.length) {
    yield { bytes: piece.subarray(0, length - position), position };
  }
}
