/** An archiver over an invented journal. The test controls its clock and its waits. */

import type { ArchiveState } from "../../../src/persistence/archive/archive-state.ts";
import { Archiver, type ArchiverOptions } from "../../../src/persistence/archive/archiver.ts";
import type { ObjectStore, PutOptions } from "../../../src/persistence/archive/object-store.ts";
import { logTo } from "../../lib/logs.ts";
import type { JournalFiles } from "./journal-files.ts";
import { MemoryObjectStore } from "./memory-object-store.ts";

export const NOW = 1_800_000_000_000;

/** A store in memory that fails, loses objects or changes them on demand. */
export class FaultyStore extends MemoryObjectStore {
  /** Keys in the order in which they were put. */
  readonly puts: string[] = [];
  /** Called before each put. If it throws, the put fails with that error. */
  onPut: (key: string, options: PutOptions) => void | Promise<void> = () => undefined;

  override async put(
    key: string,
    pieces: readonly Uint8Array[],
    options: PutOptions = {},
  ): Promise<void> {
    await this.onPut(key, options);
    this.puts.push(key);
    await super.put(key, pieces, options);
  }
}

/** What an archiver has logged, and how long it has waited. */
export interface Records {
  readonly log: { level: string; fields: Record<string, unknown>; message: string }[];
  /** Waits between attempts, in milliseconds. Only a push ends them. */
  readonly waits: number[];
  readonly confirmed: number[];
}

export function makeArchiver(
  store: ObjectStore,
  files: JournalFiles,
  changes: Partial<ArchiverOptions> = {},
): { archiver: Archiver; records: Records } {
  const records: Records = { log: [], waits: [], confirmed: [] };
  const log = logTo((level, fields, message) =>
    records.log.push({ level, fields: { ...fields }, message }),
  );
  const archiver = new Archiver({
    store,
    walDir: files.walDir,
    snapshotDir: files.snapshotDir,
    uploadIntervalMs: 300_000,
    retentionDays: 0,
    sealedSegments: () => [...files.segments],
    snapshots: () => [...files.snapshots],
    onConfirmed: (segment) => void records.confirmed.push(segment),
    log,
    now: () => NOW,
    after: (milliseconds) => {
      records.waits.push(milliseconds);
      return () => undefined;
    },
    random: () => 1,
    ...changes,
  });
  return { archiver, records };
}

/** The state of the archive after a push. */
export async function stateAfterPush(archiver: Archiver): Promise<ArchiveState> {
  await archiver.push();
  return archiver.state();
}

/** Starts an archiver, lets it upload everything, and ends it. Returns its last status. */
export async function archiveOnce(
  store: ObjectStore,
  files: JournalFiles,
  changes: Partial<ArchiverOptions> = {},
) {
  const { archiver, records } = makeArchiver(unending(store), files, changes);
  archiver.start();
  const state = await stateAfterPush(archiver);
  await archiver.close();
  return { state, records };
}

/** The store, which stays open for the next archiver when this one closes it. */
function unending(store: ObjectStore): ObjectStore {
  return {
    url: store.url,
    put: (key, pieces, options) => store.put(key, pieces, options),
    read: (key) => store.read(key),
    size: (key) => store.size(key),
    list: (start) => store.list(start),
    close: () => undefined,
  };
}
