/** Rebuilds the manifest from the objects when it is lost or cannot be read. */

import type { Log } from "../../lib/log.ts";
import { ArchiveIndex } from "./archive-index.ts";
import { type Found, unpackSegment, unpackSnapshot } from "./archive-object.ts";
import { ContentError } from "./content-error.ts";
import { type ArchiveEntry, placeOf } from "./manifest.ts";
import {
  SEGMENTS_FOLDER,
  SNAPSHOTS_FOLDER,
  segmentOfObject,
  snapshotOfObject,
} from "./object-names.ts";
import type { ObjectStore } from "./object-store.ts";

/**
 * Reads every segment and snapshot in the store, and writes the manifest; null when the store has none. Objects
 * that are damaged, or of another exchange than the first one, are left out with a warning. Rejects with
 * `ObjectStoreError`.
 */
export async function rebuildIndex(store: ObjectStore, log: Log): Promise<ArchiveIndex | null> {
  const found: Found<ArchiveEntry>[] = [];
  const add = async (read: () => Promise<Found<ArchiveEntry>>): Promise<void> => {
    try {
      found.push(await read());
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      log.warn({ error: error.message }, "left out of the archive's manifest");
    }
  };
  for await (const { key } of store.list(SEGMENTS_FOLDER)) {
    const number = segmentOfObject(key);
    if (number !== null) await add(() => unpackSegment(store, number));
  }
  for await (const { key } of store.list(SNAPSHOTS_FOLDER)) {
    const tick = snapshotOfObject(key);
    if (tick !== null) await add(() => unpackSnapshot(store, tick));
  }
  found.sort((a, b) => placeOf(a.entry) - placeOf(b.entry));
  const exchangeId = found[0]?.exchangeId;
  if (exchangeId === undefined) return null;
  const entries: ArchiveEntry[] = [];
  for (const { entry, exchangeId: id } of found) {
    if (id === exchangeId) entries.push(entry);
    else log.warn({ entry }, "of another exchange: left out of the archive's manifest");
  }
  const index = ArchiveIndex.begin(store, exchangeId);
  await index.add(entries);
  return index;
}
