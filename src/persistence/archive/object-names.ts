/** What the archive's objects are called, below its prefix. `proto/archive.md` tells it for people. */

import { snapshotName, snapshotTick } from "../snapshot/layout.ts";
import { segmentName, segmentNumber } from "../wal/layout.ts";

export const MANIFEST_OBJECT = "manifest.json";
export const SEGMENTS_FOLDER = "wal/";
export const SNAPSHOTS_FOLDER = "snapshots/";
export const IDENTITY_FOLDER = "identity/";

const COMPRESSED = ".zst";

/** `wal/wal_000001.log.zst` */
export function segmentObject(number: number): string {
  return SEGMENTS_FOLDER + segmentName(number) + COMPRESSED;
}

/** `snapshots/snapshot_000000012345.snap.zst` */
export function snapshotObject(tick: number): string {
  return SNAPSHOTS_FOLDER + snapshotName(tick) + COMPRESSED;
}

/** `identity/identity_000000012345.sealed` */
export function identityObject(tick: number): string {
  return `${IDENTITY_FOLDER}identity_${String(tick).padStart(12, "0")}.sealed`;
}

/** The tick of the copy of users and keys that an object holds; null when it holds none. */
export function tickOfIdentityObject(key: string): number | null {
  const [, tick] = /^identity\/identity_(\d{12,})\.sealed$/.exec(key) ?? [];
  return tick === undefined ? null : Number(tick);
}

/** `manifest/000001.json` */
export function manifestPageObject(number: number): string {
  return `manifest/${String(number).padStart(6, "0")}.json`;
}

/** The number of the segment that an object holds; null when it holds none. */
export function segmentOfObject(key: string): number | null {
  const name = fileOfObject(key, SEGMENTS_FOLDER);
  return name === null ? null : segmentNumber(name);
}

/** The tick of the snapshot that an object holds; null when it holds none. */
export function snapshotOfObject(key: string): number | null {
  const name = fileOfObject(key, SNAPSHOTS_FOLDER);
  return name === null ? null : snapshotTick(name);
}

function fileOfObject(key: string, folder: string): string | null {
  if (!key.startsWith(folder) || !key.endsWith(COMPRESSED)) return null;
  return key.slice(folder.length, -COMPRESSED.length);
}
