/**
 * Reads a journal's files by the published format (proto/journal.md) alone. It shares nothing with the code
 * that wrote them.
 */
import { createHash } from "node:crypto";
import { Violation } from "./promises.ts";

const HEADER_BYTES = 128;
const UNIT_BYTES = 64;
const NO_HASH = Buffer.alloc(32);

/** The position that the walk along the chain has reached. */
interface Place {
  tick: number;
  sequence: number;
  hash: Buffer;
}

/**
 * Walks the chain through every segment in `files` that has content, in the order of their names.
 * Returns the last tick; throws `Violation` at the first byte that is not as the format says.
 */
export function checkChain(files: readonly [path: string, bytes: Uint8Array][]): number {
  const segments = files
    .filter(([path]) => /\/wal_\d{6,}\.log$/.test(path))
    .map(([path, bytes]): [string, Buffer] => [path, Buffer.from(bytes)])
    .filter(([, bytes]) => bytes.some((byte) => byte !== 0));
  let place: Place | null = null;
  for (const [path, bytes] of segments) {
    place ??= beginning(bytes);
    checkHeader(path, bytes, 0, HEADER_BYTES, "WVRSEGMT", place);
    let at = HEADER_BYTES;
    while (at + HEADER_BYTES <= bytes.length && bytes.readInt32LE(at) !== 0) {
      const count = bytes.readInt32LE(at + 44);
      const texts = bytes.readUIntLE(at + 41, 3);
      const map = texts === 0 || texts === count ? 0 : Math.ceil(count / 512);
      const end = at + HEADER_BYTES + (count + map + texts) * UNIT_BYTES;
      checkHeader(path, bytes, at, end, "WVRBATCH", place);
      place = {
        tick: place.tick + 1,
        sequence: place.sequence + count,
        hash: bytes.subarray(at + 8, at + 40),
      };
      at = end;
    }
    if (bytes.subarray(at).some((byte) => byte !== 0)) {
      throw new Violation(`${path}: something follows the last batch at byte ${at}`);
    }
  }
  return (place?.tick ?? 1) - 1;
}

/** Retention may have removed the first segments. The oldest remaining segment says where it begins. */
function beginning(bytes: Buffer): Place {
  if (bytes.readInt32LE(44) === 1) return { tick: 1, sequence: 1, hash: NO_HASH };
  return {
    tick: bytes.readDoubleLE(48),
    sequence: bytes.readDoubleLE(56),
    hash: bytes.subarray(96, 128),
  };
}

/**
 * The first tick, first sequence and hashes stand at the same offsets in a segment header and in a batch
 * header.
 */
function checkHeader(
  path: string,
  bytes: Buffer,
  at: number,
  end: number,
  magic: string,
  place: Place,
): void {
  const hash = createHash("sha256")
    .update(bytes.subarray(at + 40, end))
    .digest();
  const isRight =
    end <= bytes.length &&
    bytes.toString("latin1", at, at + 8) === magic &&
    hash.equals(bytes.subarray(at + 8, at + 40)) &&
    bytes.readDoubleLE(at + 48) === place.tick &&
    bytes.readDoubleLE(at + 56) === place.sequence &&
    bytes.subarray(at + 96, at + 128).equals(place.hash);
  if (!isRight) throw new Violation(`${path}: not the format's ${magic} at byte ${at}`);
}
