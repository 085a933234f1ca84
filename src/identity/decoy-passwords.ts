/**
 * Decoys that are checked in place of passwords of users who do not exist. So refusing an unknown name takes as long as
 * refusing a wrong password. The same name always gets the same decoy, so that its memory is as likely to be in the
 * processor's cache as a real user's.
 */
import type { StoredPassword } from "./identity-tables.ts";

/** A power of two. */
const DECOYS = 1024;
const NOBODY = 0;

export class DecoyPasswords {
  readonly #names: string[] = [];
  readonly #byName = new Map<string, StoredPassword>();

  /** `hash` returns a text that looks like a password's hash, but belongs to no password. */
  constructor(hash: () => string) {
    for (let i = 0; i < DECOYS; i++) {
      const loginName = crypto.randomUUID();
      this.#names.push(loginName);
      const decoy = { userNumber: NOBODY, loginName, hash: hash(), changedAt: 0 };
      this.#byName.set(loginName, decoy);
    }
  }

  /** The decoy for a name that nobody has. It is looked up by name, as a real one is. */
  of(loginName: string): StoredPassword {
    const name = this.#names[Bun.hash.xxHash32(loginName) & (DECOYS - 1)] as string;
    return this.#byName.get(name) as StoredPassword;
  }
}
