/**
 * A 64-bit fingerprint of memory: two 32-bit lanes, each a multiply-xorshift over every word. Not
 * cryptographic; the journal's chain is what resists tampering. Equal states hash equal, and a replay
 * that strays in one bit hashes differently.
 */
export class StateHash {
  #a = 0x243f6a88;
  #b = 0x85a308d3 | 0;

  words(values: Int32Array): void {
    let a = this.#a;
    let b = this.#b;
    const length = values.length;
    for (let i = 0; i < length; i++) {
      const value = values[i];
      a = Math.imul(a ^ value, 0x9e3779b1);
      a ^= a >>> 15;
      b = Math.imul(b + value, 0x85ebca6b) ^ (b >>> 13);
    }
    this.#a = a;
    this.#b = b;
  }

  digest(): bigint {
    return (BigInt(this.#a >>> 0) << 32n) | BigInt(this.#b >>> 0);
  }
}
