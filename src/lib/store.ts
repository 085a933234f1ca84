/** A part of the state: memory whose first `used()` words of 32 bits are in use. */
export interface Store {
  /** Unique, and never changed: snapshots have it. */
  readonly name: string;
  readonly words: Int32Array;
  used(): number;
}

/** A store over any typed array; `used` counts 32-bit words and is all of them by default. */
export function store(
  name: string,
  memory: Int32Array | Float64Array | Uint8Array,
  used?: () => number,
): Store {
  const { buffer, byteOffset, byteLength } = memory;
  const words = new Int32Array(buffer, byteOffset, byteLength >> 2);
  return { name, words, used: used ?? (() => words.length) };
}
