/**
 * The write-ahead journal over any file system: `LocalPersistence` is this on a disk,
 * `MemoryPersistence` this in memory.
 *
 * One rule makes recovery simple: a segment is durable to its end before the next one gets its first
 * byte, so only the last segment can be torn.
 */

import { COMMAND_BYTES } from "../../core/command.ts";
import { runSteps } from "../../lib/steps.ts";
import type { PersistenceBackend, RecoveryReport, RecoveryTarget, TickHeader } from "../backend.ts";
import { StorageFailedError } from "../backend.ts";
import { recoverFiles } from "../rebuild.ts";
import { type FileSystem, flushed } from "./file-system.ts";
import {
  BATCH_HEADER_BYTES,
  EXCHANGE_ID_BYTES,
  fillBatchHeader,
  fillSegmentHeader,
  HASH_INTS,
  SEGMENT_BYTES_MAX,
  SEGMENT_BYTES_MIN,
  SEGMENT_HEADER_BYTES,
} from "./layout.ts";
import { BatchPacker } from "./packed-batch.ts";
import type { JournalReading } from "./recovery.ts";
import type { Segment } from "./segment.ts";
import type { SupplyCounters } from "./segment-supply.ts";
import { isNotBegun, SegmentSupply } from "./segment-supply.ts";

/**
 * When a batch counts as durable: `fsync` when the disk has it, `interval` at once, with a flush
 * every `flushIntervalMs`, `none` at once, with a flush only at the end of each segment.
 */
export type Durability = "fsync" | "interval" | "none";

export interface JournalOptions {
  directory: string;
  /** Where snapshots are; without it there are none. */
  snapshotDirectory?: string;
  /** A new segment begins when a batch does not fit into this any more. */
  segmentBytes?: number;
  durability?: Durability;
  /** How `fsync` runs: in parallel with the matching of the tick, or before it (a shorter tail). */
  flush?: "overlapped" | "blocking";
  flushIntervalMs?: number;
}

/** Counted since the start. */
export interface JournalCounters extends SupplyCounters {
  batches: number;
  records: number;
  bytes: number;
  flushes: number;
  segments: number;
}

export class Journal implements PersistenceBackend {
  readonly counters: JournalCounters = {
    batches: 0,
    records: 0,
    bytes: 0,
    flushes: 0,
    segments: 0,
    segmentsLate: 0,
    preparationsFailed: 0,
  };
  protected readonly fileSystem: FileSystem;
  protected readonly directory: string;
  readonly #snapshotDirectory: string | null;
  readonly #segmentBytes: number;
  readonly #durability: Durability;
  readonly #blocking: boolean;
  readonly #flushIntervalMs: number;
  readonly #supply: SegmentSupply;
  readonly #packer = new BatchPacker();
  readonly #segmentHeader = new Uint8Array(SEGMENT_HEADER_BYTES);
  readonly #nextNumber = (): number => this.#opened().number + 1;

  #stage: "new" | "recovered" | "open" | "closed" = "new";
  #reading: JournalReading | null = null;
  #segment: Segment | null = null;
  #exchangeId: Uint8Array = new Uint8Array(EXCHANGE_ID_BYTES);
  #chain: Int32Array = new Int32Array(HASH_INTS);
  #nextTick = 1;
  #nextSequence = 1;
  #durableTick = 0;
  #failure: StorageFailedError | null = null;
  #timer: Timer | null = null;
  /** Segments are sealed one after the other; never rejects. */
  #sealing: Promise<void> = Promise.resolve();
  #sealedThrough = 0;
  readonly #sealedListeners: ((through: number) => void)[] = [];

  constructor(options: JournalOptions, fileSystem: FileSystem) {
    this.fileSystem = fileSystem;
    this.directory = options.directory;
    this.#snapshotDirectory = options.snapshotDirectory ?? null;
    this.#segmentBytes = options.segmentBytes ?? 64 * 1024 * 1024;
    if (this.#segmentBytes < SEGMENT_BYTES_MIN || this.#segmentBytes > SEGMENT_BYTES_MAX) {
      throw new RangeError(
        `segmentBytes ${this.#segmentBytes} is not in ${SEGMENT_BYTES_MIN}–${SEGMENT_BYTES_MAX}`,
      );
    }
    this.#durability = options.durability ?? "fsync";
    this.#blocking = options.flush === "blocking";
    this.#flushIntervalMs = options.flushIntervalMs ?? 100;
    this.#supply = new SegmentSupply(fileSystem, this.directory, this.#segmentBytes, this.counters);
  }

