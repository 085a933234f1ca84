/** Rate limits of each user, and of each address without a login. All connections of a user or address share them. */
import type { RateLimits, User } from "../identity/user.ts";
import { networkOf } from "../lib/ip-address.ts";
import { recall } from "../lib/remember.ts";
import { FrameBudget } from "./frame-budget.ts";
import { TokenBucket } from "./token-bucket.ts";

/**
 * Cancels only take risk away, so they do not compete with orders for tokens: they have their own
 * bucket, this many times as large.
 */
const CANCELS_PER_ORDER = 10;
/**
 * Frames that everybody may send, a second and at once, even if his other limits are lower: pings, logins, requests that are
 * refused. A user may send more at once than a stranger, so that he gets an answer to each request that came too soon.
 */
const FRAMES_PER_SECOND_MIN = 2000;
const USER_FRAMES_BURST_MIN = 5000;
/** How many addresses without a login are remembered. When there are more, the one that was not used for longest is forgotten. */
const ADDRESSES_MAX = 65_536;

export interface UserLimits {
  readonly limits: RateLimits;
  /** Every frame, whatever is in it. */
  readonly frames: FrameBudget;
  /** Placing and amending. */
  readonly orders: TokenBucket;
  /** Cancelling. */
  readonly cancels: TokenBucket;
  /** Everything else, by the weight of its method. */
  readonly weights: TokenBucket;
}

function createLimits(limits: RateLimits, framesBurstMin: number, now: number): UserLimits {
  const { orders_per_second: orders, burst_limit: burst, market_data_per_second: weights } = limits;
  // At least as many frames as the other limits together allow requests.
  const frames = Math.max(FRAMES_PER_SECOND_MIN, orders * (1 + CANCELS_PER_ORDER) + weights);
  return {
    limits,
    frames: new FrameBudget(frames, Math.max(framesBurstMin, frames), now),
    orders: new TokenBucket(orders, burst, now),
    cancels: new TokenBucket(orders * CANCELS_PER_ORDER, burst * CANCELS_PER_ORDER, now),
    weights: new TokenBucket(weights, weights, now),
  };
}

export class UserLimitsTable {
  readonly #byUser = new Map<number, UserLimits>();
  readonly #byAddress = new Map<string, UserLimits>();

  /** `defaults`: for users without limits of their own, and for addresses without a login. */
  constructor(readonly defaults: RateLimits) {}

  /** The limits of an address, for connections that have not logged in. Addresses of one network (`networkOf`) count as one. */
  ofAddress(fullAddress: string, now: number): UserLimits {
    const create = (): UserLimits => createLimits(this.defaults, FRAMES_PER_SECOND_MIN, now);
    return recall(this.#byAddress, networkOf(fullAddress), ADDRESSES_MAX, create);
  }

  /** Gives a user's connections his new limits at once, with full buckets, if his limits have changed. */
  changed(user: User, now: number): void {
    const limits = this.#byUser.get(user.number);
    if (limits === undefined) return;
    const wanted = this.#limitsOf(user, now);
    if (Bun.deepEquals(wanted.limits, limits.limits)) return;
    // Callers hold the object itself.
    Object.assign(limits, wanted);
  }

  of(user: User, now: number): UserLimits {
    let limits = this.#byUser.get(user.number);
    if (limits === undefined) {
      limits = this.#limitsOf(user, now);
      this.#byUser.set(user.number, limits);
    }
    return limits;
  }

  #limitsOf({ rateLimits }: User, now: number): UserLimits {
    return createLimits({ ...this.defaults, ...rateLimits }, USER_FRAMES_BURST_MIN, now);
  }
}
