/**
 * The file system as the journal needs it, and the real one. Tests use one in memory, and others that fail or
 * lose data on purpose.
 *
 * Synchronous functions are for start and stop and for what a tick must wait for; those that return a promise or call
 * back are for everything outside the tick path. Every one throws, rejects or calls back with the operating system's
 * error.
 */

import fs from "node:fs";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { journalDescriptors } from "../../host/descriptor-reserve.ts";
import { isThere } from "../../host/is-there.ts";
import { isOpenNowhereElse } from "../../host/sole-opener.ts";

/** `create` makes a file that must not exist, `write` opens an existing one, `read` only reads. */
export type OpenMode = "create" | "write" | "read";

/** Writes at the descriptor's own position. It has what Bun's `FileSink` offers, and no more. */
export interface FileWriter {
  /** Number of bytes taken, or a promise when they could not be written at once. */
  write(bytes: Uint8Array): number | Promise<number>;
  /** Hands what `write` still holds to the system; throws when that fails. */
  flush(): number | Promise<number>;
  /** Lets go of the writer's own copy of the descriptor. */
  end(): number | Promise<number>;
}

export interface FileSystem {
  /** Makes a directory and those above it, durably; one that exists is left as it is. */
  makeDirectory(path: string): void;
  /** The names in a directory, in no order. */
  list(directory: string): string[];
  exists(path: string): boolean;
  /** Returns a descriptor, which the caller closes. */
  open(path: string, mode: OpenMode): number;
  close(file: number): void;
  size(file: number): number;
  /** Reads up to `target.length` bytes from `position`; returns how many. */
  read(file: number, target: Uint8Array, position: number): number;
  /** A writer at the start of the file. The descriptor stays the caller's. */
  writer(file: number): FileWriter;
  fdatasync(file: number, done: (error: Error | null) => void): void;
  fdatasyncAndWait(file: number): void;
  /** Writes all of `bytes` at `position`, beside whatever a writer does. */
  writeAt(file: number, bytes: Uint8Array, position: number): Promise<void>;
  writeAtAndWait(file: number, bytes: Uint8Array, position: number): void;
  /** Cuts a file off outside the tick path, a piece at a time. */
  truncate(file: number, bytes: number): Promise<void>;
  truncateAndWait(file: number, bytes: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /**
   * Removes a file outside the tick path, a piece at a time. Whoever has it open can read on; where it has other
   * names, it stays as it is under these.
   */
  removeBeside(path: string): Promise<void>;
  /** Makes names that were created, renamed or removed in `directory` durable. */
  syncDirectory(directory: string): Promise<void>;
  syncDirectoryAndWait(directory: string): void;
  /** Bytes that the file system of `directory` has left for this user; infinite where it does not say. */
  freeBytes(directory: string): Promise<number>;
}

/** `fdatasync` as a promise, which rejects with its error. */
export function flushed(fileSystem: FileSystem, file: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fileSystem.fdatasync(file, (error) => (error ? reject(error) : resolve()));
  });
}

const FLAGS = { create: "wx+", write: "r+", read: "r" } as const;

/**
 * Bytes that are freed at once. Where the file system tells its disk what is free (`discard`), the flushes of
 * ticks wait for that: 10 ms for 64 MiB, 1 ms for a piece of this size (`bench/persistence/removal.bench.ts`).
 */
const FREED_BYTES = 1024 * 1024;

const open = promisify(fs.open);
const close = promisify(fs.close);
const fsync = promisify(fs.fsync);
const fdatasync = promisify(fs.fdatasync);
const fstat = promisify(fs.fstat);
const ftruncate = promisify(fs.ftruncate);
const unlink = promisify(fs.unlink);
const statfs = promisify(fs.statfs);

/** Only their owner may read the journal's files and directories. */
export const diskFileSystem: FileSystem = {
  makeDirectory(path) {
    const target = resolve(path);
    const first = fs.mkdirSync(target, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = target; made.length >= first.length; made = dirname(made)) {
      diskFileSystem.syncDirectoryAndWait(dirname(made));
    }
  },
  list: (directory) => journalDescriptors.use(() => fs.readdirSync(directory)),
  exists: isThere,
  open: (path, mode) => journalDescriptors.use(() => fs.openSync(path, FLAGS[mode], 0o600)),
  close(file) {
    fs.closeSync(file);
    journalDescriptors.refill();
  },
  size: (file) => fs.fstatSync(file).size,
  read: (file, target, position) => fs.readSync(file, target, 0, target.length, position),
  // A high-water mark of one byte: nothing is gained by holding back, a tick is one write.
  writer: (file) => journalDescriptors.use(() => Bun.file(file).writer({ highWaterMark: 1 })),
  fdatasync: (file, done) => fs.fdatasync(file, done),
  fdatasyncAndWait: (file) => fs.fdatasyncSync(file),
  async writeAt(file, bytes, position) {
    for (let at = 0; at < bytes.length; ) {
      at += await writeSome(file, bytes, at, position + at);
    }
  },
  writeAtAndWait(file, bytes, position) {
    for (let at = 0; at < bytes.length; ) {
      at += fs.writeSync(file, bytes, at, bytes.length - at, position + at);
    }
  },
  async truncate(file, bytes) {
    const { size } = await fstat(file);
    for (let end = size - FREED_BYTES; end > bytes; end -= FREED_BYTES) {
      await ftruncate(file, end);
      await fdatasync(file);
    }
    await ftruncate(file, bytes);
  },
  truncateAndWait: (file, bytes) => fs.ftruncateSync(file, bytes),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.unlinkSync(path),
  async removeBeside(path) {
    // Without a descriptor the file is removed all the same, but all at once.
    const file = await journalDescriptors.useBeside(() => open(path, "r+")).catch(() => null);
    try {
      await unlink(path);
      if (file === null) return;
      const { nlink } = await fstat(file);
      if (nlink === 0 && isOpenNowhereElse(file)) await diskFileSystem.truncate(file, 0);
    } finally {
      if (file !== null) await close(file);
      journalDescriptors.refill();
    }
  },
  async syncDirectory(directory) {
    const file = await journalDescriptors.useBeside(() => open(directory, "r"));
    try {
      await fsync(file);
    } finally {
      await close(file);
      journalDescriptors.refill();
    }
  },
  syncDirectoryAndWait(directory) {
    const file = diskFileSystem.open(directory, "read");
    try {
      fs.fsyncSync(file);
    } finally {
      diskFileSystem.close(file);
    }
  },
  async freeBytes(directory) {
    const { blocks, bavail, bsize } = await statfs(directory);
    // Some file systems in user space answer with nothing but zeros.
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  },
};

function writeSome(file: number, bytes: Uint8Array, from: number, to: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(file, bytes, from, bytes.length - from, to, (error, written) =>
      error ? reject(error) : resolve(written),
    );
  });
}
