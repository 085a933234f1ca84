const FIRST_A = 0x243f6a88;
const FIRST_B = 0x85a308d3 | 0;

/**
 * A 64-bit hash of memory: two lanes of 32 bits, each a multiply and xorshift over every second word, so that the
 * processor works on both at once. Equal states have equal hashes, and a change of one word always changes the hash.
 * It is not cryptographic: against tampering there is the hash chain of the journal.
 */
export class StateHash {
  #a = FIRST_A;
  #b = FIRST_B;

  /** Begins anew. */
  begin(): void {
    this.#a = FIRST_A;
    this.#b = FIRST_B;
  }

  words(values: Int32Array, from: number, to: number): void {
    let a = this.#a;
    let b = this.#b;
    let i = from;
    for (; i + 1 < to; i += 2) {
      a = Math.imul(a ^ values[i], 0x9e3779b1);
      a ^= a >>> 15;
      b = Math.imul(b ^ values[i + 1], 0x85ebca6b);
      b ^= b >>> 13;
    }
    if (i < to) {
      a = Math.imul(a ^ values[i], 0x9e3779b1);
      a ^= a >>> 15;
    }
    this.#a = a;
    this.#b = b;
  }

  /** As `words`, for rows of `size` words, a power of two. The words of a row from number `hashed` on count as 0. */
  rows(values: Int32Array, from: number, to: number, size: number, hashed: number): void {
    const mask = size - 1;
    let a = this.#a;
    let b = this.#b;
    let i = from;
    // The mask has all bits for a word that counts and none for another, without a branch.
    for (; i + 1 < to; i += 2) {
      a = Math.imul(a ^ (values[i] & (((i & mask) - hashed) >> 31)), 0x9e3779b1);
      a ^= a >>> 15;
      b = Math.imul(b ^ (values[i + 1] & ((((i + 1) & mask) - hashed) >> 31)), 0x85ebca6b);
      b ^= b >>> 13;
    }
    if (i < to) {
      a = Math.imul(a ^ (values[i] & (((i & mask) - hashed) >> 31)), 0x9e3779b1);
      a ^= a >>> 15;
    }
    this.#a = a;
    this.#b = b;
  }

  /** The two halves, each 32 bits. */
  get high(): number {
    return this.#a;
  }

  get low(): number {
    return this.#b;
  }

  digest(): bigint {
    return (BigInt(this.#a >>> 0) << 32n) | BigInt(this.#b >>> 0);
  }
}

/** A hash as text: 16 hexadecimal digits. */
export function hashText(hash: bigint): string {
  return hash.toString(16).padStart(16, "0");
}
