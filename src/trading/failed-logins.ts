/**
 * Wrong logins, counted by address and by key and address. The waits slow down guessing, but a right login is always
 * let in: a stranger who knows somebody's key, and even shares his address, cannot lock him out. Guessing is hopeless
 * anyway, because secrets have 256 random bits.
 */
import { networkOf } from "../lib/ip-address.ts";
import { recall, remember } from "../lib/remember.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Wrong logins that one address may make at once, and a second. */
const ADDRESS_BURST = 100;
const ADDRESS_PER_SECOND = 10;
/** Wrong logins with one key from one address before it has to wait; then twice as long after each. */
const PAIR_FREE = 10;
const PAIR_WAIT_MS = 500;
const PAIR_WAIT_MS_MAX = 300_000;
/** Without a wrong login for so long, the count of a key and address begins anew. */
const PAIR_FORGOTTEN_MS = 900_000;
/** Addresses, and keys with an address, that are remembered; past it the oldest are forgotten. */
const ADDRESSES_MAX = 65_536;
const PAIRS_MAX = 65_536;

interface Pair {
  count: number;
  at: number;
}

export class FailedLogins {
  readonly #addresses = new Map<string, TokenBucket>();
  /** By a hash of key and address, for a key may be any text. */
  readonly #pairs = new Map<number | bigint, Pair>();

  /**
   * Counts a wrong login at `now`, milliseconds that never go back. Gives for how many milliseconds nobody should try
   * again so; 0 = at once. Does the same for a key that exists and one that does not.
   */
  count(apiKey: string, fullAddress: string, now: number): number {
    const address = networkOf(fullAddress);
    const create = (): TokenBucket => new TokenBucket(ADDRESS_PER_SECOND, ADDRESS_BURST, now);
    const bucket = recall(this.#addresses, address, ADDRESSES_MAX, create);
    return Math.max(bucket.take(now), this.#countPair(Bun.hash(`${address} ${apiKey}`), now));
  }

  #countPair(hash: number | bigint, now: number): number {
    const before = this.#pairs.get(hash);
    const isNew = before === undefined || now - before.at >= PAIR_FORGOTTEN_MS;
    const count = isNew ? 1 : before.count + 1;
    remember(this.#pairs, hash, { count, at: now }, PAIRS_MAX);
    if (count <= PAIR_FREE) return 0;
    return Math.min(PAIR_WAIT_MS_MAX, PAIR_WAIT_MS * 2 ** (count - PAIR_FREE - 1));
  }
}
