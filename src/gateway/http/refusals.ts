/**
 * When refusals are sent. Those of one address go out one after the other, with pauses, so that very many connections
 * that ask again as soon as they are answered cost little. A user's refusals for his own limits are sent at once, until
 * they are too many.
 */
import { networkOf } from "../../lib/ip-address.ts";
import { remember } from "../../lib/remember.ts";
import type { Caller } from "../../trading/caller.ts";
import { TokenBucket } from "../../trading/token-bucket.ts";

/** How long a refusal is held back at least. Up to twice as long, so that those of many addresses spread out. */
export const REFUSAL_DELAY_MS = 300;
/** How long at most: Bun ends connections on which nothing happens for ten seconds. */
export const REFUSAL_DELAY_MS_MAX = 4000;
/** Refusals of one address or user that are sent. */
const PER_SECOND = 250;
/** How many refusals are held back at a time. More go out at once: their connections may have ended long ago. */
const HELD_MAX = 4096;
/** Refusals of one user that are sent without delay: so many a second, and so many after a pause. */
const USER_PER_SECOND = 100;
const USER_BURST = 200;
/** Addresses that are remembered; past it the oldest begin anew. */
const ADDRESSES_MAX = 65_536;

interface OfUser {
  readonly atOnce: TokenBucket;
  /** As `#nextAt` of an address. */
  nextAt: number;
}

export class Refusals {
  /** When the next may go out, by address. */
  readonly #nextAt = new Map<string, number>();
  readonly #ofUsers = new WeakMap<Caller["limits"], OfUser>();
  readonly #monotonic: () => number;
  #held = 0;

  /** `monotonic`: milliseconds since whenever, never set back. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Milliseconds for which to hold back a refusal of an address, `msMax` at most. */
  delayOfAddress(fullAddress: string, msMax = REFUSAL_DELAY_MS_MAX): number {
    const address = networkOf(fullAddress);
    const { delayMs, nextAt } = this.#delay(this.#nextAt.get(address) ?? 0, msMax);
    remember(this.#nextAt, address, nextAt, ADDRESSES_MAX);
    return delayMs;
  }

  /** As `delayOfAddress`, of a user with these limits; null until he has been refused too often. */
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

/** From `ms` to twice of it. */
function spread(ms: number): number {
  return ms * (1 + Math.random());
}
