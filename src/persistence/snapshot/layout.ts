/**
 * A snapshot file's bytes: a header, a table of sections, and the sections, without gaps.
 * `proto/snapshot.md` tells the same for people; a test compares the two.
 *
 * ```
 *  snapshot_000000012345.snap
 *  ┌────────┬──────────────────┬────────────┬────────────┬─────
 *  │ header │ table, 96 each   │ section 0  │ section 1  │ …
 *  │    144 │ NAME LENGTH HASH │            │            │
 *  └────────┴──────────────────┴────────────┴────────────┴─────
 *    OWN_HASH covers both ◄┘        each covered by its HASH
 * ```
 *
 * Little-endian; unused bytes are zero.
 *
 * ```
 *  byte  header                                    byte  entry of the table
 *     0  MAGIC "WVRSNAPS"                             0  NAME    56 bytes, ASCII
 *     8  OWN_HASH       32 bytes                     56  LENGTH  float64, in bytes
 *    40  VERSION                                     64  HASH    32 bytes
 *    44  HEADER_BYTES, with the table
 *    48  TICK           float64
 *    56  SEQUENCE       float64
 *    64  TIMESTAMP      float64
 *    72  EXCHANGE_ID    16 bytes
 *    88  NEXT_SEGMENT
 *    92  SYMBOLS_MAX
 *    96  CHAIN_HASH     32 bytes
 *   128  STATE_HASH     8 bytes
 *   136  SECTION_COUNT
 * ```
 *
 * OWN_HASH is the SHA-256 of everything after it up to HEADER_BYTES, so one hash vouches for the
 * header, the table and, through the table, every section. The first four fields stay where they are
 * in every version: a version is believed only when OWN_HASH is right.
 */

import type { SnapshotInfo } from "../snapshot.ts";
import { EXCHANGE_ID_BYTES, HASH_BYTES, HASH_INTS } from "../wal/layout.ts";

/**
 * The format written here. Readers take this one and all before it. It is raised with the rules of the core
 * too: a start from a snapshot reads no segment before it, so an older program would go on under its own rules.
 */
export const SNAPSHOT_VERSION = 4;

/** "WVRSNAPS" as two little-endian 32-bit words. */
export const SNAPSHOT_MAGIC = [0x53_52_56_57, 0x53_50_41_4e] as const;

/** Offsets in bytes that every version shares. */
export const MAGIC_BYTE = 0;
export const OWN_HASH_BYTE = 8;
export const HASHED_BYTE = 40;
export const VERSION_BYTE = 40;
export const HEADER_BYTES_BYTE = 44;
/** Up to the end of the fields that every version shares. */
export const PREFIX_BYTES = 48;

/** Offsets in bytes in the header. */
export const TICK_BYTE = 48;
export const SEQUENCE_BYTE = 56;
export const TIMESTAMP_BYTE = 64;
export const EXCHANGE_ID_BYTE = 72;
export const NEXT_SEGMENT_BYTE = 88;
export const SYMBOLS_MAX_BYTE = 92;
export const CHAIN_HASH_BYTE = 96;
export const STATE_HASH_BYTE = 128;
export const SECTION_COUNT_BYTE = 136;
export const TABLE_BYTE = 144;

/** Offsets in bytes in an entry of the table. */
export const ENTRY_NAME_BYTE = 0;
export const ENTRY_LENGTH_BYTE = 56;
export const ENTRY_HASH_BYTE = 64;
export const ENTRY_BYTES = 96;
export const NAME_BYTES_MAX = ENTRY_LENGTH_BYTE - ENTRY_NAME_BYTE;

export const SECTIONS_MAX = 1024;
export const HEADER_BYTES_MAX = TABLE_BYTE + SECTIONS_MAX * ENTRY_BYTES;
/** A section is read into one piece of memory. */
export const SECTION_BYTES_MAX = 2 ** 32 - 1;

/** Where a section lies. */
export interface SectionPlace {
  name: string;
  offset: number;
  length: number;
  hash: Uint8Array;
}

