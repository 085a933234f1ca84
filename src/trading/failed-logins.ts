/**
 * Counts wrong logins by address, and by key and address. The waits slow down guessing. A right login is always accepted: a
 * stranger who knows a user's key, and even shares his address, cannot lock him out. Guessing is hopeless anyway, because
 * secrets have 256 random bits.
 */
import { networkOf } from "../lib/ip-address.ts";
import { recall, remember } from "../lib/remember.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Wrong logins that one address may make at once, and how many a second after that. */
const ADDRESS_BURST = 100;
const ADDRESS_PER_SECOND = 10;
/** Wrong logins with one key from one address without a wait. After each further one the wait doubles. */
const PAIR_FREE = 10;
const PAIR_WAIT_MS = 500;
const PAIR_WAIT_MS_MAX = 300_000;
/** The count of a key and address begins anew after this time without a wrong login. */
const PAIR_FORGOTTEN_MS = 900_000;
/** How many addresses, and pairs of key and address, are remembered. When there are more, the oldest are forgotten. */
const ADDRESSES_MAX = 65_536;
const PAIRS_MAX = 65_536;

/** Wrong logins with one key from one address. */
interface Pair {
  count: number;
  /** Time of the last one. */
  at: number;
}

export class FailedLogins {
  readonly #addresses = new Map<string, TokenBucket>();
  /** By a hash of key and address, because a key may be any text. */
  readonly #pairs = new Map<number | bigint, Pair>();

  /**
   * Counts a wrong login at `now`, milliseconds by a clock that is never set back. Returns how many milliseconds the client
   * should wait before the next try; 0 = none. It makes no difference whether the key exists.
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
