/**
 * Client order ids that fell into one chain of the id table while its hash had no key. With a key they are
 * ids like any others, which is what the attack checks.
 */
import type { Random } from "../../src/demo/random.ts";

const ACCOUNT_FACTOR = 0x9e3779b1;
const WORD_FACTOR = 0x85ebca6b;
const HASH_BITS = 20;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const WORD_LETTERS = 4;
/** Whether a byte stands in an id. */
const IS_LETTER = Uint8Array.from({ length: 256 }, (_, byte) =>
  LETTERS.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** The hash as it was: each word is mixed in by a product and a shift. */
export function unkeyedHash(account: number, id: string): number {
  let hash = Math.imul(account, ACCOUNT_FACTOR);
  for (let at = 0; at < id.length; at += WORD_LETTERS) hash = mixed(hash, wordAt(id, at));
  return (hash ^ (hash >>> 16)) & ((1 << HASH_BITS) - 1);
}

/**
 * `count` different ids of eight letters with the hash 0. The first word is free; the second follows from
 * it and from the wanted hash, and is taken when its bytes are letters.
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

/** Every state of the hash whose last step gives 0: the upper half is free, the lower follows from it. */
function hashesToZero(): number[] {
  return Array.from({ length: 1 << (32 - HASH_BITS) }, (_, upper) => {
    const high = upper << HASH_BITS;
    // The last step is h ^ (h >>> 16); only the lowest 16 bits are changed by it.
    return high | ((high >>> 16) & 0xffff);
  });
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, WORD_FACTOR);
  return product ^ (product >>> 13);
}

/** The value whose product and shift give `hash`. */
function unmixed(hash: number): number {
  const product = hash ^ (hash >>> 13) ^ (hash >>> 26);
  return Math.imul(product, inverse(WORD_FACTOR));
}

/** Of an odd number modulo 2^32, by Newton's method: each step doubles the bits that are right. */
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
