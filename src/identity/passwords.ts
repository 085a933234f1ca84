/**
 * Passwords: argon2id, computed beside the thread that trades, a bounded number at a time. Each hash takes 19 MiB and some
 * 30 ms of a processor, so that whoever asks for many of them waits, and then is refused, before anything is computed.
 */
import { randomBytes } from "node:crypto";
import { DecoyPasswords } from "./decoy-passwords.ts";
import type { StoredPassword } from "./identity-tables.ts";

/** OWASP's recommendation for argon2id: 19 MiB, 2 passes, 1 lane. */
const COSTS = { algorithm: "argon2id" as const, memoryCost: 19_456, timeCost: 2 };
/** Bytes of a hash and of its salt, as `Bun.password` makes them. */
const HASH_BYTES = 32;
/** In base64 without the sign of its end. */
const HASH_CHARACTERS = 43;
/** How many are computed at once: the other threads are left to the disk. */
const RUNNING_MAX = 1;
/** How many passwords wait; and how many of one network of addresses. */
const WAITING_MAX = 64;
const WAITING_PER_NETWORK_MAX = 8;

/** Too many wait already: the caller is to try again later. */
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

  /** How many are being computed or wait. */
  get size(): number {
    return this.#running + this.#waiting.length;
  }

  /** The hash of a password, for one at `network`. Rejects with `PasswordsBusy`. */
  hash(password: string, network: string): Promise<string> {
    return this.#queued(network, () => Bun.password.hash(normal(password), this.#costs));
  }

  /** Whether it is the password. As `hash` otherwise. */
  verify(password: string, hash: string, network: string): Promise<boolean> {
    return this.#queued(network, () => Bun.password.verify(normal(password), hash));
  }

  /** What to compare for a name that there is not. All are made for the first check, whoever's it is. */
  decoyOf(loginName: string): StoredPassword {
    this.#decoys ??= new DecoyPasswords(() => this.#decoyHash());
    return this.#decoys.of(loginName);
  }

  /** Chance instead of a salt and a hash: as long in the checking as any, and no password is known to give it. */
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

/** What is typed in two ways on two keyboards is one password. */
function normal(password: string): string {
  return password.normalize("NFKC");
}
