/**
 * The key pairs (Ed25519) that sign the tokens of sessions. There is a new one every day. An old one is kept to check tokens
 * for as long as a session may last.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import type { Serial } from "../lib/serial.ts";
import type { IdentityFile } from "./identity-file.ts";
import type { IdentityKey } from "./identity-key.ts";
import {
  deleteSessionKey,
  insertSessionKey,
  type SealedSessionKey,
  selectSessionKeys,
} from "./session-tables.ts";

/** Longest life of a session, in milliseconds. The configuration allows no longer one. */
const SESSION_LIFETIME_MS_MAX = 30 * 86_400_000;
/** How long a key signs, milliseconds. */
const SIGNS_FOR_MS = 86_400_000;
const KID_BYTES = 8;

export interface SessionKey {
  /** Names the key in tokens. */
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export class SessionKeys {
  readonly #file: IdentityFile;
  readonly #writes: Serial;
  readonly #identityKey: IdentityKey;
  /** By kid, the oldest first. */
  readonly #keys = new Map<string, SessionKey>();
  #newest: SessionKey | null = null;

  private constructor(file: IdentityFile, writes: Serial, identityKey: IdentityKey) {
    this.#file = file;
    this.#writes = writes;
    this.#identityKey = identityKey;
  }

  /** Reads the keys of the file. One that `identityKey` did not seal cannot be used, and is removed. */
  static async load(
    file: IdentityFile,
    writes: Serial,
    identityKey: IdentityKey,
  ): Promise<SessionKeys> {
    const keys = new SessionKeys(file, writes, identityKey);
    for (const sealed of await selectSessionKeys(file.sql)) {
      const key = unsealed(sealed, identityKey);
      if (key === null) await file.write((sql) => deleteSessionKey(sql, sealed.kid));
      else keys.#put(key);
    }
    return keys;
  }

  find(kid: string): SessionKey | undefined {
    return this.#keys.get(kid);
  }

  /**
   * The key to sign with at `nowMs`, milliseconds since 1970. A new one is made when the last one is a day old, or when it
   * was made more than a day after `nowMs`, because the clock was set back.
   */
  current(nowMs: number): SessionKey | Promise<SessionKey> {
    if (this.#signsAt(nowMs)) return this.#newest as SessionKey;
    return this.#writes.run(async () => {
      if (!this.#signsAt(nowMs)) await this.#rotate(nowMs);
      return this.#newest as SessionKey;
    });
  }

  #signsAt(nowMs: number): boolean {
    return this.#newest !== null && Math.abs(nowMs - this.#newest.createdAt) < SIGNS_FOR_MS;
  }

  async #rotate(nowMs: number): Promise<void> {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const kid = randomBytes(KID_BYTES).toString("hex");
    const bytes = privateKey.export({ type: "pkcs8", format: "der" });
    const sealedKey = this.#identityKey.seal(bytes, contextOf(kid));
    const over = nowMs - SIGNS_FOR_MS - SESSION_LIFETIME_MS_MAX;
    const old = [...this.#keys.values()].filter(({ createdAt }) => createdAt < over);
    await this.#file.write(async (sql) => {
      await insertSessionKey(sql, { kid, sealedKey, createdAt: nowMs });
      for (const key of old) await deleteSessionKey(sql, key.kid);
    });
    this.#put({ kid, privateKey, publicKey, createdAt: nowMs });
    for (const key of old) this.#keys.delete(key.kid);
  }

  #put(key: SessionKey): void {
    this.#keys.set(key.kid, key);
    this.#newest = key;
  }
}

function unsealed(
  { kid, sealedKey, createdAt }: SealedSessionKey,
  identityKey: IdentityKey,
): SessionKey | null {
  const bytes = identityKey.unseal(sealedKey, contextOf(kid));
  if (bytes === null) return null;
  const privateKey = createPrivateKey({ key: bytes, type: "pkcs8", format: "der" });
  return { kid, privateKey, publicKey: createPublicKey(privateKey), createdAt };
}

function contextOf(kid: string): string {
  return `session key ${kid}`;
}
