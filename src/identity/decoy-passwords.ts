/**
 * What stands in for a name that nobody has, so that it takes as long to check as one that somebody has, over memory that
 * is as likely to be at hand. Each name has its own, always the same, as a user would.
 */
import type { StoredPassword } from "./identity-tables.ts";

/** A power of two. */
const DECOYS = 1024;
const NOBODY = 0;

export class DecoyPasswords {
  readonly #names: string[] = [];
  readonly #byName = new Map<string, StoredPassword>();

  /** `hash` gives what looks like a hash and is nobody's password's. */
  constructor(hash: () => string) {
    for (let i = 0; i < DECOYS; i++) {
      const loginName = crypto.randomUUID();
      this.#names.push(loginName);
      const decoy = { userNumber: NOBODY, loginName, hash: hash(), changedAt: 0 };
      this.#byName.set(loginName, decoy);
    }
  }

  /** Found by name, as passwords are. */
  of(loginName: string): StoredPassword {
    const name = this.#names[Bun.hash.xxHash32(loginName) & (DECOYS - 1)] as string;
    return this.#byName.get(name) as StoredPassword;
  }
}
