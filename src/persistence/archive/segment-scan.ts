/**
 * Checks a sealed segment as its bytes arrive, in pieces of any size, and summarises what it holds.
 * `wal/segment-reader.ts` checks a segment that is whole in memory and gives its records to the core. Here
 * nobody needs the records, and a segment may be a gibibyte: only one header is kept.
 */

import * as layout from "../wal/layout.ts";
import { damagedAt } from "./content-error.ts";

/** What a whole segment holds. Hashes and the exchange's id are in hexadecimal. */
export interface SegmentSummary {
  exchangeId: string;
  number: number;
  firstTick: number;
  lastTick: number;
  firstSequence: number;
  lastSequence: number;
  firstTimestamp: number;
  lastTimestamp: number;
  /** Hash of the last batch before this segment; zeros in the first segment. */
  previousHash: string;
  /** Hash of its last batch. */
  chainHash: string;
}

/** A batch, and where it ends. */
export interface BatchEnd {
  tick: number;
  timestamp: number;
  /** In bytes from the segment's start. */
  offset: number;
}

/** What the next bytes must be. */
type Expected = "segment header" | "batch header" | "records" | "zeros";

export class SegmentScan {
  readonly #header = new Uint8Array(layout.SEGMENT_HEADER_BYTES);
  readonly #headerInts = new Int32Array(this.#header.buffer);
  readonly #headerDoubles = new Float64Array(this.#header.buffer);
  readonly #onBatch: ((end: BatchEnd) => void) | null;
  #hasher = new Bun.CryptoHasher("sha256");
  #expected: Expected = "segment header";
  /** Bytes of the current header that have arrived. */
  #headerFilled = 0;
  /** Bytes of the current batch's records and texts that have not arrived yet. */
  #recordsLeft = 0;
  #recordCount = 0;
  /** Byte at which the header that was read last begins. */
  #start = 0;
  #offset = 0;
  #ownHash = "";
  #summary: SegmentSummary | null = null;
  #trailing = false;

  /** `onBatch` is called after each batch that is whole and unaltered. */
  constructor(onBatch: ((end: BatchEnd) => void) | null = null) {
    this.#onBatch = onBatch;
  }

  /** Whether zeros follow the last batch: then the file was not trimmed, and a recovery may still trim it. */
  get hasZerosAtEnd(): boolean {
    return this.#trailing;
  }

