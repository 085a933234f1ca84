/** Who may connect and try to log in: limits that guard the door itself. */
import { TokenBucket } from "./token-bucket.ts";

/** Wrong logins that one address may make at once, and a second. */
const LOGIN_FAILURES_BURST = 100;
const LOGIN_FAILURES_PER_SECOND = 10;
/** The same of one connection. */
export const CONNECTION_FAILURES_BURST = 10;
export const CONNECTION_FAILURES_PER_SECOND = 0.2;
/** Addresses remembered; past it the oldest are forgotten. */
const ADDRESSES_MAX = 65_536;

export class Admission {
  readonly #connectionsMax: number;
  readonly #perAddressMax: number;
  readonly #connections = new Map<string, number>();
  readonly #failures = new Map<string, TokenBucket>();
  #total = 0;

  /** `perAddressMax` 0: no limit. */
  constructor(connectionsMax: number, perAddressMax: number) {
    this.#connectionsMax = connectionsMax;
    this.#perAddressMax = perAddressMax;
  }

  get total(): number {
    return this.#total;
  }

  /** Counts a connection in; false when there are too many. */
  enter(address: string): boolean {
    const here = this.#connections.get(address) ?? 0;
    if (this.#total >= this.#connectionsMax) return false;
    if (this.#perAddressMax !== 0 && here >= this.#perAddressMax) return false;
    this.#connections.set(address, here + 1);
    this.#total++;
    return true;
  }

  leave(address: string): void {
    const here = this.#connections.get(address) ?? 0;
    if (here <= 1) this.#connections.delete(address);
    else this.#connections.set(address, here - 1);
    this.#total--;
  }

  /** A login from `address` failed: 0, or for how many milliseconds it should not try again. */
  loginFailed(address: string, now: number): number {
    let bucket = this.#failures.get(address);
    if (bucket === undefined) {
      bucket = new TokenBucket(LOGIN_FAILURES_PER_SECOND, LOGIN_FAILURES_BURST, now);
      this.#failures.set(address, bucket);
      if (this.#failures.size > ADDRESSES_MAX) {
        this.#failures.delete(this.#failures.keys().next().value as string);
      }
    }
    return bucket.take(now);
  }
}
