/** A small journal in memory, stopped cleanly: three segments of seven batches. */

import { segmentName } from "../../../src/persistence/wal/layout.ts";
import { makeBatches, write } from "../journals.ts";
import { MemoryPersistence } from "../memory-persistence.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";

/** By segment: batches at 128, 384, 768 · 128, 640 · 128, 384. */
export const BATCHES = makeBatches([1, 2, 1, 3, 2, 1, 2]);
const SEGMENT_BYTES = 1024;

export const pathOf = (number: number): string => `wal/${segmentName(number)}`;

export async function writeJournal(batches = BATCHES): Promise<MemoryFileSystem> {
  const backend = new MemoryPersistence(new MemoryFileSystem(), { segmentBytes: SEGMENT_BYTES });
  backend.recover({ apply: () => {} });
  backend.open();
  await write(backend, batches);
  await backend.close();
  return backend.disk;
}

/** Changes one byte of a file. */
export function flip(disk: MemoryFileSystem, path: string, offset: number): void {
  const bytes = disk.contents(path).slice();
  bytes[offset] ^= 0x10;
  disk.place(path, bytes);
}
