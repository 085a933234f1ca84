/**
 * Counts tries at passwords, before a password is hashed. Passwords can be guessed, so a right one has to wait as well,
 * unlike a key. There are three counts: for a network of addresses, for a name from one network, and for a name from all
 * networks together. The last one does not apply to networks from which the user has logged in before, so that other people's
 * guesses do not keep him out at home.
 */
import { networkOf } from "../lib/ip-address.ts";
import { recall, remember } from "../lib/remember.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Tries from one network at once, and how many a second after that. */
const NETWORK_BURST = 20;
const NETWORK_PER_SECOND = 1;
/** The same for one name, from all networks where it has never logged in; 0.1 a second are 8,640 a day. */
const NAME_BURST = 60;
const NAME_PER_SECOND = 0.1;
/** Tries at one name from one network without a wait. After each further one the wait doubles. */
const PAIR_FREE = 5;
const PAIR_WAIT_MS = 1000;
const PAIR_WAIT_MS_MAX = 300_000;
/** The count of a name and network begins anew after this time without a try. */
const PAIR_FORGOTTEN_MS = 900_000;
/** How many counts of each kind are remembered. When there are more, the oldest are forgotten. */
const REMEMBERED_MAX = 65_536;

/** Tries at one name from one network. */
interface Pair {
  count: number;
  /** Time of the last one. */
  at: number;
}

/** Whether the user of this name has logged in from this network before. */
type IsKnown = (name: string, network: string) => boolean;

export class PasswordAttempts {
  readonly #isKnown: IsKnown;
  readonly #networks = new Map<string, TokenBucket>();
  readonly #names = new Map<number | bigint, TokenBucket>();
  readonly #pairs = new Map<number | bigint, Pair>();
  /** Names may be any text, so their hashes are kept. The random seed keeps people from choosing a name with a certain hash. */
  readonly #seed = crypto.getRandomValues(new BigUint64Array(1))[0] as bigint;

  constructor(isKnown: IsKnown) {
    this.#isKnown = isKnown;
  }

  /**
   * Counts a try at `now`, milliseconds by a clock that is never set back, as if the password were wrong. Returns 0, or how
   * many milliseconds to wait before the next try; the password must not be checked then. It makes no difference whether the
   * name exists.
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
    const isKnown = this.#isKnown(name, network);
    const nameWait = isKnown ? 0 : (this.#names.get(nameHash)?.wait(now) ?? 0);
    if (nameWait > 0) return nameWait;
    const networkWait = recall(
      this.#networks,
      network,
      REMEMBERED_MAX,
      () => new TokenBucket(NETWORK_PER_SECOND, NETWORK_BURST, now),
    ).take(now);
    if (networkWait > 0) return networkWait;
    // Only now is a name remembered: otherwise refused tries at other names would push out the count of this one.
    const create = (): TokenBucket => new TokenBucket(NAME_PER_SECOND, NAME_BURST, now);
    if (!isKnown) recall(this.#names, nameHash, REMEMBERED_MAX, create).take(now);
    remember(this.#pairs, pairHash, { count: count + 1, at: now }, REMEMBERED_MAX);
    return 0;
  }

  /** The password was right: forgets the count of this name from this network. */
  right(name: string, address: string): void {
    const [, pairHash] = this.#hashes(name, networkOf(address));
    this.#pairs.delete(pairHash);
  }

  #hashes(name: string, network: string): [number | bigint, number | bigint] {
    const lower = name.toLowerCase();
    return [Bun.hash(lower, this.#seed), Bun.hash(`${network} ${lower}`, this.#seed)];
  }
}
