/**
 * The passwords of users, by name. Part of the identity store. A user's first password counts when it is on the disk. A
 * change takes the old password away, so it counts at once.
 */
import type { SQL } from "bun";
import type { Serial } from "../lib/serial.ts";
import { type StoredPassword, selectPasswords, updatePassword } from "./identity-tables.ts";
import type { PasswordHashing } from "./passwords.ts";
import type { TokenSession } from "./token-session.ts";
import type { TokenSessions } from "./token-sessions.ts";
import { userId } from "./user.ts";

export class UserPasswords {
  /** Computes and checks what is kept of passwords. */
  readonly hashing: PasswordHashing;
  readonly #writes: Serial;
  readonly #sessions: TokenSessions;
  readonly #byUser = new Map<number, StoredPassword>();
  /** By the name in lower case. */
  readonly #byName = new Map<string, StoredPassword>();

  private constructor(writes: Serial, sessions: TokenSessions, hashing: PasswordHashing) {
    this.#writes = writes;
    this.#sessions = sessions;
    this.hashing = hashing;
  }

  static async load(
    sql: SQL,
    writes: Serial,
    sessions: TokenSessions,
    hashing: PasswordHashing,
  ): Promise<UserPasswords> {
    const passwords = new UserPasswords(writes, sessions, hashing);
    for (const password of await selectPasswords(sql)) passwords.put(password);
    return passwords;
  }

  /** How many users have a password. */
  get count(): number {
    return this.#byUser.size;
  }

  /** All passwords. Only for the store. */
  all(): StoredPassword[] {
    return [...this.#byUser.values()];
  }

  /** An object that changes with each change of the user's password; undefined: he has none. */
  mark(userNumber: number): object | undefined {
    return this.#byUser.get(userNumber);
  }

  /**
   * Checks a name and password that came from `network`. Resolves with the user's number. Resolves with null when there is no
   * such user (which takes as long), when the password is wrong, or when it was changed during the check. Rejects with
   * `PasswordsBusy`.
   */
  async verify(name: string, password: string, network: string): Promise<number | null> {
    const loginName = name.toLowerCase();
    const decoy = this.hashing.decoyOf(loginName);
    const stored = this.#byName.get(loginName) ?? decoy;
    const isRight = await this.hashing.verify(password, stored.hash, network);
    if (!isRight || stored === decoy) return null;
    return this.#byUser.get(stored.userNumber) === stored ? stored.userNumber : null;
  }

  /**
   * Gives a user the password with this hash. His sessions end, except `kept` if there is one. Resolves with false, and
   * changes nothing, when `kept` has ended or when the password was changed since `mark` was read. Rejects with `UntilRestart`
   * when the disk does not take it; until a restart the password is then the new one, and the sessions have ended.
   */
  change(
    userNumber: number,
    hash: string,
    mark: object,
    kept: TokenSession | null,
  ): Promise<boolean> {
    const sessions = this.#sessions;
    return this.#writes.run(async () => {
      const before = this.#byUser.get(userNumber);
      if (before === undefined || before !== mark) return false;
      if (kept !== null && sessions.get(kept.id) === undefined) return false;
      const password = { ...before, hash, changedAt: Date.now() };
      const others = sessions.of(userNumber).filter(({ id }) => id !== kept?.id);
      this.put(password);
      const done = `The old password of ${userId(userNumber)} logs nobody in`;
      await sessions.drop(others, done, (sql) => updatePassword(sql, password));
      return true;
    });
  }

  /** Sets a password in memory. Only for the store. */
  put(password: StoredPassword): void {
    this.#byUser.set(password.userNumber, password);
    this.#byName.set(password.loginName, password);
  }
}
