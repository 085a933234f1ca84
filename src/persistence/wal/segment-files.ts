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
import type { SegmentBytes } from "./segment-reader.ts";

/** The segment files of a directory, read whole into one memory that grows to the largest. */
export class SegmentFiles {
  readonly #directory: string;
  readonly #fileSystem: FileSystem;
  #bytes = new Uint8Array(0);
  #loaded: { number: number; segment: SegmentBytes } | null = null;

  constructor(directory: string, fileSystem: FileSystem) {
    this.#directory = directory;
    this.#fileSystem = fileSystem;
  }

  /** In order; a directory that is not there yet has none. */
  numbers(): number[] {
    if (!this.#fileSystem.exists(this.#directory)) return [];
    const numbers = this.#fileSystem.list(this.#directory).map(segmentNumber);
    return numbers.filter((number) => number !== null).sort((a, b) => a - b);
  }

  path(number: number): string {
    return join(this.#directory, segmentName(number));
  }

  bytes(number: number): number {
    const file = this.#fileSystem.open(this.path(number), "read");
    try {
      return this.#fileSystem.size(file);
    } finally {
      this.#fileSystem.close(file);
    }
  }

  /** The header alone, or what is there of it. */
  header(number: number): SegmentBytes {
    const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
    const file = this.#fileSystem.open(this.path(number), "read");
    try {
      const length = this.#fileSystem.read(file, bytes, 0);
      return wordsOver(bytes, length);
    } finally {
      this.#fileSystem.close(file);
    }
  }

  /** Valid until the next call. */
  load(number: number): SegmentBytes {
    if (this.#loaded?.number === number) return this.#loaded.segment;
    const path = this.path(number);
    const file = this.#fileSystem.open(path, "read");
    try {
      const segment = this.#read(path, file, this.#fileSystem.size(file));
      this.#loaded = { number, segment };
      return segment;
    } finally {
      this.#fileSystem.close(file);
    }
  }

  #read(path: string, file: number, length: number): SegmentBytes {
    if (length > SEGMENT_BYTES_MAX) {
      const reason = `the file is larger than a segment can be (${SEGMENT_BYTES_MAX} bytes)`;
      throw damaged(path, { kind: "foreign-file", offset: SEGMENT_BYTES_MAX, reason });
    }
    // One unit of zeros more than the file, so that words at its end can be read without a check.
    const room = (Math.ceil(length / ALIGNMENT_BYTES) + 1) * ALIGNMENT_BYTES;
    if (this.#bytes.length < room) this.#bytes = new Uint8Array(room);
    const bytes = this.#bytes;
    for (let at = 0; at < length; ) {
      const count = this.#fileSystem.read(file, bytes.subarray(at, length), at);
      if (count === 0) throw new Error(`${path}: the file became shorter while it was read`);
      at += count;
    }
    bytes.fill(0, length, room);
    return wordsOver(bytes, length);
  }
}

function wordsOver(bytes: Uint8Array<ArrayBuffer>, length: number): SegmentBytes {
  const { buffer } = bytes;
  return { bytes, ints: new Int32Array(buffer), doubles: new Float64Array(buffer), length };
}
