/**
 * A file system that behaves as badly as a real disk may, and no worse. The persistence code must work with
 * it. One seed decides everything.
 *
 * - A crash loses part of what was not synced: each 512-byte sector, each file's size and each
 *   change of a name is lost or kept by itself (`simulated-file.ts`, `simulated-names.ts`).
 * - An operation that was begun and has not called back happens when `step` says so, in any order.
 *   At a crash it has happened or not.
 * - Any operation may fail. A failed write may have written a part that ends at a sector boundary. A
 *   failed sync may have written a part; a later sync never writes the rest.
 * - The disk may be full, and the power may fail at any operation. After that, blocking operations
 *   throw, and callbacks never come.
 */
import type { FileSystem, FileWriter, OpenMode } from "../../src/persistence/wal/file-system.ts";
import type { Random } from "../core/fuzz/random.ts";
import { BegunOperations } from "./begun-operations.ts";
import { DiskTrouble, type Temper } from "./disk-trouble.ts";
import { SECTOR_BYTES, SimulatedFile } from "./simulated-file.ts";
import { SimulatedNames } from "./simulated-names.ts";
import { simulatedWriter } from "./simulated-writer.ts";
import type { Story } from "./story.ts";

export class SimulatedDisk implements FileSystem {
  readonly #random: Random;
  readonly #story: Story;
  readonly #names = new SimulatedNames();
  readonly #directories = new Set<string>();
  readonly #opened = new Map<number, { path: string; file: SimulatedFile; mode: OpenMode }>();
  readonly #begun: BegunOperations;
  readonly #trouble: DiskTrouble;
  #nextDescriptor = 3;

  constructor(random: Random, story: Story) {
    this.#random = random;
    this.#story = story;
    this.#begun = new BegunOperations(random);
    this.#trouble = new DiskTrouble(random, story);
  }

  /** The power has failed. Only `crash` brings it back. */
  get isOff(): boolean {
    return this.#trouble.isOff;
  }

  /** How many operations were made to fail since `serve`. */
  get faults(): number {
    return this.#trouble.faults;
  }

  /** Finishes one of the operations that were begun; false if there is none. */
  step(): boolean {
    return this.#begun.step();
  }

  /** Starts again for the next process, which finds the disk as the last process left it. */
  serve(temper: Temper): void {
    this.#trouble.reset(temper);
  }

  /** The process dies and the system lives on: everything written stays, synced or not. */
  kill(): void {
    this.#begun.abandon();
    this.#opened.clear();
    this.#trouble.isOff = false;
  }

