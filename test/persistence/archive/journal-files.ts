/** Journals and snapshots on disk for tests of the archive, written by the code of the formats. */

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMAND_BYTES } from "../../../src/core/command.ts";
import { NO_STATE_CHECK } from "../../../src/persistence/backend.ts";
import { writeSnapshot } from "../../../src/persistence/snapshot/write-snapshot.ts";
import {
  EXCHANGE_ID_BYTES,
  fillBatchHeader,
  fillSegmentHeader,
  HASH_INTS,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from "../../../src/persistence/wal/layout.ts";
import { BatchPacker } from "../../../src/persistence/wal/packed-batch.ts";

/** Time of tick 0. */
export const START_TIME = 1_700_000_000_000;

/** A journal that grows by whole segments. The time of tick t is START_TIME + 1000 t. */
export class JournalFiles {
  readonly walDir: string;
  readonly snapshotDir: string;
  /** Numbers of the segments on disk, and ticks of the snapshots. */
  readonly segments: number[] = [];
  readonly snapshots: number[] = [];
  tick = 0;
  sequence = 0;
  #chain = new Int32Array(HASH_INTS);
  readonly #exchangeId: Uint8Array;

  /** `exchange`, from 0 to 255, distinguishes exchanges. */
  constructor(
    readonly directory: string,
    exchange = 1,
  ) {
    this.walDir = join(directory, "wal");
    this.snapshotDir = join(directory, "snapshots");
    this.#exchangeId = new Uint8Array(EXCHANGE_ID_BYTES).fill(exchange);
    mkdirSync(this.walDir, { recursive: true });
    mkdirSync(this.snapshotDir, { recursive: true });
  }

  /** The same files in another directory, which go on by themselves. */
  copyTo(directory: string): JournalFiles {
    const copy = new JournalFiles(directory);
    cpSync(this.directory, directory, { recursive: true });
    const { segments, snapshots, tick, sequence } = this;
    Object.assign(copy, { segments: [...segments], snapshots: [...snapshots], tick, sequence });
    copy.#exchangeId.set(this.#exchangeId);
    copy.#chain = this.#chain.slice();
    return copy;
  }

  /** Writes the next segment: one batch for each number of records, with bytes that do not compress. */
  addSegment(counts: readonly number[], { zerosAtEnd = 0 } = {}): void {
    const number = (this.segments.at(-1) ?? 0) + 1;
    const header = new Uint8Array(SEGMENT_HEADER_BYTES);
    const first = { firstTick: this.tick + 1, firstSequence: this.sequence + 1 };
    const timestamp = START_TIME + 1000 * (this.tick + 1);
    const exchangeId = this.#exchangeId;
    fillSegmentHeader(header, { number, ...first, timestamp, exchangeId }, this.#chain);
    const parts = [
      header,
      ...counts.map((count) => this.#batch(count)),
      new Uint8Array(zerosAtEnd),
    ];
    writeFileSync(this.segmentPath(number), Buffer.concat(parts));
    this.segments.push(number);
  }

  /** Writes a snapshot of the end of the last segment. Its content is invented. */
  addSnapshot(bytes = 1000): void {
    const content = crypto.getRandomValues(new Uint8Array(bytes));
    const info = {
      exchangeId: this.#exchangeId,
      tick: this.tick,
      sequence: this.sequence,
      timestamp: START_TIME + 1000 * this.tick,
      chain: this.#chain.slice(),
      nextSegment: (this.segments.at(-1) ?? 0) + 1,
      stateHash: 0x1234n,
      symbolsMax: 512,
    };
    writeSnapshot(this.snapshotDir, info, [
      { name: "empty", bytes: [] },
      { name: "content", bytes: [content] },
    ]);
    this.snapshots.push(this.tick);
  }

  segmentPath(number: number): string {
    return join(this.walDir, segmentName(number));
  }

  #batch(count: number): Uint8Array {
    const batch = new Uint8Array(count * COMMAND_BYTES);
    for (let at = 0; at < batch.length; at += COMMAND_BYTES) {
      crypto.getRandomValues(batch.subarray(at, at + COMMAND_BYTES));
    }
    this.tick++;
    const firstSequence = this.sequence + 1;
    const timestamp = START_TIME + 1000 * this.tick;
    const info = { tick: this.tick, firstSequence, timestamp, count, ...NO_STATE_CHECK };
    const packer = new BatchPacker();
    const packed = packer.pack(batch, count);
    fillBatchHeader(packed, info, packer.texts, this.tick - 1, this.#chain);
    this.sequence += count;
    return packed;
  }
}
