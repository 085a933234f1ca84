/** Compares the hash that each snapshot has of its last batch with the journal's. */

import { COMMAND_BYTES } from "../../core/command.ts";
import type { CommandBatch } from "../backend.ts";
import { SnapshotStore } from "../snapshot/snapshot-store.ts";
import { SnapshotUnusableError } from "../snapshot.ts";
import type { FileSystem } from "./file-system.ts";
import { equalHashes, OWN_HASH_BYTE, PREVIOUS_HASH_BYTE } from "./layout.ts";

/** A snapshot beside the journal. */
export interface SnapshotMark {
  file: string;
  tick: number;
  /**
   * Whether the journal has the same batch at the snapshot's end; null = that part of the journal was not read
   * or is gone.
   */
  matches: boolean | null;
  /** Why it cannot be used; null when it can. */
  unusable: string | null;
}

export class SnapshotMarks {
  /** Newest first. */
  readonly marks: SnapshotMark[] = [];
  readonly #chains = new Map<number, Int32Array>();

  /** Reads and checks the snapshots in `directory`; there may be none. */
  constructor(directory: string, fileSystem: FileSystem) {
    const store = new SnapshotStore(directory, fileSystem);
    for (const tick of store.ticks()) {
      const mark: SnapshotMark = { file: store.path(tick), tick, matches: null, unusable: null };
      try {
        const snapshot = store.open(tick);
        try {
          snapshot.verifyRest();
          this.#chains.set(tick, snapshot.info.chain);
        } finally {
          snapshot.close();
        }
      } catch (error) {
        // A running exchange removes old ones.
        if (!fileSystem.exists(mark.file)) continue;
        if (!(error instanceof SnapshotUnusableError)) throw error;
        mark.unusable = `${error.reason} (byte ${error.offset})`;
      }
      this.marks.push(mark);
    }
  }

  /** Compares a batch whose header stands before its records, as in a segment. */
  compare({ tick, first, ints }: CommandBatch): void {
    const header = (first - 1) * COMMAND_BYTES;
    this.#compareAt(tick, ints, header + OWN_HASH_BYTE);
    // The batch itself may have been removed with its segment.
    this.#compareAt(tick - 1, ints, header + PREVIOUS_HASH_BYTE);
  }

  #compareAt(tick: number, ints: Int32Array, hashByte: number): void {
    const chain = this.#chains.get(tick);
    const mark = chain && this.marks.find((each) => each.tick === tick);
    if (chain === undefined || mark === undefined) return;
    mark.matches = mark.matches !== false && equalHashes(ints, hashByte >> 2, chain);
  }
}
