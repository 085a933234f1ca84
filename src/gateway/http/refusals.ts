/**
 * Decides when refusals are sent. Those to one address are sent one after the other, with pauses. So very many connections
 * that ask again as soon as they are answered cost little. A user's refusals for his own limits are sent at once, until they
 * are too many.
 */
import { networkOf } from "../../lib/ip-address.ts";
import { remember } from "../../lib/remember.ts";
import type { Caller } from "../../trading/caller.ts";
import { TokenBucket } from "../../trading/token-bucket.ts";

/** The shortest delay of a refusal, milliseconds. It may be up to twice as long, so that those of many addresses spread out. */
export const REFUSAL_DELAY_MS = 300;
/** The longest delay, milliseconds: Bun ends connections on which nothing happens for ten seconds. */
export const REFUSAL_DELAY_MS_MAX = 4000;
/** Refusals a second to one address or user. With more of them the delay grows. */
const PER_SECOND = 250;
/** How many refusals are held back at a time. More go out at once: their connections may have ended long ago. */
const HELD_MAX = 4096;
/** Refusals of one user that are sent without delay: so many a second, and so many after a pause. */
const USER_PER_SECOND = 100;
const USER_BURST = 200;
/** The most addresses that are remembered. The oldest is forgotten, and begins anew. */
const ADDRESSES_MAX = 65_536;

interface OfUser {
  readonly atOnce: TokenBucket;
  /** As `#nextAt` of an address. */
  nextAt: number;
}

export class Refusals {
  /** When the next refusal to an address may be sent, in milliseconds of `monotonic`. */
  readonly #nextAt = new Map<string, number>();
  readonly #ofUsers = new WeakMap<Caller["limits"], OfUser>();
  readonly #monotonic: () => number;
  #held = 0;

  /** `monotonic`: milliseconds of a clock that never goes back. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** How many milliseconds to hold back a refusal to an address, at most `msMax`. */
  delayOfAddress(fullAddress: string, msMax = REFUSAL_DELAY_MS_MAX): number {
    const address = networkOf(fullAddress);
    const { delayMs, nextAt } = this.#delay(this.#nextAt.get(address) ?? 0, msMax);
    remember(this.#nextAt, address, nextAt, ADDRESSES_MAX);
    return delayMs;
  }

  /** As `delayOfAddress`, for a user with these limits. Null, for no delay, until he has been refused too often. */
  delayOfUser(limits: Caller["limits"]): number | null {
    const now = this.#monotonic();
    let user = this.#ofUsers.get(limits);
    if (user === undefined) {
      user = { atOnce: new TokenBucket(USER_PER_SECOND, USER_BURST, now), nextAt: 0 };
      this.#ofUsers.set(limits, user);
    }
    if (user.atOnce.take(now) === 0) return null;
    const { delayMs, nextAt } = this.#delay(user.nextAt, REFUSAL_DELAY_MS_MAX);
    user.nextAt = nextAt;
    return delayMs;
  }

  /** Resolves when the refusal may be sent. */
  async hold(delayMs: number): Promise<void> {
    if (delayMs <= 0) return;
    this.#held++;
    await Bun.sleep(delayMs);
    this.#held--;
  }

  #delay(nextAt: number, msMax: number): { delayMs: number; nextAt: number } {
    if (this.#held >= HELD_MAX) return { delayMs: 0, nextAt };
    const now = this.#monotonic();
    const at = Math.max(nextAt, now + spread(REFUSAL_DELAY_MS));
    if (at > now + msMax) return { delayMs: spread(msMax / 2), nextAt };
    return { delayMs: at - now, nextAt: at + 1000 / PER_SECOND };
  }
}

/** A random time from `ms` to twice `ms`. */
function spread(ms: number): number {
  return ms * (1 + Math.random());
}
