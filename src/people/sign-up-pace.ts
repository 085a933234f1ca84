/** Bounds how often people may sign up, because each new user gets rate limits and cash of his own. */
import { AddressBuckets } from "../gateway/address-buckets.ts";
import { siteOf } from "../lib/ip-address.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import { TokenBucket } from "../trading/token-bucket.ts";

/** Sign-ups from one network of addresses: at once, and a second after that. */
const NETWORK_BURST = 20;
const NETWORK_PER_SECOND = 1 / 60;
/** The same from one IPv6 site (a /48), which has 65,536 networks. */
const SITE_BURST = 40;
const SITE_PER_SECOND = 1 / 20;
/** The same from everywhere together. */
const ALL_BURST = 100;
const ALL_PER_SECOND = 1;

export class SignUpPace {
  readonly #monotonic: () => number;
  readonly #networks: AddressBuckets;
  readonly #sites: AddressBuckets;
  readonly #all: TokenBucket;

  /** `monotonic` returns milliseconds of a clock that is never set back. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    const network = { burst: NETWORK_BURST, perSecond: NETWORK_PER_SECOND };
    this.#networks = new AddressBuckets({ ...network, monotonic });
    this.#sites = new AddressBuckets({ burst: SITE_BURST, perSecond: SITE_PER_SECOND, monotonic });
    this.#all = new TokenBucket(ALL_PER_SECOND, ALL_BURST, monotonic());
  }

  /**
   * Counts a sign-up from `address`. Returns null, or the error when there may be none now: 42904 when there were too many
   * from this address, 50300 when there were too many from everywhere.
   */
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
