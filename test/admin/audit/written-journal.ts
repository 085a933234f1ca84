/** Writes a journal of given commands to disk, as an exchange would have written it. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalSource } from "../../../src/admin/audit/journal-replay.ts";
import { C_SEQUENCE_F64, C_TIMESTAMP_F64, COMMAND_INTS } from "../../../src/core/command.ts";
import { NO_STATE_CHECK } from "../../../src/persistence/backend.ts";
import { LocalPersistence } from "../../../src/persistence/local.ts";
import { type Command, createRecords, writeCommand } from "../../core/command-builder.ts";
import { makeBatch, write } from "../../persistence/journals.ts";

const SYMBOLS_MAX = 8;
/** The time of tick 1. Each tick is a second later. */
export const START = 1_700_000_000_000;

/** The command as the words of a record, before the sequencer stamps it. */
export function wordsOf({ fields, ...rest }: Command, actor = fields.actor): Int32Array {
  const records = createRecords(1);
  const stamp = { sequence: 0, timestamp: 0 };
  writeCommand({ ...rest, fields: { ...fields, actor } }, 0, stamp, records);
  return records.ints;
}

/** A journal that exists as long as the test. */
export class WrittenJournal implements JournalSource, Disposable {
  readonly symbolsMax = SYMBOLS_MAX;

  readonly walDir: string;
  readonly snapshotDir: string;

  private constructor(readonly root: string) {
    this.walDir = join(root, "wal");
    this.snapshotDir = join(root, "snapshots");
  }

  /** The records of each tick; sequence numbers run from 1. */
  static async of(
    ticks: readonly (readonly Int32Array[])[],
    segmentBytes?: number,
  ): Promise<WrittenJournal> {
    const journal = new WrittenJournal(mkdtempSync(join(tmpdir(), "audit-")));
    const backend = new LocalPersistence({
      directory: journal.walDir,
      ...(segmentBytes !== undefined && { segmentBytes }),
    });
    backend.recover({ apply: () => {} });
    backend.open();
    let sequence = 1;
    const batches = ticks.map((records, index) => {
      const { batch, info } = makeBatch(index + 1, sequence, records.length);
      Object.assign(info, NO_STATE_CHECK, { timestamp: START + index * 1000 });
      const ints = new Int32Array(batch.buffer);
      const doubles = new Float64Array(batch.buffer);
      records.forEach((words, place) => {
        const c = place * COMMAND_INTS;
        ints.set(words, c);
        doubles[(c >> 1) + C_SEQUENCE_F64] = sequence++;
        doubles[(c >> 1) + C_TIMESTAMP_F64] = info.timestamp;
      });
      return { batch, info };
    });
    await write(backend, batches);
    await backend.close();
    return journal;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}
