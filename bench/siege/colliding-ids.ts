/**
 * Makes client order ids that all came into one chain of the id table when its hash had no key. Now the hash has a key,
 * and the attack checks that these ids are no slower than others.
 */
import type { Random } from "../../src/demo/random.ts";

const ACCOUNT_FACTOR = 0x9e3779b1;
const WORD_FACTOR = 0x85ebca6b;
const HASH_BITS = 20;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const WORD_LETTERS = 4;
/** Whether a byte may be in an id. */
const IS_LETTER = Uint8Array.from({ length: 256 }, (_, byte) =>
  LETTERS.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** The former hash without a key. Each word is mixed in by a product and a shift. */
export function unkeyedHash(account: number, id: string): number {
  let hash = Math.imul(account, ACCOUNT_FACTOR);
  for (let at = 0; at < id.length; at += WORD_LETTERS) hash = mixed(hash, wordAt(id, at));
  return (hash ^ (hash >>> 16)) & ((1 << HASH_BITS) - 1);
}

/**
 * `count` different ids of eight letters with the hash 0. The first word can be any. The second is computed from the
 * first one and the hash, and the id is used if all of its bytes are letters.
 */
export function collidingIds(account: number, count: number, random: Random): string[] {
  const start = Math.imul(account, ACCOUNT_FACTOR);
  const beforeMixing = hashesToZero().map(unmixed);
  const ids: string[] = [];
  const first = Math.floor(random() * LETTERS.length ** WORD_LETTERS);
  for (let n = 0; ids.length < count; n++) {
    const text = letters((first + n) % LETTERS.length ** WORD_LETTERS);
    const hash = mixed(start, wordAt(text, 0));
    for (const before of beforeMixing) {
      const word = before ^ hash;
      if (isText(word) && ids.length < count) ids.push(text + textOf(word));
    }
  }
  return ids;
}

/** Every state of the hash whose last step gives 0. The upper half can be any; the lower half is computed from it. */
function hashesToZero(): number[] {
  return Array.from({ length: 1 << (32 - HASH_BITS) }, (_, upper) => {
    const high = upper << HASH_BITS;
    // The last step is h ^ (h >>> 16). It only changes the lowest 16 bits.
    return high | ((high >>> 16) & 0xffff);
  });
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, WORD_FACTOR);
  return product ^ (product >>> 13);
}

/** Undoes the product and the shift of `mixed`. */
function unmixed(hash: number): number {
  const product = hash ^ (hash >>> 13) ^ (hash >>> 26);
  return Math.imul(product, inverse(WORD_FACTOR));
}

/** The inverse of an odd number modulo 2^32, by Newton's method. Each step doubles the number of correct bits. */
function inverse(odd: number): number {
  let guess = odd;
  for (let step = 0; step < 5; step++) guess = Math.imul(guess, 2 - Math.imul(odd, guess));
  return guess;
}

function letters(number: number): string {
  let text = "";
  for (let n = 0, rest = number; n < WORD_LETTERS; n++) {
    text += LETTERS.charAt(rest % LETTERS.length);
    rest = Math.floor(rest / LETTERS.length);
  }
  return text;
}

function wordAt(text: string, at: number): number {
  let word = 0;
  for (let n = 0; n < WORD_LETTERS; n++) word |= text.charCodeAt(at + n) << (8 * n);
  return word;
}

function isText(word: number): boolean {
  return (
    IS_LETTER[word & 255] === 1 &&
    IS_LETTER[(word >>> 8) & 255] === 1 &&
    IS_LETTER[(word >>> 16) & 255] === 1 &&
    IS_LETTER[word >>> 24] === 1
  );
}

function textOf(word: number): string {
  return String.fromCharCode(word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24);
}