  /** Takes the next bytes. Throws `ContentError`. */
  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const rest = bytes.subarray(at);
      const taken = this.#expected === "records" ? this.#takeRecords(rest) : this.#takeHeader(rest);
      at += taken;
      this.#offset += taken;
      if (this.#expected === "records" && this.#recordsLeft === 0) this.#endBatch();
    }
  }

  /** To be called after the last bytes. Throws `ContentError` when they end inside a header or a batch. */
  end(): SegmentSummary {
    const rest = this.#header.subarray(0, this.#headerFilled);
    const isTrimmable = this.#expected !== "segment header" && rest.every((byte) => byte === 0);
    if (rest.length > 0 && isTrimmable) this.#trailing = true;
    else if (rest.length > 0 || this.#expected === "records") {
      throw damagedAt(this.#start, `it ends inside the ${this.#expected} here`);
    }
    if (this.#summary === null || this.#summary.chainHash === "") {
      throw damagedAt(this.#offset, "it has no batch");
    }
    return this.#summary;
  }

  #takeHeader(bytes: Uint8Array): number {
    if (this.#headerFilled === 0) this.#start = this.#offset;
    const taken = Math.min(bytes.length, this.#header.length - this.#headerFilled);
    this.#header.set(bytes.subarray(0, taken), this.#headerFilled);
    this.#headerFilled += taken;
    if (this.#headerFilled < this.#header.length) return taken;
    this.#headerFilled = 0;
    if (this.#expected === "segment header") this.#readSegmentHeader();
    else this.#readBatchHeader();
    return taken;
  }

  #takeRecords(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.#recordsLeft);
    this.#hasher.update(bytes.subarray(0, taken));
    this.#recordsLeft -= taken;
    return taken;
  }

  #readSegmentHeader(): void {
    const ints = this.#headerInts;
    const doubles = this.#headerDoubles;
    if (!layout.hasMagic(ints, 0, layout.SEGMENT_MAGIC)) {
      throw damagedAt(0, "this is not a journal segment");
    }
    if (!layout.hashIsRight(ints, this.#header.length)) {
      throw damagedAt(0, "the header does not match its hash");
    }
    this.#checkVersion();
    const start = layout.SEGMENT_EXCHANGE_ID_BYTE;
    const timestamp = doubles[layout.SEGMENT_TIMESTAMP_BYTE >> 3] as number;
    const tick = doubles[layout.SEGMENT_FIRST_TICK_BYTE >> 3] as number;
    const sequence = doubles[layout.SEGMENT_FIRST_SEQUENCE_BYTE >> 3] as number;
    this.#summary = {
      exchangeId: this.#header.subarray(start, start + layout.EXCHANGE_ID_BYTES).toHex(),
      number: ints[layout.SEGMENT_NUMBER_BYTE >> 2] as number,
      firstTick: tick,
      lastTick: tick - 1,
      firstSequence: sequence,
      lastSequence: sequence - 1,
      firstTimestamp: timestamp,
      lastTimestamp: timestamp,
      previousHash: this.#hashAt(layout.PREVIOUS_HASH_BYTE),
      chainHash: "",
    };
    this.#expected = "batch header";
  }

  #readBatchHeader(): void {
    const ints = this.#headerInts;
    if (this.#trailing || ints[0] === 0) {
      if (ints.some((word) => word !== 0)) {
        throw damagedAt(this.#start, "zeros and then other bytes follow its batches");
      }
      this.#trailing = true;
      this.#expected = "zeros";
      return;
    }
    if (!layout.hasMagic(ints, 0, layout.BATCH_MAGIC)) {
      throw damagedAt(this.#start, "neither a batch nor zeros stand here");
    }
    this.#recordCount = ints[layout.BATCH_COUNT_BYTE >> 2] as number;
    if (this.#recordCount < 1) {
      throw damagedAt(this.#start, `a batch of ${this.#recordCount} records`);
    }
    this.#recordsLeft = layout.batchBytes(ints, 0) - layout.BATCH_HEADER_BYTES;
    this.#ownHash = this.#hashAt(layout.OWN_HASH_BYTE);
    this.#hasher.update(this.#header.subarray(layout.HASHED_BYTE));
    this.#expected = "records";
  }

  /** Checks a batch whose last record has arrived. `#header` still has its header. */
  #endBatch(): void {
    if (this.#hasher.digest("hex") !== this.#ownHash) {
      throw damagedAt(this.#start, "the batch does not match its hash");
    }
    this.#checkVersion();
    const summary = this.#summary as SegmentSummary;
    const doubles = this.#headerDoubles;
    const tick = doubles[layout.BATCH_TICK_BYTE >> 3] as number;
    const sequence = doubles[layout.BATCH_FIRST_SEQUENCE_BYTE >> 3] as number;
    const isFirst = summary.chainHash === "";
    const before = isFirst ? summary.previousHash : summary.chainHash;
    const continues =
      tick === summary.lastTick + 1 &&
      sequence === summary.lastSequence + 1 &&
      this.#hashAt(layout.PREVIOUS_HASH_BYTE) === before;
    if (!continues) {
      const reason = `the batch of tick ${tick} does not continue tick ${summary.lastTick}`;
      throw damagedAt(this.#start, reason);
    }
    const timestamp = doubles[layout.BATCH_TIMESTAMP_BYTE >> 3] as number;
    summary.lastTick = tick;
    summary.lastSequence += this.#recordCount;
    summary.lastTimestamp = timestamp;
    summary.chainHash = this.#ownHash;
    this.#expected = "batch header";
    this.#onBatch?.({
      tick,
      timestamp,
      offset: this.#start + layout.batchBytes(this.#headerInts, 0),
    });
  }

  /** Call it only when the hash was right: a flipped bit must not look like another version. */
  #checkVersion(): void {
    const version = layout.versionAt(this.#headerInts, 0);
    if (version >= 1 && version <= layout.JOURNAL_VERSION) return;
    const reason = `it has format version ${version}; this program knows 1 to ${layout.JOURNAL_VERSION}`;
    throw damagedAt(this.#start, reason);
  }

  #hashAt(start: number): string {
    return this.#header.subarray(start, start + layout.HASH_BYTES).toHex();
  }
}
