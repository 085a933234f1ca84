/** What one address may do in a time, whoever is behind it; `networkOf` says what is one address. */
import type { MonotonicClock } from "../lib/clocks.ts";
import { networkOf } from "../lib/ip-address.ts";
import { recall } from "../lib/remember.ts";
import { TokenBucket } from "../trading/token-bucket.ts";

/** Addresses that are remembered; past it those that were not there for longest are forgotten, and begin anew. */
const ADDRESSES_MAX = 65_536;

export interface AddressBucketsOptions extends MonotonicClock {
  perSecond: number;
  /** At once, after a pause. */
  burst: number;
}

export class AddressBuckets {
  readonly #options: AddressBucketsOptions;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: AddressBucketsOptions) {
    this.#options = options;
  }

  /** Takes tokens: 0, or how many milliseconds until there is one. What is missing is owed. */
  take(fullAddress: string, tokens = 1): number {
    const { perSecond, burst, monotonic } = this.#options;
    const now = monotonic();
    const create = (): TokenBucket => new TokenBucket(perSecond, burst, now);
    const bucket = recall(this.#buckets, networkOf(fullAddress), ADDRESSES_MAX, create);
    return bucket.take(now, tokens);
  }
}
