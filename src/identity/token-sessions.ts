/**
 * The sessions that there are. A token whose session is not here is not accepted, whoever signed it. Part of the identity
 * store. A session begins when it is on the disk, and ends at once.
 */
import { randomBytes } from "node:crypto";
import type { SQL } from "bun";
import type { Serial } from "../lib/serial.ts";
import type { IdentityFile } from "./identity-file.ts";
import { deleteSessions, insertSession, selectSessions } from "./session-tables.ts";
import type { TokenSession } from "./token-session.ts";

/** Sessions of a user. When one more begins, his oldest ends. */
const SESSIONS_PER_USER_MAX = 64;
const ID_BYTES = 16;

export class TokenSessions {
  readonly #file: IdentityFile;
  readonly #writes: Serial;
  /** By id, the oldest first. */
  readonly #sessions = new Map<string, TokenSession>();
  readonly #byUser = new Map<number, Set<TokenSession>>();
  readonly #listeners: ((session: TokenSession) => void)[] = [];

  private constructor(file: IdentityFile, writes: Serial) {
    this.#file = file;
    this.#writes = writes;
  }

  /** Reads the sessions of the file, and removes those that have expired at `nowMs`, milliseconds since 1970. */
  static async load(file: IdentityFile, writes: Serial, nowMs: number): Promise<TokenSessions> {
    const sessions = new TokenSessions(file, writes);
    const all = await selectSessions(file.sql);
    const over = all.filter(({ expiresAt }) => expiresAt <= nowMs);
    if (over.length > 0) await file.write((sql) => deleteSessions(sql, over));
    for (const session of all) if (session.expiresAt > nowMs) sessions.#put(session);
    return sessions;
  }

  get(id: string): TokenSession | undefined {
    return this.#sessions.get(id);
  }

  /**
   * Begins a session. Resolves when it is on the disk. Sessions of the user that have expired or are too many end. `stands` is
   * called when it is this write's turn; if it returns false, no session begins and this resolves with null.
   */
  begin(
    userNumber: number,
    apiKey: string | null,
    createdAt: number,
    expiresAt: number,
    stands: () => boolean,
  ): Promise<TokenSession | null> {
    return this.#writes.run(async () => {
      if (!stands()) return null;
      const id = randomBytes(ID_BYTES).toString("hex");
      const session: TokenSession = { id, userNumber, apiKey, createdAt, expiresAt };
      const own = this.of(userNumber);
      const excess = own.length + 1 - SESSIONS_PER_USER_MAX;
      const ended = own.filter((each, i) => each.expiresAt <= createdAt || i < excess);
      await this.#file.write(async (sql) => {
        await insertSession(sql, session);
        await deleteSessions(sql, ended);
      });
      this.#forget(ended);
      this.#put(session);
      return session;
    });
  }

  /** Ends a session for good. It may have ended already. Rejects with `UntilRestart` when the disk does not take it. */
  end(session: TokenSession): Promise<void> {
    return this.#writes.run(() => this.drop([session], "The session has ended"));
  }

  /** Sessions of a user, the oldest first. */
  of(userNumber: number): TokenSession[] {
    return [...(this.#byUser.get(userNumber) ?? [])];
  }

  /** From now on, calls `listener` with each session right after it has ended. */
  onEnded(listener: (session: TokenSession) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Ends sessions at once, and writes that in one transaction with `write`. `done` says what is so then. Only for a caller
   * whose turn to write it is already. Rejects with `UntilRestart` when the disk does not take it.
   */
  async drop(
    sessions: readonly TokenSession[],
    done: string,
    write: (sql: SQL) => Promise<void> = async () => undefined,
  ): Promise<void> {
    this.#forget(sessions);
    await this.#file.take(done, async (sql) => {
      await write(sql);
      await deleteSessions(sql, sessions);
    });
  }

  #forget(sessions: readonly TokenSession[]): void {
    const known = sessions.filter(({ id }) => this.#sessions.has(id));
    for (const session of known) {
      this.#sessions.delete(session.id);
      const own = this.#byUser.get(session.userNumber);
      own?.delete(session);
      if (own?.size === 0) this.#byUser.delete(session.userNumber);
      for (const listener of this.#listeners) listener(session);
    }
  }

  #put(session: TokenSession): void {
    this.#sessions.set(session.id, session);
    const own = this.#byUser.get(session.userNumber) ?? new Set();
    this.#byUser.set(session.userNumber, own.add(session));
  }
}
