/** Checks a snapshot as its bytes arrive, in pieces of any size, and summarises its header. */

import * as layout from "../snapshot/layout.ts";
import { ContentError, damagedAt } from "./content-error.ts";

/** What a whole snapshot's header says. The hash and the exchange's id are in hexadecimal. */
export interface SnapshotSummary {
  exchangeId: string;
  tick: number;
  sequence: number;
  timestamp: number;
  /** Number of the segment that the next batch is in. */
  nextSegment: number;
  /** Hash of the last batch before the snapshot. */
  chainHash: string;
}

export class SnapshotScan {
  /** Bytes of the header that have arrived. */
  #header: Uint8Array = new Uint8Array(0);
  #parsed: layout.ParsedHeader | null = null;
  /** Index of the section whose bytes come next, and how many of its bytes have not arrived yet. */
  #section = 0;
  #left = 0;
  #offset = 0;
  readonly #hasher = new Bun.CryptoHasher("sha256");

  /** Takes the next bytes. Throws `ContentError`. */
  take(bytes: Uint8Array): void {
    const rest = this.#parsed === null ? this.#takeHeader(bytes) : bytes;
    if (this.#parsed !== null) this.#takeSections(this.#parsed.sections, rest);
  }

  /** To be called after the last bytes. Throws `ContentError` when some are missing. */
  end(): SnapshotSummary {
    if (this.#parsed === null) throw new ContentError("it ends inside its header");
    const { info, sections, fileBytes } = this.#parsed;
    if (this.#section < sections.length || this.#offset !== fileBytes) {
      throw damagedAt(this.#offset, `it should have ${fileBytes} bytes`);
    }
    const { tick, sequence, timestamp, nextSegment } = info;
    return {
      exchangeId: info.exchangeId.toHex(),
      tick,
      sequence,
      timestamp,
      nextSegment,
      chainHash: new Uint8Array(info.chain.buffer).toHex(),
    };
  }

  /** Takes bytes of the header; returns those that follow it. */
  #takeHeader(bytes: Uint8Array): Uint8Array {
    this.#header = Buffer.concat([this.#header, bytes]);
    const view = new DataView(this.#header.buffer, this.#header.byteOffset, this.#header.length);
    if (view.byteLength < layout.PREFIX_BYTES) return bytes.subarray(bytes.length);
    const isSnapshot = layout.SNAPSHOT_MAGIC.every(
      (word, i) => view.getInt32(layout.MAGIC_BYTE + i * 4, true) === word,
    );
    const length = view.getInt32(layout.HEADER_BYTES_BYTE, true);
    if (!isSnapshot || length < layout.TABLE_BYTE || length > layout.HEADER_BYTES_MAX) {
      throw damagedAt(0, "this is not a snapshot");
    }
    if (this.#header.length < length) return bytes.subarray(bytes.length);
    const header = this.#header.subarray(0, length);
    const own = header.subarray(layout.OWN_HASH_BYTE, layout.HASHED_BYTE);
    if (own.toHex() !== layout.headerHash(header).toHex()) {
      throw damagedAt(0, "the header does not match its hash");
    }
    const version = view.getInt32(layout.VERSION_BYTE, true);
    const parse = layout.HEADER_PARSERS[version];
    if (parse === undefined) {
      const known = layout.SNAPSHOT_VERSION;
      throw damagedAt(0, `it has format version ${version}; this program knows 1 to ${known}`);
    }
    const parsed = parse(header);
    this.#parsed = parsed;
    this.#offset = length;
    this.#left = parsed.sections[0]?.length ?? 0;
    return this.#header.subarray(length);
  }

  #takeSections(sections: readonly layout.SectionPlace[], bytes: Uint8Array): void {
    let at = 0;
    for (;;) {
      const section = sections[this.#section];
      if (section === undefined) {
        if (at < bytes.length) throw damagedAt(this.#offset, "bytes follow its last section");
        return;
      }
      const taken = Math.min(this.#left, bytes.length - at);
      this.#hasher.update(bytes.subarray(at, at + taken));
      at += taken;
      this.#offset += taken;
      this.#left -= taken;
      if (this.#left > 0) return;
      if (this.#hasher.digest("hex") !== section.hash.toHex()) {
        throw damagedAt(section.offset, `section "${section.name}" does not match its hash`);
      }
      this.#section++;
      this.#left = sections[this.#section]?.length ?? 0;
    }
  }
}
