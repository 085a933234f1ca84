/** The rate limits of each user, shared by all of the user's connections. */
import type { RateLimits, User } from "../identity/user.ts";
import { TokenBucket } from "./token-bucket.ts";

/**
 * Cancels only take risk away, so they do not compete with orders for tokens: they have their own
 * bucket, this many times as large.
 */
const CANCELS_PER_ORDER = 10;

export interface UserLimits {
  readonly limits: RateLimits;
  /** Placing and amending. */
  readonly orders: TokenBucket;
  /** Cancelling. */
  readonly cancels: TokenBucket;
  /** Requests for market data. */
  readonly marketData: TokenBucket;
}

export function createLimits(limits: RateLimits, now: number): UserLimits {
  const { orders_per_second: orders, burst_limit: burst, market_data_per_second: data } = limits;
  return {
    limits,
    orders: new TokenBucket(orders, burst, now),
    cancels: new TokenBucket(orders * CANCELS_PER_ORDER, burst * CANCELS_PER_ORDER, now),
    marketData: new TokenBucket(data, data, now),
  };
}

export class UserLimitsTable {
  readonly #byUser = new Map<number, UserLimits>();

  /** `defaults`: for users without limits of their own, and for connections that have not logged in. */
  constructor(readonly defaults: RateLimits) {}

  of(user: User, now: number): UserLimits {
    let limits = this.#byUser.get(user.number);
    if (limits === undefined) {
      limits = createLimits({ ...this.defaults, ...user.rateLimits }, now);
      this.#byUser.set(user.number, limits);
    }
    return limits;
  }
}
