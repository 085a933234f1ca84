/** Batches for the tests beside this file, and functions that write them and read them back. */

import { COMMAND_BYTES } from "../../src/core/command.ts";
import type {
  CommandBatch,
  PersistenceBackend,
  StorageFailedError,
  TickHeader,
} from "../../src/persistence/backend.ts";

/** A batch as `recover` gave it, copied. */
export interface ReadBatch extends TickHeader {
  bytes: Uint8Array;
}

/** The batch of tick `tick`. Every byte of its records depends on its position. */
export function makeBatch(
  tick: number,
  firstSequence: number,
  count: number,
): { batch: Uint8Array; info: TickHeader } {
  const batch = new Uint8Array(count * COMMAND_BYTES);
  for (let i = 0; i < batch.length; i++) batch[i] = (tick * 31 + (128 + i) * 7) & 255;
  const check = { checkStart: tick * 32, checkHigh: tick * -7, checkLow: tick * 11 };
  const info = { tick, firstSequence, timestamp: 1_700_000_000_000 + tick, count, ...check };
  return { batch, info };
}

/** Batches of the given sizes, starting with `tick` and `firstSequence`. */
export function makeBatches(
  counts: readonly number[],
  tick = 1,
  firstSequence = 1,
): { batch: Uint8Array; info: TickHeader }[] {
  let sequence = firstSequence;
  return counts.map((count, i) => {
    const made = makeBatch(tick + i, sequence, count);
    sequence += count;
    return made;
  });
}

/** What reading these batches back must return. */
export function asRead(batches: readonly { batch: Uint8Array; info: TickHeader }[]): ReadBatch[] {
  return batches.map(({ batch, info }) => ({ ...info, bytes: batch.slice() }));
}

/** The bytes of a batch's records; valid only as long as the batch. */
export function recordsOf({ first, count, ints }: CommandBatch): Uint8Array {
  const start = ints.byteOffset + first * COMMAND_BYTES;
  return new Uint8Array(ints.buffer, start, count * COMMAND_BYTES);
}

export function copyOf(batch: CommandBatch): ReadBatch {
  const { first: _, ints, doubles, ...info } = batch;
  const bytes = recordsOf(batch).slice();
  if (doubles.byteOffset !== ints.byteOffset || doubles.byteLength !== ints.byteLength) {
    throw new Error("the two views do not show the same records");
  }
  return { ...info, bytes };
}

export function flush(backend: PersistenceBackend): Promise<StorageFailedError | null> {
  return new Promise((resolve) => backend.flush(resolve));
}

/** Appends and flushes one batch after the other. */
export async function write(
  backend: PersistenceBackend,
  batches: readonly { batch: Uint8Array; info: TickHeader }[],
): Promise<void> {
  for (const { batch, info } of batches) {
    backend.append(batch, info);
    const error = await flush(backend);
    if (error !== null) throw error;
  }
}
