/**
 * Zeros for tables that are small at first and may never be full. The runtime makes a table of a few megabytes of
 * memory that was used before, and clears it: all of it is then taken from the machine, though it holds nothing.
 * Memory from here is taken page by page, as it is written.
 */

/** As much at once comes fresh from the system. It is freed when none of its tables is in use. */
const SLAB_BYTES = 64 << 20;
const ALIGNMENT = 64;

/**
 * The first one is made before anything large is freed: where memory that was used is used anew, all of it is cleared,
 * and so taken from the machine. What the warm-up leaves did that to one start in three.
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

/** What no table has yet. */
export function freshRest(): Uint8Array {
  return new Uint8Array(slab, used);
}