  /** The power fails, and comes back. */
  crash(): void {
    this.kill();
    const remains = this.#random.pick(["nothing", "everything", "anything", "anything"] as const);
    const files = this.#names.files();
    this.#names.crash(this.#random, remains);
    for (const file of files.union(this.#names.files())) file.crash(this.#random, remains);
  }

  /** A disk without faults that has the same files, for tests that damage them. */
  copy(random: Random): SimulatedDisk {
    const copy = new SimulatedDisk(random, this.#story);
    for (const path of this.#directories) copy.#directories.add(path);
    for (const path of this.#names.paths()) {
      copy.#names.place(path, this.#named(path).copy());
    }
    return copy;
  }

  /** Flips one bit of one file; false if there is nothing to flip. */
  flipBit(): boolean {
    const paths = this.#names.paths().filter((path) => this.#named(path).size > 0);
    if (paths.length === 0) return false;
    const path = this.#random.pick(paths);
    const file = this.#named(path);
    const at = this.#random.between(0, file.size - 1);
    const bit = 1 << this.#random.between(0, 7);
    this.#story.tell("a bit flips", path, at);
    file.write(at, Uint8Array.of((file.contents[at] ?? 0) ^ bit));
    file.settle(file.changes);
    return true;
  }

  /** Every file as processes see it, in the order of their names. */
  contents(): [path: string, bytes: Uint8Array][] {
    const paths = this.#names.paths().sort();
    return paths.map((path) => [path, this.#named(path).contents]);
  }

  usedBytes(): number {
    return [...this.#names.files()].reduce((sum, { size }) => sum + size, 0);
  }

  makeDirectory(path: string): void {
    this.#trouble.operate("makeDirectory", path);
    this.#directories.add(path);
  }

  list(directory: string): string[] {
    this.#trouble.look("list", directory);
    const prefix = `${directory}/`;
    const paths = this.#names.paths().filter((path) => path.startsWith(prefix));
    return paths.map((path) => path.slice(prefix.length));
  }

  exists(path: string): boolean {
    this.#trouble.look("exists", path);
    return this.#names.get(path) !== undefined || this.#directories.has(path);
  }

  open(path: string, mode: OpenMode): number {
    if (mode === "read") this.#trouble.look("open", path);
    else this.#trouble.operate("open", path, mode);
    if (mode === "create") {
      if (this.#names.get(path) !== undefined) throw new Error(`EEXIST: file exists, '${path}'`);
      this.#names.change([path, new SimulatedFile()]);
    }
    const descriptor = this.#nextDescriptor++;
    this.#opened.set(descriptor, { path, file: this.#named(path), mode });
    return descriptor;
  }

  close(descriptor: number): void {
    if (!this.isOff) this.#descriptor(descriptor);
    this.#opened.delete(descriptor);
  }

  size(descriptor: number): number {
    const { file, path } = this.#descriptor(descriptor);
    this.#trouble.look("size", path);
    return file.size;
  }

  read(descriptor: number, target: Uint8Array, position: number): number {
    const { file, path } = this.#descriptor(descriptor);
    this.#trouble.look("read", path);
    const part = file.contents.subarray(position, position + target.length);
    target.set(part);
    return part.length;
  }

  writer(descriptor: number): FileWriter {
    const { path, file } = this.#writable(descriptor);
    return simulatedWriter({
      path,
      random: this.#random,
      trouble: this.#trouble,
      write: (bytes, position) => this.#tryToWrite(file, bytes, position),
    });
  }

  fdatasync(descriptor: number, done: (error: Error | null) => void): void {
    const { path, file } = this.#descriptor(descriptor);
    this.#trouble.count("fdatasync", path);
    const { changes } = file;
    this.#begin(
      () => this.#sync(path, file, changes),
      (error) => done(error),
    );
  }

  fdatasyncAndWait(descriptor: number): void {
    const { path, file } = this.#descriptor(descriptor);
    this.#trouble.enter("fdatasyncAndWait", path);
    this.#sync(path, file, file.changes);
  }

  writeAt(descriptor: number, bytes: Uint8Array, position: number): Promise<void> {
    const { path, file } = this.#writable(descriptor);
    this.#trouble.count("writeAt", path, position, bytes.length);
    return this.#promise(() => this.#writeAll(path, file, bytes, position));
  }

  writeAtAndWait(descriptor: number, bytes: Uint8Array, position: number): void {
    const { path, file } = this.#writable(descriptor);
    this.#trouble.enter("writeAtAndWait", path, position, bytes.length);
    this.#writeAll(path, file, bytes, position);
  }

  truncate(descriptor: number, bytes: number): Promise<void> {
    const { path, file } = this.#writable(descriptor);
    this.#trouble.count("truncate", path, bytes);
    return this.#promise(() => {
      this.#trouble.mayFail("truncate", path);
      file.truncate(bytes);
    });
  }

  truncateAndWait(descriptor: number, bytes: number): void {
    const { path, file } = this.#writable(descriptor);
    this.#trouble.operate("truncateAndWait", path, bytes);
    file.truncate(bytes);
  }

  rename(from: string, to: string): void {
    this.#trouble.operate("rename", from, to);
    this.#names.change([from, null], [to, this.#named(from)]);
  }

  remove(path: string): void {
    this.#trouble.operate("remove", path);
    this.#named(path);
    this.#names.change([path, null]);
  }

  removeBeside(path: string): Promise<void> {
    this.#trouble.count("removeBeside", path);
    return this.#promise(() => {
      this.#trouble.mayFail("removeBeside", path);
      this.#named(path);
      this.#names.change([path, null]);
    });
  }

  syncDirectory(directory: string): Promise<void> {
    this.#trouble.count("syncDirectory", directory);
    const changes = this.#names.pendingIn(directory);
    return this.#promise(() => {
      this.#trouble.mayFail("syncDirectory", directory);
      this.#names.settle(changes);
    });
  }

  syncDirectoryAndWait(directory: string): void {
    this.#trouble.operate("syncDirectoryAndWait", directory);
    this.#names.settle(this.#names.pendingIn(directory));
  }

  freeBytes(directory: string): Promise<number> {
    this.#trouble.count("freeBytes", directory);
    const free = (): number => Math.max(0, this.#trouble.temper.capacityBytes - this.usedBytes());
    return this.#promise(() => this.#trouble.mayFail("freeBytes", directory)).then(free);
  }

  #sync(path: string, file: SimulatedFile, changes: number): void {
    if (!this.#trouble.strikes()) return file.settle(changes);
    file.lose(changes, this.#random, this.#trouble.temper.dropsPages);
    throw this.#trouble.fault("sync", path);
  }

  #writeAll(path: string, file: SimulatedFile, bytes: Uint8Array, position: number): void {
    const taken = this.#tryToWrite(file, bytes, position);
    if (taken < bytes.length) throw this.#trouble.fault("write", path);
  }

  /** Writes as much as a fault or a full disk allows, up to a sector boundary; returns the number of bytes. */
  #tryToWrite(file: SimulatedFile, bytes: Uint8Array, position: number): number {
    let room = bytes.length;
    const growth = position + bytes.length - file.size;
    if (growth > 0 && this.#trouble.temper.capacityBytes !== Number.POSITIVE_INFINITY) {
      const missing = this.usedBytes() + growth - this.#trouble.temper.capacityBytes;
      if (missing > 0) room = Math.max(0, bytes.length - missing);
    }
    if (this.#trouble.strikes()) room = Math.min(room, this.#random.between(0, bytes.length - 1));
    if (room < bytes.length) room = Math.max(0, room - ((position + room) % SECTOR_BYTES));
    if (room > 0) file.write(position, bytes.subarray(0, room));
    return room;
  }

  #promise(effect: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#begin(effect, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Without power no operation begins, and none calls back. */
  #begin(effect: () => void, done: (error: Error | null) => void): void {
    if (!this.isOff) this.#begun.begin(effect, done);
  }

  #named(path: string): SimulatedFile {
    const file = this.#names.get(path);
    if (file === undefined) throw new Error(`ENOENT: no such file, '${path}'`);
    return file;
  }

  #descriptor(descriptor: number): { path: string; file: SimulatedFile; mode: OpenMode } {
    const opened = this.#opened.get(descriptor);
    if (opened === undefined) throw new Error("EBADF: bad file descriptor");
    return opened;
  }

  #writable(descriptor: number): { path: string; file: SimulatedFile } {
    const opened = this.#descriptor(descriptor);
    if (opened.mode === "read") throw new Error("EBADF: bad file descriptor, write");
    return opened;
  }
}
