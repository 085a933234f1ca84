/**
 * Hashes and checks passwords with argon2id, in another thread than the one that trades, and a bounded number at a time. A
 * hash takes 19 MiB and about 30 ms of a processor. So when many are asked for, they wait in a queue, and when the queue is
 * full they are refused at once.
 */
import { randomBytes } from "node:crypto";
import { DecoyPasswords } from "./decoy-passwords.ts";
import type { StoredPassword } from "./identity-tables.ts";

/** OWASP's recommendation for argon2id: 19 MiB, 2 passes, 1 lane. */
const COSTS = { algorithm: "argon2id" as const, memoryCost: 19_456, timeCost: 2 };
/** Bytes of a hash, and also of its salt, as `Bun.password` makes them. */
const HASH_BYTES = 32;
/** Length of these bytes in base64 without padding. */
const HASH_CHARACTERS = 43;
/** How many are computed at once. The other threads of the runtime are needed for the disk. */
const RUNNING_MAX = 1;
/** How many passwords may wait, and how many of these may come from one network of addresses. */
const WAITING_MAX = 64;
const WAITING_PER_NETWORK_MAX = 8;

/** Too many passwords wait already. The caller should try again later. */
export class PasswordsBusy extends Error {
  override readonly name = "PasswordsBusy";
}

interface Waiting {
  readonly network: string;
  start(): void;
}

export class PasswordHashing {
  readonly #waiting: Waiting[] = [];
  #running = 0;
  readonly #costs: typeof COSTS;
  #decoys: DecoyPasswords | null = null;

  constructor(costs: Partial<Omit<typeof COSTS, "algorithm">> = {}) {
    this.#costs = { ...COSTS, ...costs };
  }

  /** How many passwords are being computed or wait. */
  get size(): number {
    return this.#running + this.#waiting.length;
  }

  /** The hash of a password that came from `network`. Rejects with `PasswordsBusy`. */
  hash(password: string, network: string): Promise<string> {
    return this.#queued(network, () => Bun.password.hash(normal(password), this.#costs));
  }

  /** Whether `hash` is the hash of this password. Otherwise as `hash`. */
  verify(password: string, hash: string, network: string): Promise<boolean> {
    return this.#queued(network, () => Bun.password.verify(normal(password), hash));
  }

  /**
   * What to check in place of the password of a user who does not exist. All decoys are made at the first call, which every
   * check makes, so the time tells nobody whether the user exists.
   */
  decoyOf(loginName: string): StoredPassword {
    this.#decoys ??= new DecoyPasswords(() => this.#decoyHash());
    return this.#decoys.of(loginName);
  }

  /** A random salt and a random hash. Checking it takes as long as any other, and nobody knows a password for it. */
  #decoyHash(): string {
    const { algorithm, memoryCost, timeCost } = this.#costs;
    const random = randomBytes(2 * HASH_BYTES);
    const part = (start: number): string =>
      random.toString("base64", start, start + HASH_BYTES).slice(0, HASH_CHARACTERS);
    return `$${algorithm}$v=19$m=${memoryCost},t=${timeCost},p=1$${part(0)}$${part(HASH_BYTES)}`;
  }

  async #queued<T>(network: string, compute: () => Promise<T>): Promise<T> {
    await this.#turn(network);
    try {
      return await compute();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next.start();
    }
  }

  #turn(network: string): Promise<void> {
    if (this.#running < RUNNING_MAX) {
      this.#running++;
      return Promise.resolve();
    }
    const own = this.#waiting.filter((each) => each.network === network).length;
    if (this.#waiting.length >= WAITING_MAX || own >= WAITING_PER_NETWORK_MAX) {
      throw new PasswordsBusy("too many passwords are being checked");
    }
    return new Promise((start) => this.#waiting.push({ network, start }));
  }
}

/** The same characters may be typed as different code points on two keyboards, and must be the same password. */
function normal(password: string): string {
  return password.normalize("NFKC");
}