  /** Why the storage is given up for good; null while all is well. */
  get failure(): StorageFailedError | null {
    return this.#failure;
  }

  /** Why the next segment is not ready, which stops nothing until it is needed; null while all is well. */
  get trouble(): Error | null {
    return this.#supply.trouble;
  }

  recover(target: RecoveryTarget): RecoveryReport {
    return runSteps(this.recoverInSteps(target));
  }

  *recoverInSteps(target: RecoveryTarget): Generator<void, RecoveryReport> {
    if (this.#stage !== "new") throw new Error("recover was called before");
    this.#stage = "recovered";
    this.fileSystem.makeDirectory(this.directory);
    const sources = { walDirectory: this.directory, snapshotDirectory: this.#snapshotDirectory };
    const { reading, report } = yield* recoverFiles(sources, target, this.fileSystem);
    this.#reading = reading;
    this.#chain = reading.position.chain;
    this.#nextTick = reading.position.nextTick;
    this.#nextSequence = reading.position.nextSequence;
    this.#durableTick = reading.report.lastTick;
    return report;
  }

  open(): void {
    if (this.#stage !== "recovered" || this.#reading === null) {
      throw new Error("open follows recover, once");
    }
    this.#stage = "open";
    this.#exchangeId =
      this.#reading.exchangeId ?? crypto.getRandomValues(new Uint8Array(EXCHANGE_ID_BYTES));
    const number = this.#reading.nextSegment;
    this.#sealedThrough = number - 1;
    try {
      this.#segment = this.#supply.first(number);
    } catch (error) {
      throw this.#fail(error);
    }
    if (this.#durability === "interval") {
      this.#timer = setInterval(() => this.#flushDue(), this.#flushIntervalMs);
      // The timer does not keep the process alive; `close` flushes what is left.
      this.#timer.unref();
    }
  }

  exchangeId(): string {
    return this.#exchangeId.toHex();
  }

  append(records: Uint8Array, info: TickHeader): void {
    if (this.#failure !== null) throw this.#failure;
    this.#check(records, info);
    const current = this.#opened();
    const packed = this.#packer.pack(records, info.count);
    try {
      const segment = this.#withRoom(current, packed.length, info);
      fillBatchHeader(packed, info, this.#packer.texts, this.#durableTick, this.#chain);
      segment.write(packed);
    } catch (error) {
      throw this.#fail(error);
    }
    this.#supply.prepare(this.#nextNumber);
    this.#nextTick = info.tick + 1;
    this.#nextSequence = info.firstSequence + info.count;
    this.counters.batches++;
    this.counters.records += info.count;
    this.counters.bytes += packed.length;
  }

  flush(done: (error: StorageFailedError | null) => void): void {
    if (this.#failure !== null || this.#durability !== "fsync") return done(this.#failure);
    if (!this.#blocking) return this.#sync(done);
    try {
      this.#syncAndWait(this.#opened());
    } catch (error) {
      return done(this.#fail(error));
    }
    done(null);
  }

  rotate(): number {
    if (this.#failure !== null) throw this.#failure;
    if (this.#stage === "closed") throw new Error("the journal is closed");
    const current = this.#opened();
    if (current.position === 0) return current.number - 1;
    const { shortage } = this.#supply;
    if (shortage !== null) {
      this.#supply.prepareAgain(this.#nextNumber);
      throw shortage;
    }
    try {
      this.#nextSegment(current, false);
    } catch (error) {
      throw isNotBegun(error) ? error : this.#fail(error);
    }
    return current.number;
  }

  /**
   * Tries again to prepare the next segment if the last attempt failed. Each batch does so as well, but when nobody trades
   * there is none.
   */
  prepareAgain(): void {
    if (this.#stage !== "open" || this.#failure !== null || this.trouble === null) return;
    this.#supply.prepare(this.#nextNumber);
  }

  sealedThrough(): number {
    return this.#sealedThrough;
  }

  onSealed(listener: (through: number) => void): void {
    this.#sealedListeners.push(listener);
  }

  close(): Promise<void> {
    return this.seal();
  }

  async seal(): Promise<void> {
    this.#stage = "closed";
    if (this.#timer !== null) clearInterval(this.#timer);
    const segment = this.#segment;
    if (segment === null) return;
    try {
      await Promise.all([this.#supply.stop(), this.#sealing, segment.idle()]);
      if (this.#failure === null) await flushed(this.fileSystem, segment.file);
    } catch (error) {
      this.#fail(error);
    }
    this.#segment = null;
    if (this.#failure !== null) {
      segment.close();
      throw this.#failure;
    }
    const isUnused = segment.position === 0;
    try {
      await segment.seal();
      if (isUnused) this.fileSystem.remove(segment.path);
    } catch (error) {
      throw this.#fail(error);
    }
    if (!isUnused) this.#sealed(segment.number);
  }

  #check(records: Uint8Array, info: TickHeader): void {
    if (info.count < 1 || records.length !== info.count * COMMAND_BYTES) {
      throw new RangeError(`${info.count} records in ${records.length} bytes`);
    }
    if (info.tick !== this.#nextTick || info.firstSequence !== this.#nextSequence) {
      throw new RangeError(
        `tick ${info.tick}, sequence ${info.firstSequence} instead of ${this.#nextTick}, ${this.#nextSequence}`,
      );
    }
    const bytes = BATCH_HEADER_BYTES + records.length;
    if (SEGMENT_HEADER_BYTES + bytes > this.#segmentBytes) {
      throw new RangeError(`a batch of ${bytes} bytes fits into no segment`);
    }
  }

  /** The segment that takes the next `bytes`, its header written. */
  #withRoom(current: Segment, bytes: number, info: TickHeader): Segment {
    const fits = current.position === 0 || current.position + bytes <= current.room;
    const segment = fits ? current : this.#nextOrSame(current, bytes);
    if (segment.position === 0) {
      const { tick: firstTick, firstSequence, timestamp } = info;
      const { number } = segment;
      const exchangeId = this.#exchangeId;
      fillSegmentHeader(
        this.#segmentHeader,
        { number, firstTick, firstSequence, timestamp, exchangeId },
        this.#chain,
      );
      segment.write(this.#segmentHeader);
      this.counters.segments++;
    }
    return segment;
  }

  /** The next segment; `full` itself while there is no descriptor, or no file, for another. */
  #nextOrSame(full: Segment, bytes: number): Segment {
    try {
      return this.#nextSegment(full, true);
    } catch (error) {
      const mayGrow = full.position + bytes <= SEGMENT_BYTES_MAX;
      if (!mayGrow || !isNotBegun(error)) throw error;
      return full;
    }
  }

  /** Ends `left`, durable to its last byte, and begins the segment after it. */
  #nextSegment(left: Segment, isFull: boolean): Segment {
    if (this.#durableTick !== this.#nextTick - 1) this.#syncAndWait(left);
    const segment = this.#supply.next(left.number + 1, { bytes: left.position, isFull });
    this.#segment = segment;
    this.#sealing = this.#sealing.then(() => this.#seal(left));
    return segment;
  }

  async #seal(full: Segment): Promise<void> {
    try {
      await full.seal();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#failure === null) this.#sealed(full.number);
  }

  #sealed(number: number): void {
    this.#sealedThrough = number;
    for (const listener of this.#sealedListeners) listener(number);
  }

  #sync(done: (error: StorageFailedError | null) => void): void {
    const tick = this.#nextTick - 1;
    this.counters.flushes++;
    this.#opened().sync((error) => {
      if (error !== null) return done(this.#fail(error));
      this.#durableTick = Math.max(this.#durableTick, tick);
      done(this.#failure);
    });
  }

  #syncAndWait(segment: Segment): void {
    this.counters.flushes++;
    segment.syncAndWait();
    this.#durableTick = this.#nextTick - 1;
  }

  /** The periodic flush of durability `interval`. */
  #flushDue(): void {
    if (this.#failure !== null || this.#opened().syncing) return;
    if (this.#durableTick !== this.#nextTick - 1) this.#sync(() => undefined);
  }

  #opened(): Segment {
    if (this.#segment === null) throw new Error("the journal is not open");
    return this.#segment;
  }

  /**
   * Stops using the storage: after a failed write or flush it is unknown what the disk has, and a second
   * fsync could report success for pages that are lost. The first failure stays the reason.
   */
  #fail(error: unknown): StorageFailedError {
    this.#failure ??= new StorageFailedError(
      `the journal in ${this.directory} failed: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
    return this.#failure;
  }
}
