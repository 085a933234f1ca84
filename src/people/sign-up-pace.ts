/** How often people may sign up: each new user has limits and cash of his own. */
import { AddressBuckets } from "../gateway/address-buckets.ts";
import { siteOf } from "../lib/ip-address.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import { TokenBucket } from "../trading/token-bucket.ts";

/** At once and a second, of one network of addresses. */
const NETWORK_BURST = 20;
const NETWORK_PER_SECOND = 1 / 60;
/** Of one site of IPv6 (a /48), which has 65,536 networks. */
const SITE_BURST = 40;
const SITE_PER_SECOND = 1 / 20;
/** Of all together. */
const ALL_BURST = 100;
const ALL_PER_SECOND = 1;

export class SignUpPace {
  readonly #monotonic: () => number;
  readonly #networks: AddressBuckets;
  readonly #sites: AddressBuckets;
  readonly #all: TokenBucket;

  /** `monotonic`: milliseconds since whenever, never set back. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#networks = new AddressBuckets({
      ...{ burst: NETWORK_BURST, perSecond: NETWORK_PER_SECOND, monotonic },
    });
    this.#sites = new AddressBuckets({
      ...{ burst: SITE_BURST, perSecond: SITE_PER_SECOND, monotonic },
    });
    this.#all = new TokenBucket(ALL_PER_SECOND, ALL_BURST, monotonic());
  }

  /** Counts one from `address`: null, or why there may be none just now: 42904, and 50300 where it is others' doing. */
  take(address: string): ErrorBody | null {
    const site = siteOf(address);
    const own = this.#networks.take(address) || (site === null ? 0 : this.#sites.take(site));
    if (own > 0) {
      const message = "Too many sign-ups from this address";
      return errorBody(ErrorCode.TOO_MANY_LOGINS, { retry_after_ms: own }, message);
    }
    const retry_after_ms = this.#all.take(this.#monotonic());
    return retry_after_ms > 0 ? errorBody(ErrorCode.OVERLOADED, { retry_after_ms }) : null;
  }
}