/** The header and table of a snapshot of these sections, the first of which follows them at once. */
export function snapshotHeader(
  info: SnapshotInfo,
  sections: readonly Omit<SectionPlace, "offset">[],
): Uint8Array {
  const header = new Uint8Array(headerBytes(sections.length));
  const view = new DataView(header.buffer);
  view.setInt32(MAGIC_BYTE, SNAPSHOT_MAGIC[0], true);
  view.setInt32(MAGIC_BYTE + 4, SNAPSHOT_MAGIC[1], true);
  view.setInt32(VERSION_BYTE, SNAPSHOT_VERSION, true);
  view.setInt32(HEADER_BYTES_BYTE, header.length, true);
  view.setFloat64(TICK_BYTE, info.tick, true);
  view.setFloat64(SEQUENCE_BYTE, info.sequence, true);
  view.setFloat64(TIMESTAMP_BYTE, info.timestamp, true);
  header.set(info.exchangeId, EXCHANGE_ID_BYTE);
  view.setInt32(NEXT_SEGMENT_BYTE, info.nextSegment, true);
  view.setInt32(SYMBOLS_MAX_BYTE, info.symbolsMax, true);
  info.chain.forEach((word, i) => {
    view.setInt32(CHAIN_HASH_BYTE + i * 4, word, true);
  });
  view.setBigUint64(STATE_HASH_BYTE, info.stateHash, true);
  view.setInt32(SECTION_COUNT_BYTE, sections.length, true);
  sections.forEach(({ name, length, hash }, i) => {
    const entry = TABLE_BYTE + i * ENTRY_BYTES;
    header.set(new TextEncoder().encode(name), entry + ENTRY_NAME_BYTE);
    view.setFloat64(entry + ENTRY_LENGTH_BYTE, length, true);
    header.set(hash, entry + ENTRY_HASH_BYTE);
  });
  header.set(headerHash(header), OWN_HASH_BYTE);
  return header;
}

export function headerBytes(sections: number): number {
  return TABLE_BYTE + sections * ENTRY_BYTES;
}

/** What OWN_HASH of a header with its table must be. */
export function headerHash(header: Uint8Array): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(header.subarray(HASHED_BYTE)).digest();
}

export interface ParsedHeader {
  info: SnapshotInfo;
  sections: SectionPlace[];
  /** Length of the header and all sections. */
  fileBytes: number;
}

/** How to parse a header whose hash is right, by its version: files of every version can be read. */
export const HEADER_PARSERS: Readonly<Record<number, (header: Uint8Array) => ParsedHeader>> = {
  1: parseHeader,
  2: parseHeader,
  3: parseHeader,
  4: parseHeader,
};

function parseHeader(header: Uint8Array): ParsedHeader {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const chain = new Int32Array(HASH_INTS);
  for (let i = 0; i < HASH_INTS; i++) chain[i] = view.getInt32(CHAIN_HASH_BYTE + i * 4, true);
  const sections: SectionPlace[] = [];
  let offset = header.length;
  for (let i = 0; i < view.getInt32(SECTION_COUNT_BYTE, true); i++) {
    const entry = TABLE_BYTE + i * ENTRY_BYTES;
    const length = view.getFloat64(entry + ENTRY_LENGTH_BYTE, true);
    const name = header.subarray(entry + ENTRY_NAME_BYTE, entry + ENTRY_LENGTH_BYTE);
    sections.push({
      name: new TextDecoder().decode(name).replace(/\0+$/, ""),
      offset,
      length,
      hash: header.slice(entry + ENTRY_HASH_BYTE, entry + ENTRY_HASH_BYTE + HASH_BYTES),
    });
    offset += length;
  }
  return {
    info: {
      exchangeId: header.slice(EXCHANGE_ID_BYTE, EXCHANGE_ID_BYTE + EXCHANGE_ID_BYTES),
      tick: view.getFloat64(TICK_BYTE, true),
      sequence: view.getFloat64(SEQUENCE_BYTE, true),
      timestamp: view.getFloat64(TIMESTAMP_BYTE, true),
      chain,
      nextSegment: view.getInt32(NEXT_SEGMENT_BYTE, true),
      stateHash: view.getBigUint64(STATE_HASH_BYTE, true),
      symbolsMax: view.getInt32(SYMBOLS_MAX_BYTE, true),
    },
    sections,
    fileBytes: offset,
  };
}

const SNAPSHOT_NAME = /^snapshot_(\d{12,})\.snap$/;

/** `snapshot_000000012345.snap`: after tick 12345. */
export function snapshotName(tick: number): string {
  return `snapshot_${String(tick).padStart(12, "0")}.snap`;
}

/** The tick in a snapshot's name, or null when it is not one. */
export function snapshotTick(name: string): number | null {
  const match = SNAPSHOT_NAME.exec(name);
  if (match === null) return null;
  const tick = Number(match[1]);
  return snapshotName(tick) === name ? tick : null;
}
