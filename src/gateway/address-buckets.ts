/** Limits what each address may do in a time. `networkOf` says which addresses count as one. */
import type { MonotonicClock } from "../lib/clocks.ts";
import { networkOf } from "../lib/ip-address.ts";
import { recall } from "../lib/remember.ts";
import { TokenBucket } from "../trading/token-bucket.ts";

/**
 * The most addresses that are remembered. The one that was not seen for longest is forgotten, and begins with a full bucket.
 */
const ADDRESSES_MAX = 65_536;

export interface AddressBucketsOptions extends MonotonicClock {
  perSecond: number;
  /** Tokens of a full bucket. */
  burst: number;
}

export class AddressBuckets {
  readonly #options: AddressBucketsOptions;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: AddressBucketsOptions) {
    this.#options = options;
  }

  /**
   * Takes tokens. Returns 0, or how many milliseconds until there is one. One token is enough to take several; the rest is
   * owed.
   */
  take(fullAddress: string, tokens = 1): number {
    const { perSecond, burst, monotonic } = this.#options;
    const now = monotonic();
    const create = (): TokenBucket => new TokenBucket(perSecond, burst, now);
    const bucket = recall(this.#buckets, networkOf(fullAddress), ADDRESSES_MAX, create);
    return bucket.take(now, tokens);
  }
}
