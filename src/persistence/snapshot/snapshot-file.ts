/** Reads a snapshot file: the header at once, each section when it is asked for, and every hash. */

import { basename } from "node:path";
import type { Snapshot, SnapshotInfo } from "../snapshot.ts";
import { SnapshotUnusableError } from "../snapshot.ts";
import type { FileSystem } from "../wal/file-system.ts";
import { diskFileSystem } from "../wal/file-system.ts";
import { HASH_BYTES } from "../wal/layout.ts";
import * as layout from "./layout.ts";

/** So much is read, and then hashed while it is still in the processor's cache. */
const PIECE_BYTES = 1024 * 1024;

export class SnapshotFile implements Snapshot {
  readonly version: number;
  readonly info: SnapshotInfo;
  readonly names: readonly string[];
  readonly #fileSystem: FileSystem;
  readonly #descriptor: number;
  readonly #sections: ReadonlyMap<string, layout.SectionPlace>;
  readonly #unread: Set<string>;

  /** Opens `file` and checks its header and length. Throws `SnapshotUnusableError`. */
  constructor(
    readonly file: string,
    fileSystem: FileSystem = diskFileSystem,
  ) {
    this.#fileSystem = fileSystem;
    this.#descriptor = fileSystem.open(file, "read");
    try {
      const { version, parsed } = this.#readHeader(fileSystem.size(this.#descriptor));
      this.version = version;
      this.info = parsed.info;
      this.#sections = new Map(parsed.sections.map((section) => [section.name, section]));
    } catch (error) {
      this.close();
      throw error;
    }
    this.names = [...this.#sections.keys()];
    this.#unread = new Set(this.names);
  }

  length(name: string): number {
    return this.#section(name).length;
  }

  read(name: string): Uint8Array {
    const target = new Uint8Array(this.length(name));
    this.readInto(name, target);
    return target;
  }

  readInto(name: string, target: Uint8Array): void {
    const { length } = this.#section(name);
    if (target.length !== length) {
      throw new RangeError(`section ${name} has ${length} bytes, its target ${target.length}`);
    }
    this.#readPieces(name, (at, bytes) => target.subarray(at, at + bytes));
  }

  /** Checks the sections that nobody has read. Throws `SnapshotUnusableError`. */
  verifyRest(): void {
    const piece = new Uint8Array(PIECE_BYTES);
    for (const name of this.#unread) this.#readPieces(name, (_, bytes) => piece.subarray(0, bytes));
  }

  close(): void {
    this.#fileSystem.close(this.#descriptor);
  }

  #section(name: string): layout.SectionPlace {
    const section = this.#sections.get(name);
    if (section === undefined) throw new RangeError(`${this.file} has no section ${name}`);
    return section;
  }

  /** Reads a section in pieces, each into the memory that `room` gives for it, and compares its hash. */
  #readPieces(name: string, room: (at: number, bytes: number) => Uint8Array): void {
    const { offset, length, hash } = this.#section(name);
    const hasher = new Bun.CryptoHasher("sha256");
    for (let at = 0; at < length; at += PIECE_BYTES) {
      const piece = room(at, Math.min(PIECE_BYTES, length - at));
      this.#readWhole(piece, offset + at);
      hasher.update(piece);
    }
    if (hasher.digest().compare(hash) !== 0) {
      const reason = `section ${name} (${length} bytes) does not match its hash`;
      throw this.#unusable(offset, reason);
    }
    this.#unread.delete(name);
  }

  #readHeader(size: number): { version: number; parsed: layout.ParsedHeader } {
    const prefix = new Uint8Array(layout.PREFIX_BYTES);
    if (size < prefix.length) throw this.#unusable(size, "the file ends inside its header");
    this.#readWhole(prefix, 0);
    const ints = new Int32Array(prefix.buffer);
    const magic = layout.MAGIC_BYTE >> 2;
    if (ints[magic] !== layout.SNAPSHOT_MAGIC[0] || ints[magic + 1] !== layout.SNAPSHOT_MAGIC[1]) {
      throw this.#unusable(layout.MAGIC_BYTE, "this is not a snapshot");
    }
    const bytes = ints[layout.HEADER_BYTES_BYTE >> 2] as number;
    if (bytes < prefix.length || bytes > layout.HEADER_BYTES_MAX) {
      const reason = `its header cannot have ${bytes} bytes, as it says`;
      throw this.#unusable(layout.HEADER_BYTES_BYTE, reason);
    }
    if (size < bytes) {
      throw this.#unusable(size, `the file ends inside its header of ${bytes} bytes`);
    }
    const header = new Uint8Array(bytes);
    this.#readWhole(header, 0);
    const own = header.subarray(layout.OWN_HASH_BYTE, layout.OWN_HASH_BYTE + HASH_BYTES);
    if (Buffer.compare(layout.headerHash(header), own) !== 0) {
      throw this.#unusable(0, "the header does not match its hash");
    }
    const version = ints[layout.VERSION_BYTE >> 2] as number;
    const parse = layout.HEADER_PARSERS[version];
    if (parse === undefined) {
      const reason = `it has format version ${version}; this program knows 1 to ${layout.SNAPSHOT_VERSION}`;
      throw this.#unusable(layout.VERSION_BYTE, reason, "newer-version");
    }
    const parsed = parse(header);
    const { fileBytes, info } = parsed;
    if (size !== fileBytes) {
      const reason = `the file has ${size} bytes; by its header it has ${fileBytes}`;
      throw this.#unusable(Math.min(size, fileBytes), reason);
    }
    if (layout.snapshotTick(basename(this.file)) !== info.tick) {
      throw this.#unusable(layout.TICK_BYTE, `it is the snapshot of tick ${info.tick}`, "foreign");
    }
    return { version, parsed };
  }

  #readWhole(target: Uint8Array, position: number): void {
    for (let at = 0; at < target.length; ) {
      const count = this.#fileSystem.read(this.#descriptor, target.subarray(at), position + at);
      if (count === 0) {
        throw this.#unusable(position + at, "the file became shorter while it was read");
      }
      at += count;
    }
  }

  #unusable(
    offset: number,
    reason: string,
    kind: SnapshotUnusableError["kind"] = "damaged",
  ): SnapshotUnusableError {
    return new SnapshotUnusableError(this.file, offset, reason, kind);
  }
}
