import { join } from "node:path";
import { damaged } from "./damage.ts";
import type { FileSystem } from "./file-system.ts";
import {
  ALIGNMENT_BYTES,
  SEGMENT_BYTES_MAX,
  SEGMENT_HEADER_BYTES,
  segmentName,
  segmentNumber,
} from "./layout.ts";
import { type SegmentBytes, wordsOver } from "./segment-bytes.ts";

/** The segment files of a directory, read whole into one memory that grows to the largest. */
export class SegmentFiles {
  readonly directory: string;
  readonly #fileSystem: FileSystem;
  #bytes = new Uint8Array(0);
  #loaded: { number: number; segment: SegmentBytes } | null = null;

  constructor(directory: string, fileSystem: FileSystem) {
    this.directory = directory;
    this.#fileSystem = fileSystem;
  }

  /** Numbers of the segments, in order; none while the directory does not exist. */
  numbers(): number[] {
    if (!this.#fileSystem.exists(this.directory)) return [];
    const numbers = this.#fileSystem.list(this.directory).map(segmentNumber);
    return numbers.filter((number) => number !== null).sort((a, b) => a - b);
  }

  path(number: number): string {
    return join(this.directory, segmentName(number));
  }

  bytes(number: number): number {
    return this.#use(number, (file) => this.#fileSystem.size(file));
  }

  /** The header alone, or as much of it as the file has. */
  header(number: number): SegmentBytes {
    const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
    return this.#use(number, (file) => wordsOver(bytes, this.#fileSystem.read(file, bytes, 0)));
  }

  /**
   * A segment, read whole. Valid until the next call. Throws `JournalDamagedError` when it is too large, and
   * the system's errors.
   */
  load(number: number): SegmentBytes {
    if (this.#loaded?.number === number) return this.#loaded.segment;
    const length = this.#read(number, (room) => {
      if (this.#bytes.length < room) this.#bytes = new Uint8Array(room);
      return this.#bytes;
    });
    const segment = wordsOver(this.#bytes, length);
    this.#loaded = { number, segment };
    return segment;
  }

  /** Reads a segment into memory that has `roomFor` it; returns the length of its file. */
  readInto(bytes: Uint8Array, number: number): number {
    return this.#read(number, (room) => {
      if (room > bytes.length) throw new Error(`${this.path(number)}: the file became longer`);
      return bytes;
    });
  }

  /**
   * Reads a segment whole into the memory that `memoryFor` gives for so many bytes; returns the length of its
   * file.
   */
  #read(number: number, memoryFor: (room: number) => Uint8Array): number {
    return this.#use(number, (file, path) => {
      const length = this.#length(path, file);
      readWhole(this.#fileSystem, { path, file, length }, memoryFor(roomFor(length)));
      return length;
    });
  }

  #use<T>(number: number, act: (file: number, path: string) => T): T {
    const path = this.path(number);
    const file = this.#fileSystem.open(path, "read");
    try {
      return act(file, path);
    } finally {
      this.#fileSystem.close(file);
    }
  }

  #length(path: string, file: number): number {
    const length = this.#fileSystem.size(file);
    if (length <= SEGMENT_BYTES_MAX) return length;
    const reason = `the file is larger than a segment can be (${SEGMENT_BYTES_MAX} bytes)`;
    throw damaged(path, { kind: "foreign-file", offset: SEGMENT_BYTES_MAX, reason });
  }
}

/**
 * Memory for a file of `length` bytes: one unit of zeros more, so that words at its end can be read without a
 * check.
 */
export function roomFor(length: number): number {
  return (Math.ceil(length / ALIGNMENT_BYTES) + 1) * ALIGNMENT_BYTES;
}

interface SegmentFile {
  path: string;
  file: number;
  length: number;
}

function readWhole(fileSystem: FileSystem, segment: SegmentFile, bytes: Uint8Array): void {
  const { length } = segment;
  for (let at = 0; at < length; ) at += readPiece(fileSystem, segment, bytes, at, length);
  bytes.fill(0, length, roomFor(length));
}

/**
 * Reads bytes of a segment from `at` to `end` at most, to the same place in `bytes`; returns how many, at least
 * one.
 */
export function readPiece(
  fileSystem: FileSystem,
  { path, file }: SegmentFile,
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  const count = fileSystem.read(file, bytes.subarray(at, end), at);
  if (count === 0) throw new Error(`${path}: the file became shorter while it was read`);
  return count;
}
