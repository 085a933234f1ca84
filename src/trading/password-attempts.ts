/**
 * Tries at passwords, counted before a password is hashed. Passwords can be guessed, so unlike with a key also a right
 * one has to wait. There are three counts: of a network of addresses, of a name from one network, and of a name from
 * all networks together. The last does not apply to networks from which the name has logged in before, so that others'
 * guesses do not keep a user out at home.
 */
import { networkOf } from "../lib/ip-address.ts";
import { recall, remember } from "../lib/remember.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Tries of one network at once, and a second. */
const NETWORK_BURST = 20;
const NETWORK_PER_SECOND = 1;
/** Tries at one name from networks that it is not known from, at once, and a second: 8,640 a day. */
const NAME_BURST = 60;
const NAME_PER_SECOND = 0.1;
/** Tries at one name from one network before they have to wait; then twice as long after each. */
const PAIR_FREE = 5;
const PAIR_WAIT_MS = 1000;
const PAIR_WAIT_MS_MAX = 300_000;
/** Without a try for so long, the count of a name and network begins anew. */
const PAIR_FORGOTTEN_MS = 900_000;
/** How many of each kind are remembered; then the oldest are forgotten. */
const REMEMBERED_MAX = 65_536;

interface Pair {
  count: number;
  at: number;
}

/** Whether somebody of this name has logged in from there before. */
type IsKnown = (name: string, network: string) => boolean;

export class PasswordAttempts {
  readonly #isKnown: IsKnown;
  readonly #networks = new Map<string, TokenBucket>();
  readonly #names = new Map<number | bigint, TokenBucket>();
  readonly #pairs = new Map<number | bigint, Pair>();
  /** Names may be any text. They are kept as hashes with a random seed, so that nobody can aim at a certain hash. */
  readonly #seed = crypto.getRandomValues(new BigUint64Array(1))[0] as bigint;

  constructor(isKnown: IsKnown) {
    this.#isKnown = isKnown;
  }

  /**
   * Counts a try at `now`, milliseconds that never go back, as a wrong one: 0, or for how many milliseconds there is
   * to be none. The same for a name that exists and one that does not.
   */
  take(name: string, address: string, now: number): number {
    const network = networkOf(address);
    const [nameHash, pairHash] = this.#hashes(name, network);
    const before = this.#pairs.get(pairHash) ?? { count: 0, at: now };
    const since = now - before.at;
    const count = since >= PAIR_FORGOTTEN_MS ? 0 : before.count;
    const pause = count < PAIR_FREE ? 0 : PAIR_WAIT_MS * 2 ** Math.min(count - PAIR_FREE, 20);
    const pairWait = Math.max(0, Math.min(PAIR_WAIT_MS_MAX, pause) - since);
    if (pairWait > 0) return pairWait;
    const ofName = this.#isKnown(name, network)
      ? null
      : recall(
          this.#names,
          nameHash,
          REMEMBERED_MAX,
          () => new TokenBucket(NAME_PER_SECOND, NAME_BURST, now),
        );
    const nameWait = ofName?.wait(now) ?? 0;
    if (nameWait > 0) return nameWait;
    const networkWait = recall(
      this.#networks,
      network,
      REMEMBERED_MAX,
      () => new TokenBucket(NETWORK_PER_SECOND, NETWORK_BURST, now),
    ).take(now);
    if (networkWait > 0) return networkWait;
    ofName?.take(now);
    remember(this.#pairs, pairHash, { count: count + 1, at: now }, REMEMBERED_MAX);
    return 0;
  }

  /** A try was right: what was counted of the name from that network is forgotten. */
  right(name: string, address: string): void {
    const [, pairHash] = this.#hashes(name, networkOf(address));
    this.#pairs.delete(pairHash);
  }

  #hashes(name: string, network: string): [number | bigint, number | bigint] {
    const lower = name.toLowerCase();
    return [Bun.hash(lower, this.#seed), Bun.hash(`${network} ${lower}`, this.#seed)];
  }
}
