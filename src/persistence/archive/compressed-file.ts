/**
 * Compresses a file into an object of the archive, and unpacks it again. The object is a sequence of zstd
 * frames, one for each piece of the file; any zstd tool unpacks it.
 *
 * Everything happens in pieces, with a turn of the event loop in between: the longest that a piece
 * holds the thread is its hashing, 0.3 ms of 256 KiB. Compression is on a thread of the pool, one
 * piece at a time, so that a flush of the journal finds another.
 */

import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import { breathe } from "../../lib/steps.ts";
import { ContentError } from "./content-error.ts";
import type { ObjectStore } from "./object-store.ts";

/**
 * Larger pieces compress no better: 64 MiB of commands became 6.7 MB in pieces of this size, and 7.0 MB in one
 * piece.
 */
const PIECE_BYTES = 256 * 1024;

/** Gets the bytes of a file as they are read. */
export interface ByteObserver {
  take(bytes: Uint8Array): void;
}

/** Lengths and SHA-256, in hexadecimal, of a file and of the object that holds it. */
export interface ContentHashes {
  bytes: number;
  sha256: string;
  compressedBytes: number;
  compressedSha256: string;
}

export interface CompressedFile extends ContentHashes {
  /** The object. It is in memory because its length must be known before it is sent. */
  pieces: Uint8Array[];
}

/**
 * The bytes of the file at `path`, in pieces. Throws the system's error when it cannot be read, and
 * `ContentError` when it changes meanwhile.
 */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  const file = Bun.file(path);
  const { size } = await file.stat();
  for (let at = 0; at < size; at += PIECE_BYTES) {
    const end = Math.min(at + PIECE_BYTES, size);
    const piece = await file.slice(at, end).bytes();
    if (piece.length !== end - at) throw new ContentError("it was cut while it was read");
    yield piece;
    await breathe();
  }
  if ((await file.stat()).size !== size) throw new ContentError("it changed while it was read");
}

/** Compresses the file at `path` and gives its bytes to `observer`; rejects as `readPieces` does, and with what the observer throws. */
export async function compressFile(path: string, observer: ByteObserver): Promise<CompressedFile> {
  const original = new Bun.CryptoHasher("sha256");
  const compressed = new Bun.CryptoHasher("sha256");
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let compressedBytes = 0;
  for await (const piece of readPieces(path)) {
    original.update(piece);
    observer.take(piece);
    bytes += piece.length;
    const frame = await Bun.zstdCompress(piece);
    compressed.update(frame);
    compressedBytes += frame.length;
    pieces.push(frame);
  }
  return {
    pieces,
    bytes,
    sha256: original.digest("hex"),
    compressedBytes,
    compressedSha256: compressed.digest("hex"),
  };
}

/**
 * Reads an object and unpacks it, giving the file's bytes to `receive`. Rejects with `ObjectStoreError`, with
 * `ContentError` when it is no zstd, and with what `receive` throws.
 */
export async function decompressObject(
  store: ObjectStore,
  key: string,
  receive: (bytes: Uint8Array) => void | Promise<void>,
): Promise<ContentHashes> {
  const compressed = new Bun.CryptoHasher("sha256");
  const original = new Bun.CryptoHasher("sha256");
  const hashes = { bytes: 0, sha256: "", compressedBytes: 0, compressedSha256: "" };
  async function* arriving(): AsyncGenerator<Uint8Array> {
    for await (const chunk of store.read(key)) {
      compressed.update(chunk);
      hashes.compressedBytes += chunk.length;
      yield chunk;
    }
  }
  async function leaving(unpacked: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of unpacked) {
      original.update(chunk);
      hashes.bytes += chunk.length;
      await receive(chunk);
      await breathe();
    }
  }
  try {
    await pipeline(arriving, createZstdDecompress(), leaving);
  } catch (error) {
    if (!isZstdError(error)) throw error;
    throw new ContentError(`it cannot be unpacked: ${error.message}`, { cause: error });
  }
  hashes.sha256 = original.digest("hex");
  hashes.compressedSha256 = compressed.digest("hex");
  return hashes;
}

/** SHA-256 of an object as the server gives it. */
export async function hashObject(store: ObjectStore, key: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of store.read(key)) {
    hasher.update(chunk);
    await breathe();
  }
  return hasher.digest("hex");
}

function isZstdError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && /^(?:ZSTD_|Z_|ERR_)/.test(String(error.code));
}
