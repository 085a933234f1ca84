/** The public keys of an issuer of tokens (JWKS), read from a file or from an address, and kept up to date. */
import { readFileSync, statSync } from "node:fs";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";
import { findHost } from "../lib/find-host.ts";
import { gathered } from "../lib/gathered.ts";

export interface IssuerKeys {
  /** Changes whenever the keys change. */
  readonly version: number;
  /**
   * Brings the keys up to date. `nowMs`: the time, milliseconds since 1970. Returns a promise only when the caller has to
   * wait for an answer.
   */
  refresh(nowMs: number): void | Promise<void>;
  /** Finds a token's key for `jwtVerify`. Throws as jose does, or the reason why there are no keys. */
  readonly find: JWTVerifyGetKey;
}

/** A file is looked at again after this time. */
const FILE_COOLDOWN_MS = 1000;
const KEYS_TIMEOUT_MS = 5000;
/** An answer that is longer is no key set. */
const KEYS_BYTES_MAX = 1024 * 1024;
/** An address is asked again when its keys are this old. */
const KEYS_KEPT_MS = 600_000;
/** Least time between two requests, when a key is not known or the last request failed. */
const KEYS_COOLDOWN_MS = 30_000;
/** The same while the address has not given any keys yet. */
const FIRST_COOLDOWN_MS = 1000;

/** Keys from a file. They are read at once, and again when the file has changed. If that fails, the keys stay as they are. */
export class FileKeys implements IssuerKeys {
  version = 0;
  readonly #path: string;
  #keys: ReturnType<typeof createLocalJWKSet>;
  #state: string;
  #lookedAt = 0;

  /** Throws when the file cannot be read or has no keys. */
  constructor(path: string) {
    this.#path = path;
    const { keys, state } = readKeys(path);
    this.#keys = keys;
    this.#state = state;
  }

  refresh(nowMs: number): void {
    if (Math.abs(nowMs - this.#lookedAt) < FILE_COOLDOWN_MS) return;
    this.#lookedAt = nowMs;
    try {
      if (stateOf(this.#path) === this.#state) return;
      const { keys, state } = readKeys(this.#path);
      this.#keys = keys;
      this.#state = state;
      this.version++;
    } catch {
      // Perhaps the file is being replaced just now. The next look reads it.
    }
  }

  readonly find: JWTVerifyGetKey = (header, token) => this.#keys(header, token);
}

/** Keys from an address. If it does not answer, the last keys stay in use, and later logins do not wait for it. */
export class AddressKeys implements IssuerKeys {
  version = 0;
  /** Asks the address only when `reload` is called. */
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  /** The last answer; empty before the first one. */
  #text = "";
  /** Why the last request that failed did; null: none has. */
  #fault: unknown = null;
  /** Time of the last `refresh`; like the others, milliseconds since 1970. */
  #now = 0;
  #askedAt = 0;
  #answeredAt = 0;

  /** `timeoutMs`: how long an answer may take to its last byte. */
  constructor(address: string, timeoutMs = KEYS_TIMEOUT_MS) {
    this.#keys = createRemoteJWKSet(new URL(address), {
      timeoutDuration: timeoutMs,
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: Number.POSITIVE_INFINITY,
      [customFetch]: fetchBounded,
    });
  }

  refresh(nowMs: number): void | Promise<void> {
    this.#now = nowMs;
    if (Math.abs(nowMs - this.#answeredAt) < KEYS_KEPT_MS || !this.#mayAsk()) return;
    const isWaitedFor = this.#text === "" || Math.abs(nowMs - this.#askedAt) >= KEYS_KEPT_MS;
    const asked = this.#ask();
    if (isWaitedFor) return asked;
  }

  readonly find: JWTVerifyGetKey = async (header, token) => {
    // Without any keys, a login waits for the answer that is under way.
    if (this.#text === "" && this.#keys.reloading) await this.#ask();
    if (this.#text === "") throw this.#fault;
    try {
      return await this.#keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayAsk()) throw error;
      await this.#ask();
      return await this.#keys(header, token);
    }
  };

  #mayAsk(): boolean {
    const pause = this.#text === "" ? FIRST_COOLDOWN_MS : KEYS_COOLDOWN_MS;
    return Math.abs(this.#now - this.#askedAt) >= pause;
  }

  async #ask(): Promise<void> {
    const now = this.#now;
    this.#askedAt = now;
    try {
      await this.#keys.reload();
      const text = JSON.stringify(this.#keys.jwks());
      if (text !== this.#text) this.version++;
      this.#text = text;
      this.#answeredAt = now;
    } catch (error) {
      this.#fault = error;
    }
  }
}

/** Fetches an answer and reads all of it. Rejects when it is too long. */
async function fetchBounded(address: string, options: RequestInit): Promise<Response> {
  await findHost(address, options.signal);
  const { status, body } = await fetch(address, options);
  const whole = await gathered(body, (bytes) => {
    if (bytes > KEYS_BYTES_MAX) throw new Error(`the answer has more than ${KEYS_BYTES_MAX} bytes`);
  });
  return new Response(whole, { status });
}

/**
 * Differs whenever the file has been changed or replaced. The time of its last change is not enough: tools that put files in
 * place often give them the time that the old one had.
 */
function stateOf(path: string): string {
  const { ino, size, mtimeMs, ctimeMs } = statSync(path);
  return [ino, size, mtimeMs, ctimeMs].join(" ");
}

function readKeys(path: string) {
  try {
    // Asked for before the file is read: a change in between is then noticed at the next look.
    const state = stateOf(path);
    const keys = createLocalJWKSet(JSON.parse(readFileSync(path, "utf8")) as JSONWebKeySet);
    return { keys, state };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`gateway.auth.jwt_keys: ${path} is no JSON Web Key Set: ${reason}`, {
      cause: error,
    });
  }
}
