/**
 * Copies the running exchange, as of one moment between two ticks, so that another exchange can start on the
 * copy:
 *
 * ```
 *  seal the segment ─┬─► segments up to it, snapshots ─┐
 *  (users, same turn)└─► users, files of the directory ┴─► verified ─► DIR.unfinished-… becomes DIR
 * ```
 *
 * Until the copy is whole it has another name, so that nobody takes half of one for a backup.
 */
import { constants } from "node:fs";
import { copyFile, mkdir, mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { flushPath } from "../host/flush-path.ts";
import { renameDurably } from "../host/rename-durably.ts";
import { type IdentityCopy, storeCopy } from "../identity/identity-copy.ts";
import { IDENTITY_FILE } from "../identity/identity-store.ts";
import { SnapshotStore } from "../persistence/snapshot/snapshot-store.ts";
import { diskFileSystem } from "../persistence/wal/file-system.ts";
import { SegmentFiles } from "../persistence/wal/segment-files.ts";

/** Files beside the journal in a data directory that hold no secret that works. */
const PLAIN_FILES = ["players.json", "maintenance.json", "admin-tokens.json"];

/** The exchange at the moment of the copy. */
export interface BackupCut {
  tick: number;
  sequence: number;
  /** The last segment that is part of it, sealed. */
  through: number;
  /** A copy of users and keys. */
  identity: IdentityCopy;
  exchangeId: string;
}

export interface BackupSource {
  dataDir: string;
  walDir: string;
  snapshotDir: string;
  /** The configuration of the exchange without secrets, for `configuration.json`. */
  configuration: object;
  /** Throws when the copying should end. */
  assertGoesOn(): void;
  /** Checks the journal and the snapshots of the copy; gives the number of its last command. */
  verify(walDir: string): Promise<number>;
}

export interface BackupReply {
  directory: string;
  tick: number;
  seq: number;
  segments: number;
  snapshots: number;
  bytes: number;
}

/** A backup cannot be written there; the message says why. */
export class BackupRefused extends Error {
  override readonly name = "BackupRefused";
}

/**
 * Rejects with `BackupRefused` unless `directory` is empty or does not exist, and the directory above it
 * exists.
 */
export async function assertUsable(directory: string, dataDir: string): Promise<void> {
  if (`${directory}/`.startsWith(`${dataDir}/`)) {
    throw new BackupRefused(`${directory} is in the data directory: give one outside it`);
  }
  const parent = await stat(dirname(directory)).catch(() => null);
  if (parent?.isDirectory() !== true) {
    throw new BackupRefused(`There is no directory ${dirname(directory)}`);
  }
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new BackupRefused(`${directory}: ${error.message}`);
  });
  if (names.length > 0) throw new BackupRefused(`${directory} is not empty`);
}

/**
 * Makes the copy. Nothing that it copies may be removed meanwhile. When it fails it removes what it has copied,
 * as far as it can, and rejects with the reason.
 */
export async function writeBackup(
  directory: string,
  source: BackupSource,
  cut: BackupCut,
): Promise<BackupReply> {
  const unfinished = await mkdtemp(`${directory}.unfinished-`);
  try {
    const reply = await fill(unfinished, source, cut);
    await renameDurably(unfinished, directory);
    return { directory, ...reply };
  } catch (error) {
    // Without a descriptor it cannot be removed. The first error is the one to report.
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

async function fill(
  directory: string,
  source: BackupSource,
  { tick, sequence, through, identity, exchangeId }: BackupCut,
): Promise<Omit<BackupReply, "directory">> {
  const walDir = join(directory, "wal");
  const snapshotDir = join(directory, "snapshots");
  await mkdir(walDir);
  await mkdir(snapshotDir);
  const segments = new SegmentFiles(source.walDir, diskFileSystem);
  const numbers = segments.numbers().filter((number) => number <= through);
  const snapshots = new SnapshotStore(source.snapshotDir);
  const ticks = snapshots.ticks().filter((each) => each <= tick);
  let bytes = 0;
  for (const path of numbers.map((number) => segments.path(number))) {
    source.assertGoesOn();
    bytes += await copyDurably(path, walDir);
  }
  for (const path of ticks.map((each) => snapshots.path(each))) {
    source.assertGoesOn();
    bytes += await copyDurably(path, snapshotDir);
  }
  await storeCopy(join(directory, IDENTITY_FILE), identity, exchangeId);
  for (const name of PLAIN_FILES) await copyIfThere(join(source.dataDir, name), directory);
  await writeJson(join(directory, "configuration.json"), source.configuration);
  source.assertGoesOn();
  const last = await source.verify(walDir);
  if (last !== sequence) throw new Error(`the copy ends with command ${last}, not ${sequence}`);
  for (const each of [walDir, snapshotDir, directory]) await flushPath(each);
  return { tick, seq: sequence, segments: numbers.length, snapshots: ticks.length, bytes };
}

/** Copies a file into `directory`, durably; returns its length. */
async function copyDurably(path: string, directory: string): Promise<number> {
  const copy = join(directory, basename(path));
  await copyFile(path, copy, constants.COPYFILE_FICLONE);
  await flushPath(copy);
  return (await stat(copy)).size;
}

async function copyIfThere(path: string, directory: string): Promise<void> {
  await copyDurably(path, directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}

async function writeJson(path: string, value: object): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
  await file.sync();
}
