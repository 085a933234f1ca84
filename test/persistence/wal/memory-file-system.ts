/**
 * A file system in memory that knows what a crash would undo.
 *
 * Every change that is not on "disk" yet has an entry that undoes it: for writes and truncations until the
 * file is synced, for names until the directory is synced. `crash()` undoes the changes, newest first.
 * Directories are durable at once, and they exist only as prefixes of names.
 */

import type { FileSystem, FileWriter, OpenMode } from "../../../src/persistence/wal/file-system.ts";

interface MemoryFile {
  bytes: Uint8Array;
  size: number;
  undo: (() => void)[];
}

interface Descriptor {
  file: MemoryFile;
  mode: OpenMode;
}

export class MemoryFileSystem implements FileSystem {
  #files = new Map<string, MemoryFile>();
  readonly #directories = new Set<string>();
  readonly #namesUndo: (() => void)[] = [];
  readonly #descriptors = new Map<number, Descriptor>();
  #nextDescriptor = 3;

  /** Power failure: everything that was not synced is gone, and every descriptor with it. */
  crash(): void {
    for (const undo of this.#namesUndo.splice(0).reverse()) undo();
    for (const file of this.#files.values()) {
      for (const undo of file.undo.splice(0).reverse()) undo();
    }
    this.#descriptors.clear();
  }

  /** The whole content of a file. A test may read or damage it. */
  contents(path: string): Uint8Array {
    const file = this.#named(path);
    return file.bytes.subarray(0, file.size);
  }

  /** Adds a file as if it had always been there. */
  place(path: string, bytes: Uint8Array): void {
    this.#files.set(path, { bytes: bytes.slice(), size: bytes.length, undo: [] });
  }

  makeDirectory(path: string): void {
    this.#directories.add(path);
  }

  list(directory: string): string[] {
    const prefix = `${directory}/`;
    return [...this.#files.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
  }

  exists(path: string): boolean {
    return this.#files.has(path) || this.#directories.has(path);
  }

  open(path: string, mode: OpenMode): number {
    if (mode === "create") {
      if (this.#files.has(path)) throw new Error(`EEXIST: file already exists, '${path}'`);
      this.#changeNames(() => {
        this.#files.set(path, { bytes: new Uint8Array(0), size: 0, undo: [] });
      });
    }
    const descriptor = this.#nextDescriptor++;
    this.#descriptors.set(descriptor, { file: this.#named(path), mode });
    return descriptor;
  }

  close(file: number): void {
    this.#opened(file);
    this.#descriptors.delete(file);
  }

  size(file: number): number {
    return this.#opened(file).file.size;
  }

  read(file: number, target: Uint8Array, position: number): number {
    const { bytes, size } = this.#opened(file).file;
    const part = bytes.subarray(position, Math.min(size, position + target.length));
    target.set(part);
    return part.length;
  }

  writer(file: number): FileWriter {
    let position = 0;
    return {
      write: (bytes) => {
        this.writeAtAndWait(file, bytes, position);
        position += bytes.length;
        return bytes.length;
      },
      flush: () => 0,
      end: () => 0,
    };
  }

  fdatasync(file: number, done: (error: Error | null) => void): void {
    queueMicrotask(() => {
      try {
        this.fdatasyncAndWait(file);
      } catch (error) {
        return done(error as Error);
      }
      done(null);
    });
  }

  fdatasyncAndWait(file: number): void {
    this.#opened(file).file.undo.length = 0;
  }

  async writeAt(file: number, bytes: Uint8Array, position: number): Promise<void> {
    this.writeAtAndWait(file, bytes, position);
  }

  writeAtAndWait(descriptor: number, bytes: Uint8Array, position: number): void {
    const file = this.#writable(descriptor);
    const end = position + bytes.length;
    this.#reserve(file, end);
    const { size } = file;
    const before = file.bytes.slice(position, end);
    file.undo.push(() => {
      file.bytes.set(before, position);
      file.size = size;
    });
    file.bytes.set(bytes, position);
    file.size = Math.max(size, end);
  }

  async truncate(file: number, bytes: number): Promise<void> {
    this.truncateAndWait(file, bytes);
  }

  truncateAndWait(descriptor: number, bytes: number): void {
    const file = this.#writable(descriptor);
    const { size } = file;
    const before = file.bytes.slice(bytes, size);
    file.undo.push(() => {
      file.bytes.set(before, bytes);
      file.size = size;
    });
    this.#reserve(file, bytes);
    file.bytes.fill(0, bytes);
    file.size = bytes;
  }

  rename(from: string, to: string): void {
    const file = this.#named(from);
    this.#changeNames(() => {
      this.#files.delete(from);
      this.#files.set(to, file);
    });
  }

  remove(path: string): void {
    this.#named(path);
    this.#changeNames(() => this.#files.delete(path));
  }

  async removeBeside(path: string): Promise<void> {
    this.remove(path);
  }

  async syncDirectory(): Promise<void> {
    this.syncDirectoryAndWait();
  }

  syncDirectoryAndWait(): void {
    this.#namesUndo.length = 0;
  }

  async freeBytes(): Promise<number> {
    return Number.POSITIVE_INFINITY;
  }

  #changeNames(change: () => void): void {
    const before = new Map(this.#files);
    this.#namesUndo.push(() => {
      this.#files = before;
    });
    change();
  }

  /** The size in bytes of the file's buffer. Bytes beyond the file's size are always zero. */
  #reserve(file: MemoryFile, bytes: number): void {
    if (bytes <= file.bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes, file.bytes.length * 2));
    larger.set(file.bytes);
    file.bytes = larger;
  }

  #named(path: string): MemoryFile {
    const file = this.#files.get(path);
    if (file === undefined) throw new Error(`ENOENT: no such file, '${path}'`);
    return file;
  }

  #opened(descriptor: number): Descriptor {
    const opened = this.#descriptors.get(descriptor);
    if (opened === undefined) throw new Error("EBADF: bad file descriptor");
    return opened;
  }

  #writable(descriptor: number): MemoryFile {
    const { file, mode } = this.#opened(descriptor);
    if (mode === "read") throw new Error("EBADF: bad file descriptor, write");
    return file;
  }
}
