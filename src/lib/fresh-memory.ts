/**
 * Zeroed memory for tables that are small at first and may never be full. For a table of a few megabytes the runtime
 * takes memory that was used before and clears it, so all of it is taken from the machine although it holds nothing.
 * Memory from here is taken page by page, when it is first written.
 */

/** So much is asked for at once. A slab is freed when none of its tables is in use any more. */
const SLAB_BYTES = 64 << 20;
const ALIGNMENT = 64;

/**
 * The first slab is made before anything large is freed. Otherwise the runtime may use freed memory again and clear all
 * of it, so that it is taken from the machine. What the warm-up freed was used like that in one start of three.
 */
let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

interface Piece {
  buffer: ArrayBuffer;
  byteOffset: number;
}

function freshBytes(bytes: number): Piece {
  if (bytes > SLAB_BYTES / 4) return { buffer: new ArrayBuffer(bytes), byteOffset: 0 };
  if (used + bytes > slab.byteLength) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const byteOffset = used;
  used += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  return { buffer: slab, byteOffset };
}

export function freshInts(length: number): Int32Array<ArrayBuffer> {
  const { buffer, byteOffset } = freshBytes(length * Int32Array.BYTES_PER_ELEMENT);
  return new Int32Array(buffer, byteOffset, length);
}

export function freshDoubles(length: number): Float64Array<ArrayBuffer> {
  const { buffer, byteOffset } = freshBytes(length * Float64Array.BYTES_PER_ELEMENT);
  return new Float64Array(buffer, byteOffset, length);
}

/** The part of the slab that no table has yet. */
export function freshRest(): Uint8Array {
  return new Uint8Array(slab, used);
}
